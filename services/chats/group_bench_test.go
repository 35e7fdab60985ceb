package chats

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/event"
)

// choir is a group of outsiders and one person, who joined.
type choir struct {
	id      string
	singers []*outsider
	events  []group.Event
}

// newChoir makes a group of some outsiders and a person, and tells the person of it.
func newChoir(b testing.TB, ann *person, members int, arrived bell) *choir {
	b.Helper()
	c := &choir{}
	for i := range members - 1 {
		o := newOutsider(b, fmt.Sprint("singer ", i))
		o.learns(ann)
		c.singers = append(c.singers, o)
	}
	leader := c.singers[0]
	ann.accepts(leader)
	c.id = must(group.NewID(rand.Reader, leader.who()))(b)
	c.sign(b, leader, group.Event{Type: group.Created, Name: "Choir"})
	for _, o := range c.singers[1:] {
		c.sign(b, leader, group.Event{Type: group.Added, Members: []identity.PublicKey{o.who()}})
		c.sign(b, o, group.Event{Type: group.Joined})
	}
	c.sign(b, leader, group.Event{Type: group.Added, Members: []identity.PublicKey{key(ann)}})
	wrapped, _, err := payload.Membership{ChatID: c.id, Events: payload.RawEvents(c.events)}.Seal(leader.key)
	if err != nil {
		b.Fatal(err)
	}
	ann.receives(leader.envelope(leader.encrypt(key(ann), leader.synced(key(ann), wrapped))))
	g := &guest{person: ann}
	g.lend()
	<-arrived.ring // the line of the invitation
	must(g.groups.Accept(b.Context(), c.id))(b)
	return c
}

// sign adds an event to the log.
func (c *choir) sign(b testing.TB, by *outsider, e group.Event) {
	b.Helper()
	e.Clock = uint64(time.Now().UnixMilli()) - 10_000 + uint64(len(c.events))
	c.events = append(c.events, must(group.Sign(by.key, c.id, e))(b))
}

// text is a text of one of them, as it is sent to the person.
func (c *choir) text(b testing.TB, n int, to *person) Delivery {
	b.Helper()
	by := c.singers[n%len(c.singers)]
	said := must(payload.NewGroupText(c.id, "See you at the station at ten.", "", uint64(time.Now().UnixMilli())+uint64(n), time.Now()))(b)
	u := payload.Membership{ChatID: c.id, Events: payload.RawEvents(group.Abridged(c.id, c.events, by.who())), Text: &said}
	wrapped, _, err := u.Seal(by.key)
	if err != nil {
		b.Fatal(err)
	}
	return by.envelope(by.encrypt(key(to), by.synced(key(to), wrapped)))
}

// BenchmarkReceiveGroup is 1,000 texts of 199 people in a group of 200 that wait at once, decrypted, checked and stored.
func BenchmarkReceiveGroup(b *testing.B) {
	ann := newPerson(b, "ann")
	defer ann.close()
	ann.online(0)
	ann.node.set(func(n *fakeNode) { n.stopped = time.Now() })
	arrived := bell{event.Message, make(chan struct{}, 10_000)}
	store := ann.counted(arrived)
	c := newChoir(b, ann, 200, arrived)
	b.ReportAllocs()
	said := 0
	for b.Loop() {
		b.StopTimer()
		var list []Delivery
		for range 1000 {
			list = append(list, c.text(b, said, ann))
			said++
		}
		for len(arrived.ring) > 0 {
			<-arrived.ring // lines
		}
		b.StartTimer()
		for _, d := range list {
			ann.receives(d)
		}
		for range list {
			<-arrived.ring
		}
	}
	if n := rowsIn(b, store, c.id); n < said {
		b.Errorf("%d of %d are there, refused %v", n, said, ann.Counts().Refused)
	}
}

// rowsIn is how many rows a group's chat has.
func rowsIn(b testing.TB, store *counting, id string) (n int) {
	b.Helper()
	err := store.View(b.Context(), func(tx *models.Tx) error {
		chat, _, err := tx.ChatNamed(models.GroupChat, id)
		if err != nil {
			return err
		}
		rows, err := tx.Older(chat.ID, nil, 1<<20)
		n = len(rows)
		return err
	})
	return must(n, err)(b)
}
