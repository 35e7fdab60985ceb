// Package node is the in-process node: it puts Whisper v6 (EIP-627) on a devp2p server, starts and stops both, and tells
// how they stand to the network.
//
// It adds what neither layer can know alone: which connected peers have completed the Whisper handshake, how much the node
// receives (everything, or only what concerns its owner), and what that costs a day.
package node
