package main

import (
	"context"
	"errors"
	"fmt"

	"sotto/services/chats"
	"sotto/services/event"
	"sotto/services/fault"
)

type messageEvent struct {
	Seq     uint64         `json:"seq"`
	Message *messageObject `json:"message"`
}

type ledgerEvent struct {
	Seq  uint64 `json:"seq"`
	ID   string `json:"id"`
	Chat string `json:"chat"`
	ledgerObject
}

type chatEvent struct {
	Seq  uint64     `json:"seq"`
	Chat chatObject `json:"chat"`
	Left bool       `json:"left,omitempty"`
}

type networkEvent struct {
	Seq    uint64       `json:"seq"`
	Status statusObject `json:"status"`
}

type degradedEvent struct {
	Seq uint64 `json:"seq"`
	degradedObject
}

type accountEvent struct {
	Seq     uint64         `json:"seq"`
	Account *accountObject `json:"account"` // null while locked
}

type resyncEvent struct {
	Seq uint64 `json:"seq"`
}

var errNoEvent = errors.New("nothing to tell")

// describe makes a notification of an event: the whole object as it stands now. An error means that what the event
// speaks of is gone, locked away for instance.
func (s *server) describe(ctx context.Context, e event.Event) (name string, params any, err error) {
	name = "event." + string(e.Kind)
	switch e.Kind {
	case event.Message:
		params, err = s.describeMessage(ctx, e)
	case event.Ledger:
		params, err = s.describeStep(ctx, e)
	case event.Chat:
		params, err = s.describeChat(ctx, e)
	case event.Contact:
		params, err = s.describeContact(ctx, e)
	case event.Group:
		params, err = s.describeGroup(ctx, e)
	case event.Device:
		params, err = s.describeDevice(ctx, e)
	case event.Network:
		params = networkEvent{e.Seq, s.objectOfStatus(ctx)}
	case event.Degraded:
		d, known := s.Network.DegradedState(e.Name)
		if !known {
			return "", nil, errNoEvent
		}
		params = degradedEvent{e.Seq, objectOfDegraded(d)}
	case event.History:
		params = s.describeHistory(ctx, e)
	case event.Account:
		params = s.describeAccount(e)
	case event.Resync:
		params = resyncEvent{e.Seq}
	default:
		return "", nil, fmt.Errorf("%w of kind %q", errNoEvent, e.Kind)
	}
	return name, params, err
}

func (s *server) describeMessage(ctx context.Context, e event.Event) (any, error) {
	m, err := s.Chats.Message(ctx, e.Message)
	if err != nil {
		return nil, err
	}
	o, err := s.objectOfMessage(ctx, m)
	return messageEvent{e.Seq, o}, err
}

func (s *server) describeStep(ctx context.Context, e event.Event) (any, error) {
	steps, err := s.Chats.Steps(ctx, e.Message)
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		if step.ID == e.Step {
			return ledgerEvent{e.Seq, e.Message, e.Chat, objectOfStep(step)}, nil
		}
	}
	return nil, errNoEvent
}

// describeChat tells of a chat that was left, too: by its id alone.
func (s *server) describeChat(ctx context.Context, e event.Event) (any, error) {
	c, err := s.Chats.Get(ctx, e.Chat)
	if fault.CodeOf(err) == fault.NoSuchChat {
		return chatEvent{Seq: e.Seq, Chat: chatObject{ID: e.Chat, Kind: chats.KindOf(e.Chat), Name: e.Chat}, Left: true}, nil
	}
	if err != nil {
		return nil, err
	}
	if c.Request { // not in the list: event.contact and event.message tell of it
		return nil, errNoEvent
	}
	o, err := s.objectOfChat(ctx, c)
	return chatEvent{Seq: e.Seq, Chat: o}, err
}

func (s *server) describeAccount(e event.Event) accountEvent {
	a, open := s.Account.Current()
	if !open {
		return accountEvent{Seq: e.Seq}
	}
	o := objectOfAccount(a)
	return accountEvent{e.Seq, &o}
}
