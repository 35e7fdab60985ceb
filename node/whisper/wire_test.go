package whisper_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/whisper"
)

// wire is a peer of which a test writes every packet itself.
type wire struct {
	t    testing.TB
	id   enode.ID
	pipe *p2p.MsgPipeRW
	got  chan received
	err  chan error // what the node's side returned, once
	stop chan struct{}
}

type received struct {
	code    uint64
	payload []byte
}

// dial connects a peer that has not sent its status packet yet.
func dial(t testing.TB, w *whisper.Whisper, id byte) *wire {
	t.Helper()
	return dialKeeping(t, w, id, 10_000)
}

// dialKeeping keeps so many packets for the test to look at, and with 0 throws all away.
func dialKeeping(t testing.TB, w *whisper.Whisper, id byte, keep int) *wire {
	t.Helper()
	ours, theirs := p2p.MsgPipe()
	c := &wire{t: t, id: enode.ID{id}, pipe: ours, got: make(chan received, keep), err: make(chan error, 1), stop: make(chan struct{})}
	conn := p2p.NewPeerPipe(c.id, "wire", []p2p.Cap{{Name: "shh", Version: 6}}, theirs)
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := w.Protocol().Run(conn, theirs)
		theirs.Close()
		c.err <- err
	}()
	pumped := make(chan struct{})
	go func() {
		defer close(pumped)
		c.pump()
	}()
	t.Cleanup(func() {
		close(c.stop)
		ours.Close()
		<-done
		<-pumped
	})
	return c
}

// pump reads everything that the node sends, until the connection ends.
func (c *wire) pump() {
	defer close(c.got)
	for {
		msg, err := c.pipe.ReadMsg()
		if err != nil {
			return
		}
		payload, err := io.ReadAll(msg.Payload)
		if err != nil || msg.Discard() != nil {
			return
		}
		if cap(c.got) == 0 {
			continue
		}
		select {
		case c.got <- received{msg.Code, payload}:
		case <-c.stop:
			return
		}
	}
}

// join dials and completes the handshake with the given status, or with the least one of all.
func join(t testing.TB, w *whisper.Whisper, id byte, status ...whisper.Status) *wire {
	t.Helper()
	c := dial(t, w, id)
	s := whisper.Status{Version: whisper.ProtocolVersion}
	if len(status) > 0 {
		s = status[0]
		s.Version = whisper.ProtocolVersion
	}
	c.send(whisper.CodeStatus, whisper.EncodeStatus(s))
	c.expect(whisper.CodeStatus)
	until(t, "handshake", func() bool { return c.joined(w) })
	return c
}

func (c *wire) joined(w *whisper.Whisper) bool {
	for _, p := range w.Peers() {
		if p.ID == c.id {
			return true
		}
	}
	return false
}

// send writes a packet. A test that sends what ends the connection may see it end.
func (c *wire) send(code uint64, payload []byte) {
	_ = c.pipe.WriteMsg(p2p.Msg{Code: code, Size: uint32(len(payload)), Payload: bytes.NewReader(payload)})
}

// sendEnvelopes writes a packet 1 and returns its hash.
func (c *wire) sendEnvelopes(envelopes ...*whisper.Envelope) whisper.Hash {
	payload := messages(envelopes...)
	c.send(whisper.CodeMessages, payload)
	return whisper.HashOf(payload)
}

func messages(envelopes ...*whisper.Envelope) []byte {
	var raws [][]byte
	for _, e := range envelopes {
		raws = append(raws, e.Encode())
	}
	return whisper.EncodeMessages(raws)
}

// next waits for the node's next packet.
func (c *wire) next() received {
	c.t.Helper()
	select {
	case r, ok := <-c.got:
		if !ok {
			c.t.Fatal("connection ended")
		}
		return r
	case <-time.After(10 * time.Second):
		c.t.Fatal("no packet")
	}
	return received{}
}

// expect waits for a packet that must have this code.
func (c *wire) expect(code uint64) []byte {
	c.t.Helper()
	r := c.next()
	if r.code != code {
		c.t.Fatalf("packet %d, want %d", r.code, code)
	}
	return r.payload
}

// quiet fails when a packet is there. It is for synctest, after Wait.
func (c *wire) quiet() {
	c.t.Helper()
	select {
	case r, ok := <-c.got:
		if ok {
			c.t.Fatalf("packet %d where none belongs", r.code)
		}
		c.t.Fatal("connection ended")
	default:
	}
}

// hashes are the envelopes in a packet 1.
func hashes(t testing.TB, payload []byte) (list []whisper.Hash) {
	t.Helper()
	err := whisper.SplitMessages(payload, func(raw []byte) error {
		list = append(list, whisper.HashOf(raw))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// ended waits for the end of the connection.
func (c *wire) ended() error {
	c.t.Helper()
	select {
	case err := <-c.err:
		return err
	case <-time.After(10 * time.Second):
		c.t.Fatal("connection lives on")
	}
	return nil
}

func ptr[T any](v T) *T { return &v }
