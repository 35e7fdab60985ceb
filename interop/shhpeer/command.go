package main

import (
	"encoding/hex"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/p2p/enode"
	shh "github.com/ethereum/go-ethereum/whisper/whisperv6"
)

// command is one line of input. Fields that a command does not use stay empty. Byte strings are hex, with or without a
// leading 0x.
type command struct {
	ID  int64  `json:"id"`
	Cmd string `json:"cmd"`

	Enode    string   `json:"enode"`
	Password string   `json:"password"` // symmetric key by PBKDF2
	SymKey   string   `json:"symKey"`   // symmetric key as 32 bytes
	PrivKey  string   `json:"privKey"`  // recipient's key, to subscribe
	PubKey   string   `json:"pubKey"`   // recipient's key (65 bytes), to post
	SignKey  string   `json:"signKey"`  // sender's private key
	Src      string   `json:"src"`      // only messages that this key signed
	Topic    string   `json:"topic"`
	Topics   []string `json:"topics"`
	Payload  string   `json:"payload"`
	Padding  string   `json:"padding"`
	TTL      uint32   `json:"ttl"` // seconds; 0 means 10
	PoW      float64  `json:"pow"`
	WorkTime uint32   `json:"workTime"` // seconds; 0 means 5
	AllowP2P bool     `json:"allowP2P"`
	Filter   string   `json:"filter"`
	Envelope string   `json:"envelope"` // RLP
	Bloom    string   `json:"bloom"`
}

const (
	defaultTTL      = 10
	defaultWorkTime = 5
)

var commands = map[string]func(*peer, *command) (object, error){
	"info":        func(p *peer, _ *command) (object, error) { return p.info(""), nil },
	"peers":       func(p *peer, _ *command) (object, error) { return object{"peers": p.server.PeersInfo()}, nil },
	"addPeer":     (*peer).addPeer,
	"removePeer":  (*peer).removePeer,
	"trust":       (*peer).trust,
	"symKey":      (*peer).deriveKey,
	"subscribe":   (*peer).subscribe,
	"unsubscribe": func(p *peer, c *command) (object, error) { return nil, p.shh.Unsubscribe(c.Filter) },
	"post":        (*peer).post,
	"seal":        func(p *peer, c *command) (object, error) { return described(p.seal(c)) },
	"postRaw":     (*peer).postRaw,
	"decode":      func(_ *peer, c *command) (object, error) { return described(decodeEnvelope(c.Envelope)) },
	"pool":        (*peer).pool,
	"setMinPoW":   func(p *peer, c *command) (object, error) { return nil, p.shh.SetMinimumPoW(c.PoW) },
	"setBloom":    (*peer).setBloom,
	"sendP2P":     (*peer).sendP2P,
	"requestMail": (*peer).requestMail,
	"quit":        func(*peer, *command) (object, error) { return nil, nil },
}

func (p *peer) do(c *command) (object, error) {
	f := commands[c.Cmd]
	if f == nil {
		return nil, fmt.Errorf("unknown command %q", c.Cmd)
	}
	return f(p, c)
}

func (p *peer) addPeer(c *command) (object, error) {
	n, err := enode.ParseV4(c.Enode)
	if err != nil {
		return nil, err
	}
	p.server.AddPeer(n)
	return object{"peer": n.ID().String()}, nil
}

func (p *peer) removePeer(c *command) (object, error) {
	n, err := enode.ParseV4(c.Enode)
	if err != nil {
		return nil, err
	}
	p.server.RemovePeer(n)
	return object{"peer": n.ID().String()}, nil
}

func (p *peer) trust(c *command) (object, error) {
	n, err := enode.ParseV4(c.Enode)
	if err != nil {
		return nil, err
	}
	return nil, p.shh.AllowP2PMessagesFromPeer(n.ID().Bytes())
}

func (p *peer) deriveKey(c *command) (object, error) {
	k, err := p.symKey(c)
	return object{"symKey": hex.EncodeToString(k)}, err
}

