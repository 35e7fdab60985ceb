package whisper

import (
	"encoding/binary"
	"testing"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// What waits for a peer that never confirms, or never reads, is bounded.
func TestWaitingConfirmationsAreBounded(t *testing.T) {
	w := New(Config{Confirmations: true})
	p := nobody(w)
	var h Hash
	for n := range uint32(3 * mostBatches) {
		binary.BigEndian.PutUint32(h[:], n)
		p.batches.add(h, []*entry{{}})
		if n%2 == 0 {
			p.batches.answer(h)
		}
		p.answer(h[:], nil)
	}
	if len(p.batches.byHash) > mostBatches || len(p.batches.order) > mostBatches {
		t.Errorf("%d batches, %d in order", len(p.batches.byHash), len(p.batches.order))
	}
	if p.batches.answer(h) == nil {
		t.Error("the last is not there")
	}
	if len(p.answers) != mostAnswers {
		t.Errorf("%d answers", len(p.answers))
	}
	if n := w.Stats().Refused[ReasonBacklog].Envelopes; n != 3*mostBatches-mostAnswers {
		t.Errorf("counted %d", n)
	}
}

// A peer that left has left nothing but its envelopes.
func TestLeavingFreesTheSlot(t *testing.T) {
	w := New(Config{})
	w.Start()
	t.Cleanup(w.Stop)
	for range 5 {
		near, far := p2p.MsgPipe()
		ended := make(chan error, 1)
		go func() { ended <- w.run(p2p.NewPeer(enode.ID{1}, "", nil), far) }()
		status, err := near.ReadMsg()
		if err != nil || status.Discard() != nil {
			t.Fatal(err)
		}
		if err := p2p.Send(near, CodeStatus, []uint{ProtocolVersion}); err != nil {
			t.Fatal(err)
		}
		if err := p2p.Send(near, CodeMessages, []uint{}); err != nil { // taken only after the handshake
			t.Fatal(err)
		}
		near.Close()
		<-ended
		if p := w.pool; p.members != 0 || p.slots.low != 0 || len(p.shares) != 0 {
			t.Errorf("%d members, slots %b, %d shares", p.members, p.slots.low, len(p.shares))
		}
	}
}
