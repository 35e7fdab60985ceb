package whisper

import (
	"encoding/binary"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

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
		p.answer(h, new(arrival))
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

// What a peer brought does not keep the peer in memory, with a buffer as large as its largest packet.
func TestEnvelopesDoNotKeepTheirSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Config{MinPoW: -1})
		w.Start()
		t.Cleanup(w.Stop)
		near, far := p2p.MsgPipe()
		go func() { _ = w.run(p2p.NewPeer(enode.ID{1}, "", nil), far) }()
		status, err := near.ReadMsg()
		if err != nil || status.Discard() != nil {
			t.Fatal(err)
		}
		if err := p2p.Send(near, CodeStatus, []uint{ProtocolVersion}); err != nil {
			t.Fatal(err)
		}
		if err := p2p.Send(near, CodeMessages, rawPayload(EncodeMessages([][]byte{idleFillers(1)[0].Encode()}))); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		sender := weak.Make(w.peerList()[0])
		near.Close()
		time.Sleep(2 * handshakeTimeout) // until its timer is gone, too
		runtime.GC()
		if n := w.Stats().Pool.Envelopes; n != 1 || len(w.peerList()) != 0 {
			t.Fatalf("%d envelopes, %d peers", n, len(w.peerList()))
		}
		if sender.Value() != nil {
			t.Error("the peer is still in memory")
		}
	})
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
		if p := w.pool; p.slots.low != 0 || len(p.shares) != 0 {
			t.Errorf("slots %b, %d shares", p.slots.low, len(p.shares))
		}
	}
}
