package views

import (
	"context"
	"strings"
	"sync/atomic"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/views/message/flow"
)

// contactNames is what contacts call themselves who have no nickname, by key. It is read off the UI goroutine, too.
type contactNames struct {
	now atomic.Pointer[map[string]string]
}

// set takes the contacts as they are now.
func (n *contactNames) set(list []contacts.Contact) {
	names := map[string]string{}
	for _, c := range list {
		if name := ownName(c); name != "" {
			names[c.Key] = name
		}
	}
	n.now.Store(&names)
}

// any tells whether there are such names.
func (n *contactNames) any() bool {
	names := n.now.Load()
	return names != nil && len(*names) > 0
}

// ownName is the name that a contact gave themselves, where they are called so here. One that could be taken for us is none.
func ownName(c contacts.Contact) string {
	name := flow.Line(c.Name, calledLength)
	if c.State != contacts.Added || c.Nickname != "" || strings.EqualFold(name, "you") {
		return ""
	}
	return name
}

// author is who wrote in a group, by the name that the group's page and its lines have for them.
func (n *contactNames) author(a chats.Author) chats.Author {
	if names := n.now.Load(); names != nil && a.Nickname == "" {
		a.Nickname = (*names)[a.Key]
	}
	return a
}

// message is a message with these names, where it is of a group. In channels people are called by the words of their key, unless
// they have a nickname: anybody can say there to be called so.
func (n *contactNames) message(m chats.Message) chats.Message {
	if chats.KindOf(m.Chat) != chats.Group {
		return m
	}
	m.Author = n.author(m.Author)
	if m.HandedBy != nil {
		by := n.author(*m.HandedBy)
		m.HandedBy = &by
	}
	if m.Quote != nil {
		quote := *m.Quote
		quote.Author = n.author(quote.Author)
		m.Quote = &quote
	}
	return m
}

// chat is a chat with these names in its last message.
func (n *contactNames) chat(c chats.Chat) chats.Chat {
	if c.Last != nil {
		last := n.message(*c.Last)
		c.Last = &last
	}
	return c
}

// namedSource is the chat service with these names in the messages of groups.
type namedSource struct {
	Chats
	contacts Contacts // nil: nobody has such a name
	names    *contactNames
}

// ready loads the names where that was not done yet, so that the first page of a group has them.
func (s namedSource) ready(ctx context.Context, chat string) {
	if s.contacts == nil || chats.KindOf(chat) != chats.Group || s.names.now.Load() != nil {
		return
	}
	if list, err := s.contacts.List(ctx); err == nil {
		s.names.set(list)
	}
}

// Messages implements message.Source.
func (s namedSource) Messages(ctx context.Context, chat string, page chats.Page) ([]chats.Message, error) {
	list, err := s.Chats.Messages(ctx, chat, page)
	s.ready(ctx, chat)
	for i, m := range list {
		list[i] = s.names.message(m)
	}
	return list, err
}

// Message implements message.Source.
func (s namedSource) Message(ctx context.Context, id string) (chats.Message, error) {
	m, err := s.Chats.Message(ctx, id)
	s.ready(ctx, m.Chat)
	return s.names.message(m), err
}
