package main

import (
	"context"
	"time"

	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/network"
)

// The objects of the contract, docs/sottod.md. Times are Unix milliseconds, byte strings 0x hex.

type readyParams struct {
	Version string `json:"version"`
}

type accountObject struct {
	ID            string      `json:"id"`
	Key           *string     `json:"key"`
	Short         *string     `json:"short"`
	Pseudonym     *string     `json:"pseudonym"`
	Name          string      `json:"name"`
	Unlocked      bool        `json:"unlocked"`
	Colour        int         `json:"colour"`
	BackupPending *bool       `json:"backupPending"`
	Slots         slotsObject `json:"slots"`
}

type slotsObject struct {
	Keychain bool `json:"keychain"`
	Password bool `json:"password"`
	Phrase   bool `json:"phrase"`
}

type createdObject struct {
	accountObject
	Phrase string `json:"phrase"`
}

type challengeObject struct {
	Words [account.ChallengeWords]int `json:"words"`
}

func objectOfAccount(a account.Account) accountObject {
	o := accountObject{
		ID: a.ID, Key: orNull(a.Key), Short: orNull(a.Short), Pseudonym: orNull(a.Pseudonym),
		Name: a.Name, Unlocked: a.Unlocked, Colour: a.Colour, Slots: slotsObject(a.Slots),
	}
	if a.Unlocked { // whether the phrase is kept is sealed in the vault
		o.BackupPending = &a.BackupPending
	}
	return o
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

type chatObject struct {
	ID     string         `json:"id"`
	Kind   chats.Kind     `json:"kind"`
	Name   string         `json:"name"`
	Unread int            `json:"unread"`
	Muted  bool           `json:"muted"`
	Last   *messageObject `json:"last"`
	Group  *inGroupObject `json:"group,omitempty"`
}

// inGroupObject is how we stand in a group.
type inGroupObject struct {
	Invited bool `json:"invited"`
	Member  bool `json:"member"`
	Admin   bool `json:"admin"`
	Members int  `json:"members"`
}

type messageObject struct {
	ID            string         `json:"id"`
	Chat          string         `json:"chat"`
	Author        string         `json:"author"`
	Pseudonym     string         `json:"pseudonym"`
	Text          string         `json:"text"`
	ContentType   int            `json:"contentType"`
	Clock         uint64         `json:"clock"`
	Timestamp     int64          `json:"timestamp"`
	ReplyTo       string         `json:"replyTo,omitempty"`
	Outgoing      bool           `json:"outgoing"`
	ForwardSecret bool           `json:"forwardSecret"`
	State         chats.State    `json:"state"`
	Ledger        []ledgerObject `json:"ledger"`
	HandedBy      string         `json:"handedBy,omitempty"`
}

type ledgerObject struct {
	State       chats.State `json:"state"`
	At          int64       `json:"at"`
	Who         string      `json:"who,omitempty"`
	Reason      string      `json:"reason,omitempty"`
	Unconfirmed bool        `json:"unconfirmed,omitempty"`
	Until       int64       `json:"until,omitempty"`
	Person      string      `json:"person,omitempty"`
}

func objectOfStep(s chats.Step) ledgerObject {
	o := ledgerObject{State: s.State, At: s.At.UnixMilli(), Who: s.Who, Reason: s.Reason, Unconfirmed: s.Unconfirmed, Person: s.Person}
	if !s.Until.IsZero() {
		o.Until = s.Until.UnixMilli()
	}
	return o
}

// objectOfMessage reads the steps on the message's way; what others wrote has none. A message that has just been sent
// on may have got further since m was read: then those steps are left to the notifications that follow, so that state and
// ledger agree.
func (s *server) objectOfMessage(ctx context.Context, m chats.Message) (*messageObject, error) {
	o := &messageObject{
		ID: m.ID, Chat: m.Chat, Author: m.Author.Key, Pseudonym: m.Author.Pseudonym, Text: m.Text,
		ContentType: m.ContentType, Clock: m.Clock, Timestamp: m.Timestamp.UnixMilli(), ReplyTo: m.ReplyTo,
		Outgoing: m.Outgoing, ForwardSecret: m.ForwardSecret, State: m.State, Ledger: []ledgerObject{},
	}
	if m.HandedBy != nil {
		o.HandedBy = m.HandedBy.Key
	}
	if !m.Outgoing {
		return o, nil
	}
	steps, err := s.Chats.Steps(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		if progress[step.State] <= progress[m.State] {
			o.Ledger = append(o.Ledger, objectOfStep(step))
		}
	}
	return o, nil
}

func (s *server) objectOfChat(ctx context.Context, c chats.Chat) (chatObject, error) {
	o := chatObject{ID: c.ID, Kind: c.Kind, Name: c.Name, Unread: c.Unread, Muted: c.Muted}
	if c.Kind == chats.Group {
		o.Group = &inGroupObject{Invited: c.Invited, Member: c.Member, Admin: c.AdminOf, Members: c.GroupOf}
	}
	if c.Last == nil {
		return o, nil
	}
	var err error
	o.Last, err = s.objectOfMessage(ctx, *c.Last)
	return o, err
}

type statusObject struct {
	State         network.State    `json:"state"`
	Enode         string           `json:"enode"`
	Listen        string           `json:"listen"`
	Peers         []peerObject     `json:"peers"`
	Known         []string         `json:"known"`
	Network       *string          `json:"network"` // the active one's name, or null
	Traffic       trafficObject    `json:"traffic"`
	Today         todayObject      `json:"today"`
	ClockOffsetMs int64            `json:"clockOffsetMs"`
	Degraded      []degradedObject `json:"degraded"`
}

type peerObject struct {
	Enode   string   `json:"enode"`
	Name    string   `json:"name"`
	Inbound bool     `json:"inbound"`
	Roles   []string `json:"roles"`
	RTTMs   float64  `json:"rttMs"`

	BytesIn  uint64 `json:"bytesIn"`
	BytesOut uint64 `json:"bytesOut"`
}

type trafficObject struct {
	In  trafficIn `json:"in"`
	Out uint64    `json:"out"`
}

// todayObject is what the network cost today, whichever runs of the program it came in.
type todayObject struct {
	Day    string `json:"day"`
	Bytes  int64  `json:"bytes"`
	Budget int64  `json:"budget"`
	trafficObject
}

type trafficIn struct {
	Useful    uint64 `json:"useful"`
	Duplicate uint64 `json:"duplicate"`
	Unwanted  uint64 `json:"unwanted"`
	Refused   uint64 `json:"refused"`
}

type degradedObject struct {
	Name   string `json:"name"`
	Since  int64  `json:"since"`
	Until  *int64 `json:"until"` // null while it lasts
	Text   string `json:"text"`
	Remedy string `json:"remedy"`
}

func objectOfDegraded(d network.Degraded) degradedObject {
	o := degradedObject{Name: d.Name, Since: d.Since.UnixMilli(), Text: d.Text, Remedy: d.Remedy}
	if !d.Until.IsZero() {
		until := d.Until.UnixMilli()
		o.Until = &until
	}
	return o
}

func objectOfTraffic(t network.Traffic) trafficObject {
	in := trafficIn{Useful: t.Useful, Duplicate: t.Duplicate, Unwanted: t.Unwanted, Refused: t.Refused}
	return trafficObject{In: in, Out: t.Out}
}

func (s *server) objectOfStatus(ctx context.Context) statusObject {
	n := s.Network.Status(ctx)
	o := statusObject{
		State: n.State, Enode: n.Enode, Listen: n.Listen, ClockOffsetMs: n.ClockOffset.Milliseconds(),
		Peers: []peerObject{}, Known: append([]string{}, n.Known...), Degraded: []degradedObject{},
		Network: orNull(n.Network), Traffic: objectOfTraffic(n.Traffic),
		Today: todayObject{Day: n.Today.Day, Bytes: n.Today.Bytes, Budget: n.Budget, trafficObject: objectOfTraffic(n.Today.Traffic)},
	}
	for _, p := range n.Peers {
		rtt := float64(p.RTT) / float64(time.Millisecond)
		o.Peers = append(o.Peers, peerObject{
			Enode: p.Enode, Name: p.Name, Inbound: p.Inbound, Roles: p.Roles, RTTMs: rtt, BytesIn: p.BytesIn, BytesOut: p.BytesOut,
		})
	}
	for _, d := range s.Network.Degraded() {
		o.Degraded = append(o.Degraded, objectOfDegraded(d))
	}
	return o
}
