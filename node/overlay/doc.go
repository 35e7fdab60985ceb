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
// # Finding peers
//
// A client without peers enough (Status spec 1/CLIENT: two to three relays and one mailserver) fills its pool, first from the
// nodes that an earlier run found, then from those that it looks up: with discovery v5.1 from its boot nodes on, and in signed
// lists in the DNS (EIP-1459). With enough it looks for no more and closes what it had open, until a relay or its mailserver
// goes. Nodes that a person named are kept connected besides, and count. With Search.StaticOnly nothing else ever happens.
//
// Status's discovery of 2019 let nodes register topics, whisper and whispermail. It is not spoken here, nor anywhere any more:
// discovery v5.1 cannot talk to it and has no topics. Entries of the node record (EIP-778) stand for them: shh, a number, the
// version of Whisper that a relay speaks (6), and mail, for how many seconds a mailserver keeps envelopes. Only nodes that do
// something for others have them, or an address: a client asks under a key of the moment, with a record that leads nowhere, so
// that nobody is sent to it and nobody learns its node key from its questions.
//
// A node with roles looks for nobody. With Search.Discovery it answers on UDP for as long as it runs, and makes itself known to
// its boot nodes. Discovery takes no record with a UDP port of the first 1024 (as go-ethereum has it everywhere), so a node on
// port 443 answers on UDP port 30303, and its enode URL says so (discport). Nor does it hand on addresses of the ranges that
// are kept for documentation, or private ones to askers who are not in the same network themselves.
//
// What strangers say of nodes is bounded: how many are remembered, how many of them from one source, and of those that are
// dialled the next one is rather from another neighbourhood than any before. Addresses that could not be reached are remembered,
// to be shown (see Server.Tried).
//
// Everything that is refused is counted under a name (see Stats).
package overlay
