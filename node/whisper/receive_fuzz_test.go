package whisper

import (
	"bytes"
	"testing"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// FuzzPackets lets a trusted peer send any packet. Whatever comes, nothing panics and the pool keeps its bounds.
func FuzzPackets(f *testing.F) {
	e := &Envelope{Expiry: 1 << 31, TTL: 1 << 30, Topic: Topic{1}, Data: make([]byte, 300)}
	f.Add(uint8(CodeMessages), EncodeMessages([][]byte{e.Encode(), e.Encode()}))
	f.Add(uint8(CodePoW), EncodePoW(0.002))
	f.Add(uint8(CodeBloom), EncodeBloom(FullBloom()))
	f.Add(uint8(CodeRateLimits), EncodeRateLimits(RateLimits{1, 2, 3}))
	f.Add(uint8(CodeBatchAck), EncodeBatchAck(Hash{1}))
	f.Add(uint8(CodeMessageResponse), EncodeMessageResponse(MessageResponse{Errors: []EnvelopeError{{Text: "no"}}}))
	f.Add(uint8(CodeDirect), EncodeDirect([][]byte{e.Encode()}))
	f.Add(uint8(CodeRequest), EncodeRequest(Request{Open: &OpenRequest{Limit: 10}}))
	f.Add(uint8(CodeRequestComplete), EncodeRequestComplete(RequestComplete{ID: Hash{1}}))
	f.Add(uint8(99), []byte("garbage"))
	f.Fuzz(func(t *testing.T, code uint8, payload []byte) {
		w := New(Config{MinPoW: -1, Confirmations: true, PoolBytes: 1 << 20})
		w.OnRequest(func(enode.ID, Request) {})
		p := nobody(w)
		p.owed.Store(1)
		w.Trust(p.id)
		w.subscribeFor(t, SymKey{1}, Topic{1})
		for range 2 {
			msg := p2p.Msg{Code: uint64(code), Size: uint32(len(payload)), Payload: bytes.NewReader(payload)}
			_ = p.handle(t.Context(), msg)
		}
		if s := w.Stats(); s.Pool.Bytes > s.Pool.Limit {
			t.Errorf("pool %+v", s.Pool)
		}
	})
}
