package views

import (
	"context"
	"hash/fnv"
	"image"
	"image/color"
	"io"
	"slices"
	"strings"
	"sync"

	"sotto/node/identity"
	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/link"
)

const (
	cleoKey     = "0x04f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9388f7b0f632de8140fe337e62a37f3566500a99934c2231b6cb9fd7584b8e672"
	strangerKey = "0x04e493dbf1c10d80f3581e4904930b1404cc6c13900ee0758474fa94abe8c4cd1351ed993ea0d455b75642e2098ea51448d967ae33bfbdfe40cfe97bdc47739922"
	otherwise   = "0x042f8bde4d1a07209355b4a7250a5c5128e88b84bddc619ab7cba8d569b240efe4d8ac222636e5e3d6d4dba9dda6c9c426f788271bab0d6840dca87d3aa6ac62d6"
)

// fakeContacts keeps people in memory, and the chats with them in step. What err says is returned by the next call.
type fakeContacts struct {
	mu    sync.Mutex
	bus   *event.Bus
	chats *fakeChats
	list  []contacts.Contact
	err   error

	neverAdded bool // whoever is unblocked
}

func (f *fakeContacts) fail() error {
	err := f.err
	f.err = nil
	return err
}

func (f *fakeContacts) List(context.Context) ([]contacts.Contact, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list), f.fail()
}

func (f *fakeContacts) Get(_ context.Context, key string) (contacts.Contact, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail(); err != nil {
		return contacts.Contact{}, err
	}
	return f.get(key), nil
}

func (f *fakeContacts) get(key string) contacts.Contact {
	if i := slices.IndexFunc(f.list, func(c contacts.Contact) bool { return c.Key == key }); i >= 0 {
		return f.list[i]
	}
	return person(key, contacts.Stranger)
}

// person is somebody without a name of their own.
func person(key string, state contacts.State) contacts.Contact {
	short := key
	if public, err := identity.ParsePublicKey(key); err == nil {
		short = public.Short()
	}
	return contacts.Contact{Key: key, Short: short, Pseudonym: pseudonymOf(key), State: state}
}

// change edits somebody and the chat with them.
func (f *fakeContacts) change(key string, edit func(*contacts.Contact) error) (contacts.Contact, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail(); err != nil {
		return contacts.Contact{}, err
	}
	now := f.get(key)
	if err := edit(&now); err != nil {
		return contacts.Contact{}, err
	}
	f.list = slices.DeleteFunc(f.list, func(c contacts.Contact) bool { return c.Key == key })
	f.list = append(f.list, now)
	f.chats.edit(key, func(c *chats.Chat) {
		c.Request, c.Verified, c.Name = now.State == contacts.Requested, now.Verified, now.DisplayName()
		f.chats.left[key] = now.State != contacts.Added
	})
	f.bus.Publish(event.Event{Kind: event.Contact, Chat: key})
	f.bus.Publish(event.Event{Kind: event.Chat, Chat: key})
	return now, nil
}

func (f *fakeContacts) stand(key string, state contacts.State) (contacts.Contact, error) {
	return f.change(key, func(c *contacts.Contact) error { c.State = state; return nil })
}

func (f *fakeContacts) Add(_ context.Context, text string) (contacts.Contact, error) {
	to, err := link.Parse(text)
	if err != nil || to.Kind != link.KindContact {
		return contacts.Contact{}, fault.New(fault.BadKey, "That is not a person's key or link.")
	}
	if to.Key.String() == ownKey {
		return contacts.Contact{}, fault.New(fault.OwnKey, "That is your own key.")
	}
	return f.stand(to.Key.String(), contacts.Added)
}

func (f *fakeContacts) AddPicture(ctx context.Context, picture io.Reader) (contacts.Contact, error) {
	text, err := io.ReadAll(picture)
	if err != nil || !strings.HasPrefix(string(text), "code:") {
		return contacts.Contact{}, fault.New(fault.BadLink, "There is no code in this picture.")
	}
	return f.Add(ctx, strings.TrimPrefix(string(text), "code:"))
}

func (f *fakeContacts) Accept(_ context.Context, key string) (contacts.Contact, error) {
	return f.stand(key, contacts.Added)
}

func (f *fakeContacts) Ignore(_ context.Context, key string) (contacts.Contact, error) {
	return f.stand(key, contacts.Ignored)
}

func (f *fakeContacts) Block(_ context.Context, key string) (contacts.Contact, error) {
	return f.stand(key, contacts.Blocked)
}

func (f *fakeContacts) Unblock(_ context.Context, key string) (contacts.Contact, error) {
	if f.neverAdded {
		return f.stand(key, contacts.Stranger)
	}
	return f.stand(key, contacts.Added)
}

func (f *fakeContacts) Remove(_ context.Context, key string) (contacts.Contact, error) {
	return f.stand(key, contacts.Stranger)
}

func (f *fakeContacts) SetNickname(_ context.Context, key, name string) (contacts.Contact, error) {
	return f.change(key, func(c *contacts.Contact) error { c.Nickname = strings.TrimSpace(name); return nil })
}

func (f *fakeContacts) Link(context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, err := identity.ParsePublicKey(ownKey)
	if err != nil {
		return "", err
	}
	return link.Contact(key, []byte("a bundle of keys as it stands in a link"), ""), f.fail()
}

