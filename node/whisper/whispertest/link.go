package whispertest

import (
	"bytes"
	"io"
	"time"

	"github.com/ethereum/go-ethereum/p2p"

	"sotto/node/whisper"
)

// inFlight is how many packets a delayed line holds before its writer waits.
const inFlight = 1024

// end is what one node writes to and reads from.
type end struct {
	*p2p.MsgPipeRW
	network *Network
	c       Conditions
	flying  chan packet
	closed  chan struct{}
}

type packet struct {
	code    uint64
	payload []byte
	due     time.Time
}

func newEnd(n *Network, pipe *p2p.MsgPipeRW, c Conditions) *end {
	return &end{MsgPipeRW: pipe, network: n, c: c, flying: make(chan packet, inFlight), closed: make(chan struct{})}
}

// WriteMsg implements p2p.MsgWriter.
func (e *end) WriteMsg(msg p2p.Msg) error {
	payload, err := io.ReadAll(msg.Payload)
	if err != nil {
		return err
	}
	copies := 1
	if msg.Code != whisper.CodeStatus {
		switch {
		case e.network.chance(e.c.Loss):
			copies = 0
		case e.network.chance(e.c.Duplicate):
			copies = 2
		}
	}
	for range copies {
		if err := e.send(msg.Code, payload); err != nil {
			return err
		}
	}
	return nil
}

func (e *end) send(code uint64, payload []byte) error {
	if e.c.Delay <= 0 {
		return e.deliver(code, payload)
	}
	select {
	case e.flying <- packet{code, payload, time.Now().Add(e.c.Delay)}:
		return nil
	case <-e.closed:
		return p2p.ErrPipeClosed
	}
}

func (e *end) deliver(code uint64, payload []byte) error {
	return e.MsgPipeRW.WriteMsg(p2p.Msg{Code: code, Size: uint32(len(payload)), Payload: bytes.NewReader(payload)})
}

// forward delivers what is in flight when its time has come, until the node at this end has gone.
func (e *end) forward() {
	for {
		select {
		case p := <-e.flying:
			if !e.wait(time.Until(p.due)) || e.deliver(p.code, p.payload) != nil {
				return
			}
		case <-e.closed:
			return
		}
	}
}

func (e *end) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-e.closed:
		return false
	}
}
