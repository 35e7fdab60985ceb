// Package whisper is the transport privacy layer: Whisper v6 as EIP-627 describes it, with the extensions of
// Status spec 3/WHISPER-USAGE (confirmations, rate limits, direct messages from mailservers).
//
// A message is padded, signed, encrypted and put into an [Envelope] that says nothing but a four-byte [Topic], a
// time to live and a proof of work. Envelopes are flooded from peer to peer; whoever holds the key that a topic
// stands for opens them, everybody else hands them on without being able to.
//
// What the package promises:
//
//   - Bytes from the network never panic and never allocate more than a small multiple of their own length. Every
//     exported Decode, Parse and Split function has a fuzz target.
//   - What [Seal] writes, go-ethereum 1.9.20 and status-go open, and the other way round: the encodings are pinned
//     byte for byte by recorded vectors.
//   - Nothing reads a clock or a random source of its own; both are handed in. With the same ones the same bytes
//     come out, so callers outside tests pass crypto/rand.
//   - No key appears in an error or, printed with any verb, in a log.
//   - Where the deployed nodes differ from EIP-627, the wire follows the deployed nodes and the comment says so.
//
// The codec (topic, key, bloom, envelope, pow, seal, plaintext, open, packet, status) is free of state. The rest
// runs it: pool, peers, relaying, filters.
package whisper