// symKey derives a key from its password once.
func (p *peer) symKey(c *command) ([]byte, error) {
	if c.SymKey != "" {
		return unhex(c.SymKey)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := p.symKeys[c.Password]; k != nil {
		return k, nil
	}
	id, err := p.shh.AddSymKeyFromPassword(c.Password)
	if err != nil {
		return nil, err
	}
	k, err := p.shh.GetSymKey(id)
	if err == nil {
		p.symKeys[c.Password] = k
	}
	return k, err
}

func (p *peer) post(c *command) (object, error) {
	env, err := p.seal(c)
	if err != nil {
		return nil, err
	}
	return describe(env), p.shh.Send(env)
}

func (p *peer) postRaw(c *command) (object, error) {
	env, err := decodeEnvelope(c.Envelope)
	if err != nil {
		return nil, err
	}
	return describe(env), p.shh.Send(env)
}

func (p *peer) seal(c *command) (*shh.Envelope, error) {
	m := &shh.MessageParams{TTL: c.TTL, PoW: c.PoW, WorkTime: c.WorkTime}
	if m.TTL == 0 {
		m.TTL = defaultTTL
	}
	if m.WorkTime == 0 {
		m.WorkTime = defaultWorkTime
	}
	if err := p.fill(m, c); err != nil {
		return nil, err
	}
	msg, err := shh.NewSentMessage(m)
	if err != nil {
		return nil, err
	}
	return msg.Wrap(m)
}

// fill takes over what has to be parsed.
func (p *peer) fill(m *shh.MessageParams, c *command) (err error) {
	if m.Topic, err = topicOf(c.Topic); err != nil {
		return err
	}
	if m.Payload, err = unhex(c.Payload); err != nil {
		return err
	}
	if m.Padding, err = unhex(c.Padding); err != nil {
		return err
	}
	if c.SignKey != "" {
		if m.Src, err = privateKey(c.SignKey); err != nil {
			return err
		}
	}
	if c.PubKey != "" {
		m.Dst, err = publicKey(c.PubKey)
	} else {
		m.KeySym, err = p.symKey(c)
	}
	return err
}

func (p *peer) pool(*command) (object, error) {
	all := []object{}
	for _, env := range p.shh.Envelopes() {
		all = append(all, describe(env))
	}
	return object{"envelopes": all}, nil
}

func (p *peer) setBloom(c *command) (object, error) {
	b, err := unhex(c.Bloom)
	if err != nil {
		return nil, err
	}
	return nil, p.shh.SetBloomFilter(b)
}

func (p *peer) sendP2P(c *command) (object, error) { return direct(c, p.shh.SendP2PMessage) }

func (p *peer) requestMail(c *command) (object, error) {
	return direct(c, p.shh.RequestHistoricMessages)
}

// direct sends an envelope to one peer outside the pool.
func direct(c *command, send func([]byte, *shh.Envelope) error) (object, error) {
	n, err := enode.ParseV4(c.Enode)
	if err != nil {
		return nil, err
	}
	env, err := decodeEnvelope(c.Envelope)
	if err != nil {
		return nil, err
	}
	return describe(env), send(n.ID().Bytes(), env)
}

func (p *peer) subscribe(c *command) (object, error) {
	f := &shh.Filter{PoW: c.PoW, AllowP2P: c.AllowP2P, Messages: map[common.Hash]*shh.ReceivedMessage{}}
	var err error
	if c.PrivKey != "" {
		f.KeyAsym, err = privateKey(c.PrivKey)
	} else {
		f.KeySym, err = p.symKey(c)
	}
	if err != nil {
		return nil, err
	}
	if c.Src != "" {
		if f.Src, err = publicKey(c.Src); err != nil {
			return nil, err
		}
	}
	if f.Topics, err = topicsOf(c); err != nil {
		return nil, err
	}
	id, err := p.shh.Subscribe(f)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.filters[id] = struct{}{}
	return object{"filter": id}, nil
}
