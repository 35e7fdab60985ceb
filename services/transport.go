package services

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/node/whisper"
	"sotto/services/chats"
)

// transport is chats.Transport over Whisper.
type transport struct {
	whisper *whisper.Whisper
	rand    io.Reader
	nameOf  func(enode.ID) string
	promise func(enode.ID) (mail bool, keeps time.Duration)
}

// Subscribe implements chats.Transport.
func (t *transport) Subscribe(ch chats.Channel, handle func(chats.Delivery)) (cancel func(), err error) {
	return t.subscribe(whisper.Filter{Topics: []whisper.Topic{ch.Topic}, Key: whisper.NewSymOpener(ch.Key), Direct: true}, handle)
}

// SubscribePrivate implements chats.Transport.
func (t *transport) SubscribePrivate(topic [4]byte, key *ecdsa.PrivateKey, handle func(chats.Delivery)) (cancel func(), err error) {
	return t.subscribe(whisper.Filter{Topics: []whisper.Topic{topic}, Key: whisper.NewAsymOpener(key), Direct: true}, handle)
}

func (t *transport) subscribe(filter whisper.Filter, handle func(chats.Delivery)) (cancel func(), err error) {
	var mu sync.Mutex // held while handle runs, so that cancel can wait for it
	ended := false
	sub, err := t.whisper.Subscribe(filter, func(m *whisper.Message) {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			handle(t.delivery(m))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return func() {
		sub.Close()
		mu.Lock()
		ended = true
		mu.Unlock()
	}, nil
}

func (t *transport) delivery(m *whisper.Message) chats.Delivery {
	return chats.Delivery{Hash: m.Hash, Payload: m.Payload, Signer: m.Signer, Sent: m.Sent, Peer: t.nameOf(m.From)}
}

// Seal implements chats.Transport.
func (t *transport) Seal(ctx context.Context, ch chats.Channel, payload []byte, signer *ecdsa.PrivateKey) (chats.Sealed, error) {
	key := whisper.SymKey(ch.Key)
	return t.seal(ctx, whisper.SealParams{Topic: ch.Topic, Payload: payload, SymKey: &key, Signer: signer})
}

// SealTo implements chats.Transport.
func (t *transport) SealTo(ctx context.Context, topic [4]byte, to *ecdsa.PublicKey, payload []byte, signer *ecdsa.PrivateKey) (chats.Sealed, error) {
	return t.seal(ctx, whisper.SealParams{Topic: topic, Payload: payload, Recipient: to, Signer: signer})
}

func (t *transport) seal(ctx context.Context, params whisper.SealParams) (chats.Sealed, error) {
	params.PoW = t.whisper.SealTarget()
	e, err := whisper.Seal(ctx, t.rand, t.whisper.Now(), params)
	if err != nil {
		return chats.Sealed{}, fmt.Errorf("seal: %w", err)
	}
	raw := e.Encode()
	return chats.Sealed{Hash: whisper.HashOf(raw), Raw: raw, Expires: time.Unix(int64(e.Expiry), 0)}, nil
}

// Post implements chats.Transport.
func (t *transport) Post(s chats.Sealed, observe func(chats.Outcome)) error {
	e, err := whisper.DecodeEnvelope(s.Raw)
	if err != nil {
		return fmt.Errorf("post: %w", err)
	}
	if err := t.whisper.Post(e, func(ev whisper.PostEvent) { observe(t.outcome(ev)) }); err != nil {
		return fmt.Errorf("post: %w", err)
	}
	return nil
}

var outcomeKinds = map[whisper.PostKind]chats.OutcomeKind{
	whisper.PostWritten: chats.Written,
	whisper.PostAcked:   chats.AcceptedBy,
	whisper.PostRefused: chats.RefusedBy,
	whisper.PostEchoed:  chats.EchoedBy,
	whisper.PostExpired: chats.NobodyTook,
}

func (t *transport) outcome(ev whisper.PostEvent) chats.Outcome {
	o := chats.Outcome{Kind: outcomeKinds[ev.Kind], Text: ev.Text}
	if ev.Peer != (enode.ID{}) {
		o.Peer = t.nameOf(ev.Peer)
	}
	if ev.Kind == whisper.PostAcked {
		o.Mail, o.Keeps = t.promise(ev.Peer)
	}
	return o
}

// Peers implements chats.Transport.
func (t *transport) Peers() int { return len(t.whisper.Peers()) }

// Now implements chats.Transport.
func (t *transport) Now() time.Time { return t.whisper.Now() }

// names finds the enode URL of a peer's id. It is asked while packets are handled, so it never asks the server itself.
type names struct {
	mu   sync.RWMutex
	urls map[enode.ID]string
}

// learn replaces what was known with the peers that are kept connected and those that are connected now.
func (n *names) learn(known []string, connected []node.Peer) {
	urls := make(map[enode.ID]string, len(known)+len(connected))
	for _, url := range known {
		if peer, err := overlay.ParseEnode(url); err == nil {
			urls[peer.ID()] = url
		}
	}
	for _, p := range connected {
		urls[p.ID] = p.Enode
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.urls = urls
}

// of is the enode URL, or the id where a peer is so new that its address was not told yet.
func (n *names) of(id enode.ID) string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if url, ok := n.urls[id]; ok {
		return url
	}
	return id.String()
}
