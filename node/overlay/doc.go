// Package overlay is the peer-to-peer layer: a devp2p server that carries whatever protocols its caller gives it.
//
// It stands on go-ethereum's p2p (RLPx with the EIP-8 handshake, devp2p version 5) and replaces three of its habits that
// hurt a group running a network of its own:
//
//   - p2p lets an address in once in 30 seconds, which locks out an office behind one NAT. Listener and limits are ours:
//     slots for pending handshakes, in all and per address (a /64 for IPv6), and a rate per address. So that one address
//     does not take all places, either, it gets half of them.
//   - p2p dials a static peer again no sooner than 35 seconds after the last try. Dialling is ours: at once after a lost
//     connection, then with back-off, and at once again when the computer woke up or its network changed.
//   - p2p resolves a host name once it has a place in its queue. Ours is resolved with each dial.
//
// Everything that is refused is counted under a name (see Stats).
package overlay
