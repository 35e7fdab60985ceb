package mailserver

import (
	"context"

	"sotto/node/whisper"
)

// Stored is one envelope of an archive.
type Stored struct {
	Sent  uint32 // Unix seconds: expiry minus time to live
	Hash  whisper.Hash
	Topic whisper.Topic
	Raw   []byte // RLP of the envelope (EIP-627)
}

// Query asks an archive for envelopes sent from Lower to Upper, both included, on Topics, or, where there are none, on those
// that Bloom lets through.
type Query struct {
	Lower, Upper uint32 // Unix seconds
	Topics       []whisper.Topic
	Bloom        whisper.Bloom // looked at where Topics is empty
	After        *Cursor       // only what comes after it; nil: from the beginning
	Limit        int           // envelopes, at least 1
	Bytes        int           // of RLP, after which no further envelope is added; the first comes whatever its size
}

// Size tells how much an archive holds.
type Size struct {
	Envelopes int64
	Bytes     int64  // of RLP
	Oldest    uint32 // Unix seconds at which the oldest was sent; 0 where there is none
}

// Archive keeps envelopes for those who are away. Its methods may be called from any goroutine.
type Archive interface {
	// Put stores envelopes, those that are new, all or none of them. When it returns without an error they survive the loss
	// of power.
	Put(ctx context.Context, envelopes []Stored) error
	// Find returns envelopes in the order of their sent time, ties by hash, and whether there are more.
	Find(ctx context.Context, q Query) (found []Stored, more bool, err error)
	// Prune removes what was sent before a time in Unix seconds, and then the oldest until at most so many bytes are left
	// (0: any number). It works in small steps, so that nobody waits for it, and says how many envelopes went.
	Prune(ctx context.Context, before uint32, bytes int64) (removed int64, err error)
	// Size tells how much there is.
	Size(ctx context.Context) (Size, error)
	// Close ends the use of the archive.
	Close() error
}
