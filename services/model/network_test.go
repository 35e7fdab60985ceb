package model_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"sotto/services/chats"
)

// lifetime of envelopes: what nobody said to have taken by then is posted again.
const lifetime = 15 * time.Second

// network is what is between the devices. It takes every envelope, and then loses some, doubles some, and lets all take their
// time, so that they overtake each other.
type network struct {
	seed  uint64
	mu    sync.Mutex
	nodes []*node
	loss  int          // percent of what is lost
	cut   map[int]bool // seats that reach each other only, and not the rest
}

// parcel is an envelope. It is for whoever listens to the channel or, where to is set, for that key on its topic.
type parcel struct {
	chats.Sealed
	from    int // seat
	channel chats.Channel
	to      *ecdsa.PublicKey
	payload []byte
	signer  *ecdsa.PrivateKey
	at      time.Time
}

// fate is what becomes of one copy of an envelope: how long it takes, or nothing where it is lost.
type fate struct{ after []time.Duration }

// fateOf draws it, by the seed and by which envelope it is of its sender's.
func (n *network) fateOf(from, to, number int) fate {
	draw := rand.New(rand.NewPCG(n.seed, uint64(from)<<48|uint64(to)<<32|uint64(number))) //nolint:gosec // a test's dice
	copies := 1
	switch dice := draw.IntN(100); {
	case dice < n.loss:
		copies = 0
	case dice >= 90 && n.loss > 0:
		copies = 2
	}
	var f fate
	for range copies {
		after := time.Duration(10+draw.IntN(400)) * time.Millisecond
		switch dice := draw.IntN(100); {
		case n.loss == 0:
		case dice < 3:
			after = time.Duration(1+draw.IntN(40)) * time.Minute
		case dice < 15:
			after = time.Duration(1+draw.IntN(90)) * time.Second
		}
		f.after = append(f.after, after)
	}
	return f
}

// carry brings an envelope to every other device, each copy in its own time.
func (n *network) carry(p parcel, number int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for to := range n.nodes {
		if to == p.from {
			continue
		}
		for _, after := range n.fateOf(p.from, to, number).after {
			time.AfterFunc(after, func() {
				if at := n.reached(p.from, to); at != nil {
					at.take(p)
				}
			})
		}
	}
}

// reached is the node at a seat, if one that sends from another reaches it now.
func (n *network) reached(from, to int) *node {
	n.mu.Lock()
	defer n.mu.Unlock()
	at := n.nodes[to]
	if at == nil || n.cut[from] != n.cut[to] || at.Peers() == 0 {
		return nil
	}
	return at
}

func (n *network) set(change func(*network)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(n)
}

// node is a device's end of the network: its chats.Transport.
type node struct {
	net  *network
	seat int

	mu     sync.Mutex
	peers  int
	posted int // over all lives of the device
	sealed map[[32]byte]parcel
	subs   map[chats.Channel]*listener
	own    map[[4]byte]*listener
	key    *ecdsa.PublicKey
}

func newNode(net *network, seat, posted int) *node {
	return &node{net: net, seat: seat, peers: 1, posted: posted, sealed: map[[32]byte]parcel{},
		subs: map[chats.Channel]*listener{}, own: map[[4]byte]*listener{}}
}

// listener is a subscription: its handler gets one delivery at a time, and none any more once it ended.
type listener struct {
	mu     sync.Mutex
	ended  bool
	handle func(chats.Delivery)
}

func (l *listener) take(d chats.Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.handle(d)
	}
}

func (l *listener) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
}

// Subscribe implements chats.Transport.
func (n *node) Subscribe(ch chats.Channel, handle func(chats.Delivery)) (func(), error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := &listener{handle: handle}
	n.subs[ch] = l
	return func() {
		l.end()
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.subs, ch)
	}, nil
}

// SubscribePrivate implements chats.Transport.
func (n *node) SubscribePrivate(topic [4]byte, key *ecdsa.PrivateKey, handle func(chats.Delivery)) (func(), error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := &listener{handle: handle}
	n.own[topic], n.key = l, &key.PublicKey
	return func() {
		l.end()
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.own, topic)
	}, nil
}

// Seal implements chats.Transport.
func (n *node) Seal(_ context.Context, ch chats.Channel, payload []byte, signer *ecdsa.PrivateKey) (chats.Sealed, error) {
	return n.seal(parcel{channel: ch, payload: payload, signer: signer}), nil
}

// SealTo implements chats.Transport.
func (n *node) SealTo(_ context.Context, topic [4]byte, to *ecdsa.PublicKey, payload []byte, signer *ecdsa.PrivateKey) (chats.Sealed, error) {
	return n.seal(parcel{channel: chats.Channel{Topic: topic}, to: to, payload: payload, signer: signer}), nil
}

func (n *node) seal(p parcel) chats.Sealed {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.posted++
	p.from, p.at = n.seat, n.Now()
	number := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(n.seat)), uint64(n.posted))
	p.Sealed = chats.Sealed{Hash: sha256.Sum256(append(number, p.payload...)), Expires: p.at.Add(lifetime)}
	n.sealed[p.Hash] = p
	return p.Sealed
}

// Post implements chats.Transport. Once in ten times nobody says that the envelope was taken.
func (n *node) Post(s chats.Sealed, observe func(chats.Outcome)) error {
	n.mu.Lock()
	p, number := n.sealed[s.Hash], n.posted
	delete(n.sealed, s.Hash)
	n.mu.Unlock()
	n.net.carry(p, number)
	if s.Hash[0]%10 != 0 {
		time.AfterFunc(20*time.Millisecond, func() { observe(chats.Outcome{Kind: chats.AcceptedBy, Peer: "enode://relay"}) })
	}
	return nil
}

// Peers implements chats.Transport.
func (n *node) Peers() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.peers
}

func (n *node) setPeers(peers int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.peers = peers
}

// Now implements chats.Transport.
func (n *node) Now() time.Time { return time.Now() }

// take hands an envelope to whoever listens here.
func (n *node) take(p parcel) {
	n.mu.Lock()
	l := n.subs[p.channel]
	if p.to != nil {
		l = n.own[p.channel.Topic]
		if n.key == nil || !n.key.Equal(p.to) {
			l = nil
		}
	}
	n.mu.Unlock()
	if l != nil {
		l.take(chats.Delivery{Hash: p.Hash, Payload: p.payload, Signer: &p.signer.PublicKey, Sent: p.at.Truncate(time.Second), Peer: "relay"})
	}
}
