package services

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/mailserver"
	"sotto/node/overlay"
	"sotto/node/whisper"
	"sotto/services/event"
	"sotto/services/history"
	"sotto/services/network"
)

// mailLine is history.Line over the node's client of mailservers.
type mailLine struct {
	client  *mailserver.Client
	whisper *whisper.Whisper
}

// Ask implements history.Line.
func (l *mailLine) Ask(ctx context.Context, server history.Node, ask history.Ask) (history.Page, error) {
	q := mailserver.Ask{Lower: ask.From, Upper: ask.To, Limit: ask.Limit, Order: ask.Order}
	for _, t := range ask.Topics {
		q.Topics = append(q.Topics, t)
	}
	if ask.Cursor != nil {
		after, err := mailserver.ParseCursor(ask.Cursor)
		if err != nil {
			return history.Page{}, fmt.Errorf("ask a mailserver: %w", err)
		}
		q.After = &after
	}
	answer, err := l.client.Request(ctx, enode.ID(server), q)
	if err != nil {
		return history.Page{}, blame(err)
	}
	page := history.Page{Envelopes: make([]history.Envelope, len(answer.Envelopes)), Order: answer.Order}
	for i, e := range answer.Envelopes {
		page.Envelopes[i] = history.Envelope{Hash: e.Hash(), Envelope: e}
	}
	if answer.Next != nil {
		page.Cursor = answer.Next.Encode()
	}
	return page, nil
}

// Take implements history.Line.
func (l *mailLine) Take(ctx context.Context, server history.Node, envelopes []history.Envelope) error {
	list := make([]*whisper.Envelope, len(envelopes))
	for i, e := range envelopes {
		list[i] = e.Envelope
	}
	return l.whisper.Take(ctx, list, enode.ID(server))
}

// blame says of an error of the client what the server did wrong, if it did.
func blame(err error) error {
	for cause, f := range map[error]history.Fault{
		mailserver.ErrNotConnected: history.Gone,
		mailserver.ErrTimeout:      history.Silent,
		mailserver.ErrBusy:         history.Busy,
		mailserver.ErrRefused:      history.Refused,
		mailserver.ErrFlood:        history.Flood,
		mailserver.ErrLarge:        history.Large,
		mailserver.ErrLied:         history.Lied,
	} {
		if errors.Is(err, cause) {
			return fmt.Errorf("%w: %w", f, err)
		}
	}
	return fmt.Errorf("ask a mailserver: %w", err)
}

// mailservers is history.Network. It remembers which nodes are mailservers of ours for the transport, which asks while packets
// are handled and must not wait.
type mailservers struct {
	network *network.Service
	whisper *whisper.Whisper
	dismiss func(enode.ID) // of the node

	mu    sync.RWMutex
	named map[enode.ID]bool // of those who are asked, whether their promises count
}

// Mailservers implements history.Network. Who is none of ours any more is not trusted any more.
func (m *mailservers) Mailservers(ctx context.Context) ([]history.Mailserver, error) {
	var list []history.Mailserver
	named := make(map[enode.ID]bool)
	for _, s := range m.network.Mailservers(ctx) {
		node, err := overlay.ParseEnode(s.Enode)
		if err != nil || !s.Ours {
			continue
		}
		named[node.ID()] = s.Named
		list = append(list, history.Mailserver{Node: node.ID(), Enode: s.Enode, Connected: s.Connected, Retention: s.Retention})
	}
	m.mu.Lock()
	before := m.named
	m.named = named
	m.mu.Unlock()
	for id := range before {
		if _, still := named[id]; !still {
			m.whisper.Untrust(id)
		}
	}
	return list, nil
}

// Dismiss implements history.Network.
func (m *mailservers) Dismiss(server history.Node) { m.dismiss(enode.ID(server)) }

// promise says whether an acknowledgement by a peer is a mailserver's of ours, and for how long what it acknowledges is kept; 0
// where it does not say so.
func (m *mailservers) promise(id enode.ID) (mail bool, keeps time.Duration) {
	m.mu.RLock()
	mail = m.named[id]
	m.mu.RUnlock()
	if !mail {
		return false, 0
	}
	peer, _ := m.whisper.Peer(id)
	return true, peer.Retention
}

// heard is a bus of which history hears that the network changed.
type heard struct {
	*event.Bus
	history *history.Service
}

// Publish implements network.Publisher.
func (h heard) Publish(e event.Event) {
	h.Bus.Publish(e)
	if e.Kind == event.Network {
		h.history.Changed()
	}
}
