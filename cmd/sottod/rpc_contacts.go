package main

import (
	"context"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/event"
)

type contactObject struct {
	Key       string         `json:"key"`
	Short     string         `json:"short"`
	Pseudonym string         `json:"pseudonym"`
	Name      string         `json:"name"`
	Nickname  string         `json:"nickname"`
	State     contacts.State `json:"state"`
	Verified  bool           `json:"verified"`
	Devices   int            `json:"devices"`
}

func objectOfContact(c contacts.Contact) contactObject {
	return contactObject{Key: c.Key, Short: c.Short, Pseudonym: c.Pseudonym, Name: c.Name, Nickname: c.Nickname, State: c.State,
		Verified: c.Verified, Devices: c.Devices}
}

type contactEvent struct {
	Seq     uint64        `json:"seq"`
	Contact contactObject `json:"contact"`
}

func (s *server) describeContact(ctx context.Context, e event.Event) (any, error) {
	c, err := s.Contacts.Get(ctx, e.Chat)
	return contactEvent{e.Seq, objectOfContact(c)}, err
}

type keyParams struct {
	Key string `json:"key"`
}

// contactCall is a method that takes a key and returns how its owner stands then.
func contactCall(call func(*contacts.Service, context.Context, string) (contacts.Contact, error)) method {
	return bind(func(ctx context.Context, s *server, p keyParams) (any, error) {
		c, err := call(s.Contacts, ctx, p.Key)
		return objectOfContact(c), err
	}, "key")
}

func listContacts(ctx context.Context, s *server, _ none) (any, error) {
	list, err := s.Contacts.List(ctx)
	objects := make([]contactObject, 0, len(list))
	for _, c := range list {
		objects = append(objects, objectOfContact(c))
	}
	return objects, err
}

type linkObject struct {
	Link string `json:"link"`
}

func contactLink(ctx context.Context, s *server, _ none) (any, error) {
	text, err := s.Contacts.Link(ctx)
	return linkObject{text}, err
}

type nicknameParams struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

func setNickname(ctx context.Context, s *server, p nicknameParams) (any, error) {
	c, err := s.Contacts.SetNickname(ctx, p.Key, p.Name)
	return objectOfContact(c), err
}

type codeObject struct {
	Code string `json:"code"`
}

func contactCode(ctx context.Context, s *server, p keyParams) (any, error) {
	code, err := s.Contacts.Code(ctx, p.Key)
	return codeObject{code}, err
}

type verifyParams struct {
	Key  string `json:"key"`
	Code string `json:"code"`
}

func verifyContact(ctx context.Context, s *server, p verifyParams) (any, error) {
	c, err := s.Contacts.Verify(ctx, p.Key, p.Code)
	return objectOfContact(c), err
}

func openPrivate(ctx context.Context, s *server, p keyParams) (any, error) {
	chat, err := s.Chats.OpenPrivate(ctx, p.Key)
	if err != nil {
		return nil, err
	}
	return s.objectOfChat(ctx, chat)
}

type idParams struct {
	ID string `json:"id"`
}

func retryMessage(ctx context.Context, s *server, p idParams) (any, error) {
	m, err := s.Chats.Retry(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	return s.objectOfMessage(ctx, m)
}

// progress orders the states of a message; one that failed is as far as one that waits.
var progress = map[chats.State]int{chats.Sent: 1, chats.Accepted: 2, chats.Stored: 3, chats.Delivered: 4}
