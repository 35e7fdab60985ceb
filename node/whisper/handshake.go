package whisper

import (
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
)

// handshakeTimeout is how long both status packets may take.
const handshakeTimeout = 5 * time.Second

// mostRetention is the most seconds that a peer's promise counts for: a hundred years.
const mostRetention = 100 * 365 * 24 * 3600

// handshake sends our status packet and reads the peer's, at the same time, since both sides send first (EIP-627). Only
// what we end the connection for is a [Reason]; a peer that hangs up first gives whatever error the line does.
func (p *peer) handshake() error {
	overdue := time.AfterFunc(handshakeTimeout, func() { p.conn.Disconnect(p2p.DiscReadTimeout) })
	defer overdue.Stop()
	sent := make(chan error, 1)
	go func() { sent <- p.write(CodeStatus, EncodeStatus(p.ownStatus())) }()
	err := p.readStatus()
	if err != nil {
		p.conn.Disconnect(p2p.DiscSubprotocolError)
	}
	if sendErr := <-sent; err == nil {
		err = sendErr
	}
	if err != nil && !overdue.Stop() {
		return fmt.Errorf("%w: %w", ReasonHandshake, err)
	}
	return err
}

func (p *peer) ownStatus() Status {
	pow, bloom := p.w.policy.announced()
	p.toldPoW, p.toldBloom = pow, bloom
	cfg := &p.w.cfg
	millis := uint64(cfg.Now().UnixMilli())
	s := Status{
		Version: ProtocolVersion, PoW: &pow, Bloom: &bloom, Light: &cfg.Light, Confirmations: &cfg.Confirmations,
		Limits: &cfg.Limits, UnixMilli: &millis,
	}
	if cfg.Keep != nil && cfg.Confirmations && cfg.Retention >= time.Second {
		seconds := uint64(cfg.Retention / time.Second)
		s.Retention = &seconds
	}
	return s
}

func (p *peer) readStatus() error {
	msg, err := p.rw.ReadMsg()
	if err != nil {
		return err
	}
	now := p.w.cfg.Now()
	defer msg.Discard()
	if msg.Code != CodeStatus || msg.Size > p.w.cfg.MaxMessageSize {
		return fmt.Errorf("%w: packet %d of %d bytes", ReasonHandshake, msg.Code, msg.Size)
	}
	payload, err := p.read(msg)
	if err != nil {
		return err
	}
	s, err := DecodeStatus(payload)
	if err != nil {
		return fmt.Errorf("%w: %w", ReasonHandshake, err)
	}
	return p.accept(s, now)
}

// accept takes over what the peer announced. What it left out means the least.
func (p *peer) accept(s Status, now time.Time) error {
	if p.light = orZero(s.Light); p.light && p.w.cfg.Light {
		return ReasonLight
	}
	p.setPoW(orZero(s.PoW))
	p.setBloom(FullBloom())
	if s.Bloom != nil {
		p.setBloom(*s.Bloom)
	}
	p.setLimits(orZero(s.Limits))
	if p.confirms = orZero(s.Confirmations); p.confirms {
		p.retention = time.Duration(min(orZero(s.Retention), mostRetention)) * time.Second
	}
	if s.UnixMilli != nil {
		p.theirs, p.ours = time.UnixMilli(int64(*s.UnixMilli)), now
	}
	return nil
}
