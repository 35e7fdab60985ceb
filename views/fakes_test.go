package views

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"sotto/node/identity"
	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/network"
	"sotto/views/theme"
)

const (
	ownKey   = "0x0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
	otherKey = "0x04c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee51ae168fea63dc339a3c58419466ceaeef7f632653266d0e1236431a950cfe52a"
	phrase   = "abandon ability able about above absent absorb abstract absurd abuse access accident"
	enode    = "enode://a979fb575495b8d6db44f750317d0f4622bf4c2aa3365d6af7c284339968eef29b69ad0dce72a4d8db5ebb4968de0e3bec910127f134779fbcb0cb6d3331163c@192.0.2.7:30303"
)

// noon is when the tests' windows are looked at.
var noon = time.Date(2026, 11, 22, 12, 41, 0, 0, time.Local)

// fakeAccounts keeps accounts in memory. What err says is returned by the next call instead of a result.
type fakeAccounts struct {
	mu      sync.Mutex
	list    []account.Account
	open    string
	pass    map[string]string
	err     error
	removed []string
}

func (f *fakeAccounts) fail() error {
	err := f.err
	f.err = nil
	return err
}

func (f *fakeAccounts) at(id string) *account.Account {
	i := slices.IndexFunc(f.list, func(a account.Account) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &f.list[i]
}

func (f *fakeAccounts) List(context.Context) ([]account.Account, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list), f.fail()
}

func (f *fakeAccounts) Current() (account.Account, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.at(f.open); a != nil {
		return opened(*a), true
	}
	return account.Account{}, false
}

func opened(a account.Account) account.Account {
	a.Key, a.Short, a.Pseudonym, a.Unlocked = ownKey, "zQ3shP2mWsZYWgm1LyyTvdGGGCdBUNqUk4g9MSTjU7ceedQ3g", "Amber Quiet Heron", true
	return a
}

func (f *fakeAccounts) Create(_ context.Context, o account.Options) (account.Created, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail(); err != nil {
		return account.Created{}, err
	}
	a := account.Account{ID: fmt.Sprintf("%032x", len(f.list)+1), Name: o.Name, Colour: len(f.list), BackupPending: true,
		Slots: account.Slots{Keychain: o.Keychain, Password: o.Password != "", Phrase: true}}
	f.list = append(f.list, a)
	f.pass[a.ID], f.open = o.Password, a.ID
	return account.Created{Account: opened(a), Phrase: phrase}, nil
}

