package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/whisper"
)

// command is one line of input. Fields that a command does not use stay empty. Byte strings are hex, with or without a
// leading 0x.
type command struct {
	ID  int64  `json:"id"`
	Cmd string `json:"cmd"`

	Enode    string  `json:"enode"`
	Password string  `json:"password"` // symmetric key by PBKDF2
	PrivKey  string  `json:"privKey"`  // recipient's key, to subscribe
	PubKey   string  `json:"pubKey"`   // recipient's key (65 bytes), to post
	SignKey  string  `json:"signKey"`  // sender's private key
	Src      string  `json:"src"`      // only messages that this key signed
	Topic    string  `json:"topic"`
	Payload  string  `json:"payload"`
	Padding  string  `json:"padding"`
	TTL      uint32  `json:"ttl"` // seconds; 0 means the package's default
	PoW      float64 `json:"pow"`
	AllowP2P bool    `json:"allowP2P"`
	Filter   string  `json:"filter"`
	Envelope string  `json:"envelope"` // RLP
}

var commands = map[string]func(*node, *command) (object, error){
	"info":        func(n *node, _ *command) (object, error) { return n.info(), nil },
	"addPeer":     func(n *node, c *command) (object, error) { return n.withPeer(c, n.server.AddPeer) },
	"removePeer":  func(n *node, c *command) (object, error) { return n.withPeer(c, n.server.RemovePeer) },
	"trust":       (*node).trust,
	"subscribe":   (*node).subscribe,
	"unsubscribe": (*node).unsubscribe,
	"post":        (*node).post,
	"postRaw":     (*node).postRaw,
	"sendP2P":     (*node).sendDirect,
	"requestMail": (*node).requestMail,
	"setMinPoW":   func(n *node, c *command) (object, error) { n.whisper.SetMinPoW(c.PoW); return nil, nil },
	"quit":        func(*node, *command) (object, error) { return nil, nil },
}

func (n *node) do(c *command) (object, error) {
	f := commands[c.Cmd]
	if f == nil {
		return nil, fmt.Errorf("unknown command %q", c.Cmd)
	}
	return f(n, c)
}

func (n *node) withPeer(c *command, do func(*enode.Node)) (object, error) {
	peer, err := enode.ParseV4(c.Enode)
	if err != nil {
		return nil, err
	}
	do(peer)
	return object{"peer": peer.ID().String()}, nil
}

func (n *node) trust(c *command) (object, error) {
	return n.withPeer(c, func(peer *enode.Node) { n.whisper.Trust(peer.ID()) })
}

func (n *node) subscribe(c *command) (object, error) {
	f := whisper.Filter{MinPoW: c.PoW, Direct: c.AllowP2P}
	var err error
	if c.PrivKey != "" {
		var key *ecdsa.PrivateKey
		if key, err = privateKey(c.PrivKey); err == nil {
			f.Key = whisper.NewAsymOpener(key)
		}
	} else {
		f.Key = whisper.NewSymOpener(n.symKey(c.Password))
	}
	if err == nil && c.Src != "" {
		f.From, err = publicKey(c.Src)
	}
	if err == nil && c.Topic != "" {
		var t whisper.Topic
		t, err = topicOf(c.Topic)
		f.Topics = append(f.Topics, t)
	}
	if err != nil {
		return nil, err
	}
	return n.install(f)
}

func (n *node) install(f whisper.Filter) (object, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id := strconv.Itoa(len(n.filters) + 1)
	sub, err := n.whisper.Subscribe(f, func(m *whisper.Message) { n.received(id, m) })
	if err != nil {
		return nil, err
	}
	n.filters[id] = sub
	return object{"filter": id}, nil
}

func (n *node) unsubscribe(c *command) (object, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	sub := n.filters[c.Filter]
	if sub == nil {
		return nil, errors.New("no such filter")
	}
	sub.Close()
	return nil, nil
}

// symKey derives a key from its password once.
func (n *node) symKey(password string) whisper.SymKey {
	n.mu.Lock()
	defer n.mu.Unlock()
	k, ok := n.symKeys[password]
	if !ok {
		k = whisper.SymKeyOf(password)
		n.symKeys[password] = k
	}
	return k
}

func (n *node) post(c *command) (object, error) {
	p, err := n.params(c)
	if err != nil {
		return nil, err
	}
	e, err := whisper.Seal(context.Background(), rand.Reader, n.whisper.Now(), p)
	if err != nil {
		return nil, err
	}
	return describe(e), n.whisper.Post(e, nil)
}

// params takes over what has to be parsed.
func (n *node) params(c *command) (p whisper.SealParams, err error) {
	p.TTL, p.PoW = c.TTL, c.PoW
	if p.Topic, err = topicOf(c.Topic); err != nil {
		return p, err
	}
	if p.Payload, err = unhex(c.Payload); err != nil {
		return p, err
	}
	if p.Padding, err = unhex(c.Padding); err != nil {
		return p, err
	}
	if c.SignKey != "" {
		if p.Signer, err = privateKey(c.SignKey); err != nil {
			return p, err
		}
	}
	if c.PubKey != "" {
		p.Recipient, err = publicKey(c.PubKey)
		return p, err
	}
	key := n.symKey(c.Password)
	p.SymKey = &key
	return p, nil
}

func (n *node) postRaw(c *command) (object, error) {
	e, err := decodeEnvelope(c.Envelope)
	if err != nil {
		return nil, err
	}
	return describe(e), n.whisper.Post(e, nil)
}

// sendDirect sends an envelope to one peer outside the pool.
func (n *node) sendDirect(c *command) (object, error) {
	peer, err := enode.ParseV4(c.Enode)
	if err != nil {
		return nil, err
	}
	e, err := decodeEnvelope(c.Envelope)
	if err != nil {
		return nil, err
	}
	return describe(e), n.whisper.SendDirect(peer.ID(), []*whisper.Envelope{e})
}

func describe(e *whisper.Envelope) object {
	return object{
		"hash": fmt.Sprintf("0x%v", e.Hash()), "expiry": e.Expiry, "ttl": e.TTL, "topic": e.Topic.String(),
		"nonce": e.Nonce, "size": e.Size(), "envelope": hex.EncodeToString(e.Encode()),
	}
}

func decodeEnvelope(s string) (*whisper.Envelope, error) {
	raw, err := unhex(s)
	if err != nil {
		return nil, err
	}
	return whisper.DecodeEnvelope(raw)
}

func topicOf(s string) (t whisper.Topic, err error) {
	b, err := unhex(s)
	if err == nil && len(b) != len(t) {
		err = errors.New("a topic is 4 bytes")
	}
	copy(t[:], b)
	return t, err
}

func privateKey(s string) (*ecdsa.PrivateKey, error) {
	b, err := unhex(s)
	if err != nil {
		return nil, err
	}
	return crypto.ToECDSA(b)
}

func publicKey(s string) (*ecdsa.PublicKey, error) {
	b, err := unhex(s)
	if err != nil {
		return nil, err
	}
	return crypto.UnmarshalPubkey(b)
}

func unhex(s string) ([]byte, error) { return hex.DecodeString(strings.TrimPrefix(s, "0x")) }
