package chats

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/services/event"
)

// counting is a store that counts commits, and can be held.
type counting struct {
	*models.Store
	mu      sync.Mutex
	commits int
}

func (c *counting) Update(ctx context.Context, fn func(*models.Tx) error) error {
	err := c.Store.Update(ctx, fn)
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.commits++
	}
	return err
}

// taken is how many commits there were since it was asked last.
func (c *counting) taken() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.commits
	c.commits = 0
	return n
}

// held runs fn while nothing can be written.
func (c *counting) held(fn func()) {
	begun, release := make(chan struct{}), make(chan struct{})
	var holder sync.WaitGroup
	holder.Go(func() {
		_ = c.Store.Update(context.Background(), func(*models.Tx) error {
			close(begun)
			<-release
			return nil
		})
	})
	<-begun
	fn()
	close(release)
	holder.Wait()
}

// bell rings for each event of a kind.
type bell struct {
	kind event.Kind
	ring chan struct{}
}

func (b bell) Publish(e event.Event) {
	if e.Kind == b.kind {
		b.ring <- struct{}{}
	}
}

// counted opens a person's account over a store that counts.
func (p *person) counted(events event.Publisher) *counting {
	p.t.Helper()
	p.Detach()
	store := &counting{Store: p.store}
	p.Service = New(Config{Events: events})
	if err := p.Attach(context.Background(), accountOf(p.t, store, p.node, p.key)); err != nil {
		p.t.Fatal(err)
	}
	p.meet()
	return store
}

// befriend makes contacts of people whose keys are of names, in one transaction.
func (p *person) befriend(n int) {
	p.t.Helper()
	err := p.store.Update(context.Background(), func(tx *models.Tx) error {
		for i := range n {
			who := identity.KeyOf(&newKey(fmt.Sprint("friend ", i)).PublicKey)
			if err := tx.PutContact(&models.Contact{Key: who[:], State: models.ContactAdded, AddedAt: 1}); err != nil {
				return err
			}
			if err := tx.PutChat(&models.Chat{Kind: models.PrivateChat, Name: who.String(), Active: true, JoinedAt: int64(i)}); err != nil {
				return err
			}
			key := models.TopicKey{Name: labelNegotiated + who.String(), Topic: who[1:5], Key: who[1:33]}
			if err := tx.PutTopicKey(key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// accepts makes a contact of an outsider, who knows the bundle of the person afterwards, as the person knows theirs.
func (p *person) accepts(o *outsider) {
	p.t.Helper()
	o.learns(p)
	err := p.store.Update(context.Background(), func(tx *models.Tx) error {
		_, err := p.open.Pair.Learn(tx, o.bundle(), o.who())
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	must(p.contacts.Add(context.Background(), o.self()))(p.t)
}

// BenchmarkSendPrivate is Send to a contact of whom one device is known, until it is stored what is to go out.
func BenchmarkSendPrivate(b *testing.B) {
	ann, bo := newPerson(b, "ann"), newOutsider(b, "bo")
	defer ann.close()
	ann.online(0)
	ann.accepts(bo)
	if err := ann.open.tuneIn(b.Context()); err != nil {
		b.Fatal(err)
	}
	before := processTime(b)
	b.ReportAllocs()
	for b.Loop() {
		ann.say(bo.self(), "see you there")
	}
	b.ReportMetric(float64((processTime(b)-before).Microseconds())/float64(b.N)/1000, "cpu-ms/op")
}

// BenchmarkReceivePrivate is 256 messages of a contact that wait at once, by the message.
func BenchmarkReceivePrivate(b *testing.B) {
	for _, friends := range []int{0, 1000} {
		b.Run(fmt.Sprint("contacts=", friends), func(b *testing.B) { receivePrivate(b, friends) })
	}
}

const batch = 256

func receivePrivate(b *testing.B, friends int) {
	ann, bo := newPerson(b, "ann"), newOutsider(b, "bo")
	defer ann.close()
	ann.online(0)
	ann.node.set(func(n *fakeNode) { n.stopped = time.Now() })
	ann.befriend(friends)
	arrived := bell{event.Message, make(chan struct{}, batch)}
	store := ann.counted(arrived)
	ann.accepts(bo)
	if err := ann.open.tuneIn(b.Context()); err != nil {
		b.Fatal(err)
	}
	var busy time.Duration
	commits := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		var list []Delivery
		for range batch {
			list = append(list, bo.envelope(bo.writes(key(ann), "see you there")))
		}
		store.taken()
		before := processTime(b)
		b.StartTimer()
		store.held(func() {
			for _, d := range list {
				ann.receives(d)
			}
		})
		for range batch {
			<-arrived.ring
		}
		busy += processTime(b) - before
		commits += store.taken()
	}
	b.ReportMetric(float64(busy.Microseconds())/float64(b.N*batch)/1000, "cpu-ms/message")
	b.ReportMetric(float64(commits)/float64(b.N), "commits/batch")
	if n := len(ann.Counts().Refused); n != 0 {
		b.Errorf("refused %v", ann.Counts().Refused)
	}
}

// TestOneCommit counts what is written durably: sending is one commit, and so is a full batch of arrivals with all that is
// acknowledged in it.
func TestOneCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newOutsider(t, "bo")
		defer ann.close()
		ann.online(0)
		store := ann.counted(ann.log)
		ann.accepts(bo)
		settle()
		store.taken()
		ann.say(bo.self(), "hello")
		if n := store.taken(); n != 1 {
			t.Errorf("%d commits to send", n)
		}
		var list []Delivery
		for range batch {
			list = append(list, bo.envelope(bo.writes(key(ann), "see you there")))
		}
		store.held(func() {
			for _, d := range list {
				ann.receives(d)
			}
		})
		settle()
		if n := store.taken(); n != 1 || len(ann.messages(bo.self())) != batch+1 {
			t.Errorf("%d commits for %d messages", n, len(ann.messages(bo.self()))-1)
		}
	})
}
