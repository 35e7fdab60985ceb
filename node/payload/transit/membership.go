package transit

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"sotto/node/identity"
)

// Bounds of a membership update.
const (
	mostUpdates = 128 // each costs the recovery of a key
	mostEvents  = 1024
	mostMembers = 1024
)

// Membership is what the members of a group told each other with every message.
type Membership struct {
	ChatID  string // a UUID, a hyphen and the creator's key
	Updates []Update
	Message *Text // nil where there is none
}

// Update is some events of a group that one member signed together.
type Update struct {
	ChatID    string
	Events    []Event
	Signature string // 65 bytes in hexadecimal, without "0x"
}

// Event is a change to a group. Added members were members without joining.
type Event struct {
	Type    string // "chat-created", "members-added", "member-joined", …
	Clock   uint64 // hundredths of a millisecond
	Member  string // whom it is about, "0x04…", or empty
	Members []string
	Name    string // of the group
}

func (c *check) membership(list []any) Membership {
	m := Membership{ChatID: c.text(at(list, 0))}
	for _, v := range c.list(at(list, 1), mostUpdates) {
		update := c.mapping(v)
		u := Update{ChatID: c.text(update["chat-id"]), Signature: c.text(update["signature"])}
		for _, v := range c.list(update["events"], mostEvents) {
			u.Events = append(u.Events, c.event(c.mapping(v)))
		}
		m.Updates = append(m.Updates, u)
	}
	switch message := at(list, 2).(type) {
	case nil:
	case tagged:
		text := c.message(message.value)
		c.failed = c.failed || Tag(message.tag) != TagText && Tag(message.tag) != TagNewText
		m.Message = &text
	default:
		c.failed = true
	}
	return m
}

func (c *check) event(m mapping) Event {
	return Event{
		Type:    c.text(m["type"]),
		Clock:   c.number(m["clock-value"]),
		Member:  c.text(m["member"]),
		Members: c.texts(m["members"], mostMembers),
		Name:    c.text(m["name"]),
	}
}

// Verify says whether every update is one of this group and has events and a signature that fits somebody. The errors are
// ErrMalformed and identity.ErrSignature.
func (m Membership) Verify() error {
	if m.ChatID == "" || len(m.Updates) == 0 {
		return ErrMalformed
	}
	for _, u := range m.Updates {
		if u.ChatID != m.ChatID || len(u.Events) == 0 {
			return ErrMalformed
		}
		if _, err := u.Signer(); err != nil {
			return err
		}
	}
	return nil
}

// Signer is who signed the events. The error is identity.ErrSignature.
func (u Update) Signer() (identity.PublicKey, error) {
	signature, err := hex.DecodeString(u.Signature)
	if err != nil {
		return identity.PublicKey{}, fmt.Errorf("%w: not hexadecimal", identity.ErrSignature)
	}
	return identity.Recover(u.signed(), signature)
}

// signed is what the signature is over: a JSON array of the events and the group's id, without spaces. Events stand in the
// order of their clocks, each as pairs of name and value in the order of names, without empty ones. Nothing but what JSON
// must escape is escaped, as in the apps, which were written in JavaScript.
func (u Update) signed() []byte {
	events := slices.Clone(u.Events)
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.Clock, b.Clock) })
	lists := make([][][2]any, len(events))
	for i, e := range events {
		lists[i] = e.pairs()
	}
	var form bytes.Buffer
	enc := json.NewEncoder(&form)
	enc.SetEscapeHTML(false)
	if err := enc.Encode([]any{lists, u.ChatID}); err != nil {
		return nil // cannot be: there is nothing in it but texts and numbers
	}
	return bytes.TrimSuffix(form.Bytes(), []byte("\n"))
}

func (e Event) pairs() (pairs [][2]any) {
	if e.Clock != 0 {
		pairs = append(pairs, [2]any{"clock-value", e.Clock})
	}
	if e.Member != "" {
		pairs = append(pairs, [2]any{"member", e.Member})
	}
	if len(e.Members) > 0 {
		pairs = append(pairs, [2]any{"members", slices.Sorted(slices.Values(e.Members))})
	}
	if e.Name != "" {
		pairs = append(pairs, [2]any{"name", e.Name})
	}
	if e.Type != "" {
		pairs = append(pairs, [2]any{"type", e.Type})
	}
	return pairs
}