func (f *fakeContacts) QR(context.Context) (image.Image, error) { return squares("mine"), nil }

func (f *fakeContacts) Code(_ context.Context, key string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return codeWith(key), f.fail()
}

// codeWith is the code that this account and somebody compare.
func codeWith(key string) string {
	own, _ := identity.ParsePublicKey(ownKey)
	public, _ := identity.ParsePublicKey(key)
	return identity.SafetyCode(own, public)
}

func (f *fakeContacts) CodeQR(_ context.Context, key string) (image.Image, error) {
	return squares(key), nil
}

func (f *fakeContacts) Verify(_ context.Context, key, code string) (contacts.Contact, error) {
	if !identity.SameSafetyCode(code, codeWith(key)) {
		return contacts.Contact{}, fault.New(fault.NotAllowed, "The codes differ.")
	}
	return f.change(key, func(c *contacts.Contact) error { c.Verified, c.VerifiedAt = true, noon; return nil })
}

func (f *fakeContacts) Unverify(_ context.Context, key string) (contacts.Contact, error) {
	return f.change(key, func(c *contacts.Contact) error { c.Verified = false; return nil })
}

// squares is a picture that looks like a code.
func squares(text string) image.Image {
	const cells, side = 41, 10
	sum := fnv.New64a()
	img := image.NewGray(image.Rect(0, 0, cells*side, cells*side))
	for y := range cells {
		for x := range cells {
			_, _ = sum.Write([]byte(text))
			shade := color.Gray{Y: 255}
			if sum.Sum64()>>17&1 == 1 {
				shade.Y = 0
			}
			for i := range side * side {
				img.SetGray(x*side+i%side, y*side+i/side, shade)
			}
		}
	}
	return img
}

// amongPeople prepares an open account with a channel, three contacts and two requests.
func amongPeople(h *harness) {
	inLobby(h)
	bruno, cleo := person(otherKey, contacts.Added), person(cleoKey, contacts.Added)
	bruno.Nickname, bruno.Verified, bruno.VerifiedAt, bruno.Devices = "Bruno", true, noon.AddDate(0, 0, -2), 2
	cleo.Name, cleo.Devices = "Cleo", 1
	first, second := person(strangerKey, contacts.Requested), person(otherwise, contacts.Requested)
	first.Name = "Dora"
	h.people.list = []contacts.Contact{bruno, cleo, first, second}
	h.chats.chats = append(h.chats.chats,
		chats.Chat{ID: otherKey, Kind: chats.Private, Name: "Bruno", Verified: true},
		chats.Chat{ID: cleoKey, Kind: chats.Private, Name: "Cleo", Unread: 2},
		chats.Chat{ID: strangerKey, Kind: chats.Private, Name: "Dora", Request: true, Unread: 2},
		chats.Chat{ID: otherwise, Kind: chats.Private, Name: second.Pseudonym, Request: true, Unread: 1})
	h.chats.messages[otherKey] = withBruno()
	h.chats.messages[cleoKey] = []chats.Message{
		between(cleoKey, 5, cleoKey, "Are you coming on Friday?"),
		between(cleoKey, 6, cleoKey, "I have a seat left in the car"),
	}
	h.chats.messages[strangerKey] = []chats.Message{
		between(strangerKey, 7, strangerKey, "Hello, I am Dora from the ski club."),
		between(strangerKey, 8, strangerKey, "Bruno gave me your key. May I join you next weekend?"),
	}
	h.chats.messages[otherwise] = []chats.Message{between(otherwise, 9, otherwise, "Win a new phone, only today: https://example.org/win")}
}

// between is a message of a private chat.
func between(chat string, n int, key, text string) chats.Message {
	m := said(chat, n, key, text)
	m.ID = m.ID[:20] + chat[6:12] + m.ID[26:]
	m.ForwardSecret = true
	return m
}

// withBruno is a conversation with what may stand in one.
func withBruno() []chats.Message {
	ask := between(otherKey, 3, otherKey, "Did you find the maps?")
	answer := between(otherKey, 5, ownKey, "Yes, they were in the attic.")
	answer.ReplyTo, answer.Quote = ask.ID, &chats.Quote{Author: chats.Author{Key: otherKey, Pseudonym: "Steep Violet Otter", Nickname: "Bruno"}, Text: ask.Text}
	answer.State, answer.Addressed, answer.DeliveredTo = chats.Delivered, 2, 2
	first := between(otherKey, 1, ownKey, "Hi Bruno, this is Kay")
	first.ForwardSecret, first.State, first.DeliveredTo = false, chats.Delivered, 1
	lost := between(otherKey, 12, otherKey, "That one, yes")
	lost.ReplyTo = "0x" + strings.Repeat("ab", 32)
	device := between(otherKey, 8, ownKey, "A new device of theirs appeared.")
	device.System = true
	stored := between(otherKey, 14, ownKey, "I bring them along")
	stored.State = chats.Stored
	last := between(otherKey, 21, ownKey, "thanks, see you there")
	last.State, last.Addressed, last.DeliveredTo = chats.Delivered, 2, 1
	all := []chats.Message{first, ask, answer, device, lost, stored, last}
	for i := range all {
		if all[i].Author.Key == otherKey {
			all[i].Author.Nickname = "Bruno"
		}
	}
	return all
}
