package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

// maxPeers leaves room for every peer of a test.
const maxPeers = 50

// node is the Whisper node with the devp2p server that carries it.
type node struct {
	server  *p2p.Server
	whisper *whisper.Whisper
	mail    *mailserver.Server // nil: none

	outMu sync.Mutex
	out   *json.Encoder

	mu      sync.Mutex
	filters map[string]*whisper.Subscription
	symKeys map[string]whisper.SymKey // by password
}

// start brings the node up.
func start(o options, out *json.Encoder) (*node, error) {
	key, err := crypto.GenerateKey()
	if err != nil {
		return nil, err
	}
	n := &node{
		out:     out,
		filters: map[string]*whisper.Subscription{},
		symKeys: map[string]whisper.SymKey{},
	}
	cfg := whisper.Config{MinPoW: o.minPoW, Light: o.light, Confirmations: true}
	if o.mail {
		if n.mail, err = newMailServer(); err != nil {
			return nil, err
		}
		cfg.Keep, cfg.Retention = n.mail.Keep, n.mail.Retention()
	}
	n.whisper = whisper.New(cfg)
	n.whisper.SetReceive(!o.light && !o.narrow)
	n.server = &p2p.Server{Config: p2p.Config{
		PrivateKey: key, MaxPeers: maxPeers, Name: "shhnode", ListenAddr: o.addr, NoDiscovery: true,
		Protocols: []p2p.Protocol{n.whisper.Protocol()},
	}}
	n.whisper.Start()
	if n.mail != nil {
		n.mail.Start(n.whisper)
	}
	if err := n.server.Start(); err != nil {
		n.stopLayers()
		return nil, err
	}
	return n, nil
}

func (n *node) stop() {
	n.server.Stop()
	n.stopLayers()
}

func (n *node) stopLayers() {
	n.whisper.Stop()
	if n.mail != nil {
		n.mail.Stop()
	}
}

// object is a line of output.
type object map[string]any

func (n *node) print(v object) {
	n.outMu.Lock()
	defer n.outMu.Unlock()
	_ = n.out.Encode(v) // a closed output means that the driver is gone: nothing to do
}

func (n *node) info() object {
	stats := n.whisper.Stats()
	return object{
		"enode":      n.server.Self().URLv4(),
		"nodeID":     n.server.Self().ID().String(),
		"listenAddr": n.server.ListenAddr,
		"peerCount":  len(n.whisper.Peers()),
		"pool":       stats.Pool.Envelopes,
		"refused":    stats.Refused,
		"cut":        stats.Cut,
	}
}

// received prints a message that a subscription got.
func (n *node) received(filter string, m *whisper.Message) {
	o := object{
		"event": "message", "filter": filter,
		"hash":    fmt.Sprintf("0x%v", m.Hash),
		"topic":   m.Topic.String(),
		"payload": hex.EncodeToString(m.Payload),
		"padding": len(m.Padding),
		"ttl":     m.TTL, "sent": m.Sent.Unix(), "pow": m.PoW,
	}
	if m.Signer != nil {
		o["src"] = hex.EncodeToString(crypto.FromECDSAPub(m.Signer))
	}
	n.print(o)
}