func (f *fakeAccounts) Recover(ctx context.Context, _ string, o account.Options) (account.Account, error) {
	made, err := f.Create(ctx, o)
	if err != nil {
		return account.Account{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at(made.ID).BackupPending = false
	return opened(*f.at(made.ID)), nil
}

func (f *fakeAccounts) Unlock(_ context.Context, id string, c account.Credential) (account.Account, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail(); err != nil {
		return account.Account{}, err
	}
	if c.Password != "" && c.Password != f.pass[id] {
		return account.Account{}, fault.New(fault.WrongPassword, "That password does not open this account.")
	}
	f.open = id
	return opened(*f.at(id)), nil
}

func (f *fakeAccounts) Lock(context.Context) error {
	return f.change(func(*account.Account) { f.open = "" })
}

func (f *fakeAccounts) change(edit func(a *account.Account)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail(); err != nil {
		return err
	}
	edit(f.at(f.open))
	return nil
}

func (f *fakeAccounts) Remove(_ context.Context, id, password string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pass[id] != password {
		return fault.New(fault.WrongPassword, "That password does not open this account.")
	}
	f.removed, f.open = append(f.removed, id), ""
	f.list = slices.DeleteFunc(f.list, func(a account.Account) bool { return a.ID == id })
	return nil
}

func (f *fakeAccounts) Rename(_ context.Context, name string) error {
	return f.change(func(a *account.Account) { a.Name = name })
}
func (f *fakeAccounts) Phrase(context.Context) (string, error) {
	return phrase, f.change(func(*account.Account) {})
}
func (f *fakeAccounts) Challenge(context.Context) ([3]int, error) {
	return [3]int{2, 5, 11}, f.change(func(*account.Account) {})
}

func (f *fakeAccounts) ConfirmBackup(_ context.Context, words map[int]string) error {
	if words[2] != "ability" || words[5] != "above" || words[11] != "access" {
		return fault.New(fault.BadPhrase, "Word 5 is another one.")
	}
	return f.change(func(a *account.Account) { a.BackupPending = false })
}

func (f *fakeAccounts) SetPassword(_ context.Context, p string) error {
	return f.change(func(a *account.Account) { a.Slots.Password = true; f.pass[a.ID] = p })
}
func (f *fakeAccounts) RemovePassword(context.Context) error {
	return f.change(func(a *account.Account) { a.Slots.Password = false })
}
func (f *fakeAccounts) AddKeychain(context.Context) error {
	return f.change(func(a *account.Account) { a.Slots.Keychain = true })
}
func (f *fakeAccounts) RemoveKeychain(context.Context) error {
	return f.change(func(a *account.Account) { a.Slots.Keychain = false })
}

// fakeChats keeps chats and their messages, oldest first, in memory.
type fakeChats struct {
	mu       sync.Mutex
	bus      *event.Bus
	chats    []chats.Chat
	messages map[string][]chats.Message
	err      error
	read     []string
	steps    map[string][]chats.Step

	requestsErr error
	slow        time.Duration // what a draft takes
	locked      func() bool
	left        map[string]bool // private chats that are in no list
}

func (f *fakeChats) fail() error {
	err := f.err
	f.err = nil
	return err
}

func (f *fakeChats) List(context.Context) ([]chats.Chat, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.some(func(c chats.Chat) bool { return !c.Request && !f.left[c.ID] }), f.fail()
}

// some are the chats that pass, each with its last message.
func (f *fakeChats) some(pass func(chats.Chat) bool) (list []chats.Chat) {
	for _, c := range f.chats {
		if pass(c) {
			list = append(list, c)
		}
	}
	for i := range list {
		if all := f.messages[list[i].ID]; len(all) > 0 {
			last := all[len(all)-1]
			list[i].Last = &last
		}
	}
	return list
}

func (f *fakeChats) Requests(context.Context) ([]chats.Chat, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.some(func(c chats.Chat) bool { return c.Request && c.Kind == chats.Private }), f.requestsErr
}

func (f *fakeChats) OpenPrivate(_ context.Context, key string) (chats.Chat, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail(); err != nil {
		return chats.Chat{}, err
	}
	delete(f.left, key)
	for _, c := range f.chats {
		if c.ID == key {
			return c, nil
		}
	}
	c := chats.Chat{ID: key, Kind: chats.Private, Name: pseudonymOf(key)}
	f.chats = append(f.chats, c)
	return c, nil
}

// edit changes one chat.
func (f *fakeChats) edit(id string, change func(*chats.Chat)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.chats {
		if f.chats[i].ID == id {
			change(&f.chats[i])
		}
	}
}

func (f *fakeChats) Get(_ context.Context, id string) (chats.Chat, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.chats {
		if c.ID == id {
			return c, nil
		}
	}
	return chats.Chat{}, fault.New(fault.NoSuchChat, "You are not in this channel.")
}

func (f *fakeChats) JoinPublic(_ context.Context, name string) (chats.Chat, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail(); err != nil {
		return chats.Chat{}, err
	}
	c := chats.Chat{ID: name, Name: name, Kind: chats.Public}
	f.chats = append(f.chats, c)
	return c, nil
}

func (f *fakeChats) Leave(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.chats = slices.DeleteFunc(f.chats, func(c chats.Chat) bool { return c.ID == id })
	return f.fail()
}

func (f *fakeChats) Send(_ context.Context, chat, text, replyTo string) (chats.Message, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail(); err != nil {
		return chats.Message{}, err
	}
	m := said(chat, len(f.messages[chat])+1, ownKey, text)
	m.Outgoing, m.State, m.ReplyTo = true, chats.Queued, replyTo
	f.messages[chat] = append(f.messages[chat], m)
	return m, nil
}

func (f *fakeChats) MarkRead(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read = append(f.read, id)
	for i := range f.chats {
		if f.chats[i].ID == id {
			f.chats[i].Unread = 0
		}
	}
	return nil
}

func (f *fakeChats) SetDraft(ctx context.Context, id, text string) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(f.slow):
	}
	if f.locked() {
		return fault.New(fault.Locked, "Your account is locked.")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.chats {
		if f.chats[i].ID == id {
			f.chats[i].Draft = text
		}
	}
	return nil
}

func (f *fakeChats) Retry(ctx context.Context, id string) (chats.Message, error) {
	return f.Message(ctx, id)
}

func (f *fakeChats) Message(_ context.Context, id string) (chats.Message, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, all := range f.messages {
		for _, m := range all {
			if m.ID == id {
				return m, nil
			}
		}
	}
	return chats.Message{}, fault.New(fault.NoSuchMessage, "This message is gone.")
}

func (f *fakeChats) Messages(_ context.Context, chat string, p chats.Page) ([]chats.Message, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	limit := p.Limit
	if limit == 0 {
		limit = 50
	}
	var page []chats.Message
	all := f.messages[chat]
	if p.After != nil {
		for _, m := range all {
			if m.Clock > p.After.Clock && len(page) < limit {
				page = append(page, m)
			}
		}
		slices.Reverse(page)
		return page, nil
	}
	for _, m := range slices.Backward(all) {
		if (p.Before == nil || m.Clock < p.Before.Clock) && len(page) < limit {
			page = append(page, m)
		}
	}
	return page, f.fail()
}

func (f *fakeChats) FirstUnread(_ context.Context, chat string) (chats.Cursor, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.messages[chat] {
		if !m.Seen && !m.Outgoing {
			return m.Cursor(), true, nil
		}
	}
	return chats.Cursor{}, false, nil
}

// arrive adds a message and tells of it.
func (f *fakeChats) arrive(m chats.Message) {
	f.mu.Lock()
	f.messages[m.Chat] = append(f.messages[m.Chat], m)
	for i := range f.chats {
		if f.chats[i].ID == m.Chat {
			f.chats[i].Unread++
		}
	}
	f.mu.Unlock()
	f.bus.Publish(event.Event{Kind: event.Message, Chat: m.Chat, Message: m.ID})
}

// said is the n-th message of a chat, a minute after the one before.
func said(chat string, n int, key, text string) chats.Message {
	return chats.Message{ID: fmt.Sprintf("0x%058x%06x", len(chat), n), Chat: chat, Text: text, ContentType: 1, Clock: uint64(n),
		Author:    chats.Author{Key: key, Pseudonym: pseudonymOf(key)},
		Timestamp: noon.Add(time.Duration(n-40) * time.Minute), State: chats.Sent, Peers: 1, Outgoing: key == ownKey, Seen: true}
}

// pseudonymOf is the three words of a key, those of the tests' first two people shorter than theirs.
func pseudonymOf(key string) string {
	switch key {
	case ownKey:
		return "Amber Quiet Heron"
	case otherKey:
		return "Steep Violet Otter"
	}
	public, err := identity.ParsePublicKey(key)
	if err != nil {
		return ""
	}
	return public.Pseudonym()
}

// fakeNetwork says what it was told to say.
type fakeNetwork struct {
	mu       sync.Mutex
	status   network.Status
	degraded []network.Degraded
	err      error
	receive  network.Receive
	joined   []network.Network
	mails    []string      // nodes that were added as mailservers
	hold     chan struct{} // what SetStaticOnly waits for, where it is not nil
}

func (f *fakeNetwork) Receive(context.Context) (network.Receive, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.receive, nil
}

func (f *fakeNetwork) SetReceive(_ context.Context, r network.Receive) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.receive = r
	}
	return f.err
}

func (f *fakeNetwork) set(bus *event.Bus, s network.Status, d ...network.Degraded) {
	f.mu.Lock()
	f.status, f.degraded = s, d
	f.mu.Unlock()
	bus.Publish(event.Event{Kind: event.Network})
}

func (f *fakeNetwork) Status(context.Context) network.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.status
}

func (f *fakeNetwork) Degraded() []network.Degraded {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.degraded
}

func (f *fakeNetwork) AddPeer(_ context.Context, url string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if url != enode {
		return fault.New(fault.BadEnode, "That is not the address of a node. It begins with enode://.")
	}
	f.status.Known = append(f.status.Known, url)
	return f.err
}

func (f *fakeNetwork) RemovePeer(_ context.Context, url string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status.Known = slices.DeleteFunc(f.status.Known, func(k string) bool { return k == url })
	return f.err
}

// fakeLook remembers the mode.
type fakeLook struct{ mode theme.Mode }

func (f *fakeLook) Mode() theme.Mode           { return f.mode }
func (f *fakeLook) SetMode(m theme.Mode) error { f.mode = m; return nil }
