package chats

import (
	"context"
	"crypto/ecdsa"
	"time"
)

// Channel is where a conversation lives on the wire that shares a name: the Whisper topic and the symmetric key that follow
// from it (Status spec 3/WHISPER-USAGE). The name is a public channel's, or a secret that two people share. The key takes about 12 ms to derive; it is derived once and stored.
type Channel struct {
	Topic [4]byte
	Key   [32]byte
}

// Delivery is one envelope that a subscription opened. Everything in it but Hash, Received and Peer was chosen by its sender.
type Delivery struct {
	Hash    [32]byte         // of the envelope
	Payload []byte           // what was sealed
	Signer  *ecdsa.PublicKey // nil if the envelope was not signed
	Sent    time.Time        // expiry minus time to live
	Peer    string           // enode URL or node id of whoever handed it over; may be empty
}

// Sealed is an envelope that is ready to go out.
type Sealed struct {
	Hash    [32]byte
	Raw     []byte    // RLP of the envelope (EIP-627)
	Expires time.Time // from then on no peer accepts it
}

// OutcomeKind is what became of a posted envelope at one peer.
type OutcomeKind int

// The outcomes. Written stands only for peers that send no confirmations: from others Accepted or Refused follows.
const (
	Written    OutcomeKind = iota + 1 // handed to a peer without confirmations
	AcceptedBy                        // a peer acknowledged the batch that held it
	RefusedBy                         // a peer answered that it does not take it
	EchoedBy                          // a peer sent it back to us: it has it
	NobodyTook                        // it expired; Peer is empty. Whether anybody took it earlier is for the caller to know
)

// Outcome is one step of a posted envelope.
type Outcome struct {
	Kind OutcomeKind
	Peer string // enode URL or node id
	Text string // a peer's reason, with RefusedBy; not trusted

	Mail  bool          // with AcceptedBy: by a mailserver of ours
	Keeps time.Duration // with Mail: it promised to have stored what it acknowledges, and for how long; 0: it promises nothing
}

// Transport is the node as conversations need it. All methods may be called from any goroutine.
type Transport interface {
	// Subscribe hands what arrives on a channel to handle, one at a time, until cancel is called. handle may block: that
	// delays later deliveries and loses none. After cancel returns handle is not called again.
	Subscribe(ch Channel, handle func(Delivery)) (cancel func(), err error)
	// SubscribePrivate is Subscribe for what is encrypted to a key, on a topic that others use, too.
	SubscribePrivate(topic [4]byte, key *ecdsa.PrivateKey, handle func(Delivery)) (cancel func(), err error)
	// SealTo is Seal for what only the owner of a key opens.
	SealTo(ctx context.Context, topic [4]byte, to *ecdsa.PublicKey, payload []byte, signer *ecdsa.PrivateKey) (Sealed, error)
	// Seal encrypts payload for the channel and signs it. It searches proof of work and ends early when ctx ends.
	Seal(ctx context.Context, ch Channel, payload []byte, signer *ecdsa.PrivateKey) (Sealed, error)
	// Post puts an envelope into the pool and tells observe what becomes of it, on the transport's goroutines; observe
	// does not block.
	Post(s Sealed, observe func(Outcome)) error
	// Peers is the number of peers with a completed Whisper handshake.
	Peers() int
	// Now is the time that sealing and judging use: this computer's clock, corrected by what peers told.
	Now() time.Time
}
