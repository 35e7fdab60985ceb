package chats

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services/event"
	"sotto/services/ingest"
)

// crowded is a person with so many contacts and channels who has just been attached anew, over a store that counts. derived
// counts the keys that were derived since.
func crowded(t testing.TB, contacts, channels int) (p *person, store *counting, derived *atomic.Int64, took time.Duration) {
	t.Helper()
	p = newPerson(t, "ann")
	p.befriend(contacts)
	for n := range channels {
		p.join(fmt.Sprint("channel-", n))
	}
	if err := p.open.tuneIn(context.Background()); err != nil {
		t.Fatal(err)
	}
	p.Detach()
	store, derived = &counting{Store: p.store}, new(atomic.Int64)
	p.Service = New(Config{Events: p.log, Derive: func(name string) [32]byte {
		derived.Add(1)
		return whisper.SymKeyOf(name)
	}})
	before := time.Now()
	if err := p.Attach(context.Background(), accountOf(t, store, p.node, p.key)); err != nil {
		t.Fatal(err)
	}
	took = time.Since(before)
	p.meet()
	return p, store, derived, took
}

// TestAttachingACrowd listens to everything at once, and derives nothing again: that would take a quarter of a minute.
func TestAttachingACrowd(t *testing.T) {
	ann, _, derived, took := crowded(t, 1000, 50)
	defer ann.close()
	ann.node.mu.Lock()
	topics := len(ann.node.subs)
	ann.node.mu.Unlock()
	if topics != 1000+50+1 || derived.Load() != 0 {
		t.Errorf("%d topics, %d keys were derived", topics, derived.Load())
	}
	if took > time.Second && !raceEnabled {
		t.Errorf("it took %v", took)
	}
}

// TestReceivingDoesNotKnowTheCrowd takes as much to receive with a thousand contacts as with none.
func TestReceivingDoesNotKnowTheCrowd(t *testing.T) {
	allocations := func(contacts int) (n uint64) {
		synctest.Test(t, func(t *testing.T) {
			ann, store, _, _ := crowded(t, contacts, 0)
			defer ann.close()
			ann.online(0)
			bo := newOutsider(t, "bo")
			ann.accepts(bo)
			settle()
			var list []Delivery
			for range batch {
				list = append(list, bo.envelope(bo.writes(key(ann), "see you there")))
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			store.held(func() {
				for _, d := range list {
					ann.receives(d)
				}
			})
			settle()
			runtime.ReadMemStats(&after)
			n = after.Mallocs - before.Mallocs
		})
		return n
	}
	if none, many := allocations(0), allocations(1000); many > none+none/10 {
		t.Errorf("%d allocations with a thousand contacts, %d with none", many, none)
	}
}

// TestNothingIsHeardAfterDetach: a worker that is about to listen to a topic when the account is detached does not.
func TestNothingIsHeardAfterDetach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newOutsider(t, "bo")
		defer func() {
			if err := ann.store.Close(); err != nil {
				t.Error(err)
			}
		}()
		settle()
		a := ann.open
		ann.Detach()
		err := a.listenTo(context.Background(), station{labelNegotiated + bo.self(), ingest.Private, bo.who()})
		if err == nil || len(ann.node.channels()) != 0 {
			t.Errorf("%v, %d topics", err, len(ann.node.channels()))
		}
	})
}

// TestContactCodeWhileATopicEnds: to end a subscription waits for what it hands over, and that may wait for ingest; so ingest
// must not wait for whoever ends one.
func TestContactCodeWhileATopicEnds(t *testing.T) {
	ann, bo := newPerson(t, "ann"), newOutsider(t, "bo")
	defer ann.close()
	must(ann.OpenPrivate(t.Context(), bo.self()))(t)
	code := must(secure.WrapPublic(bo.device.Installation, codeOf(bo), bo.bundle()))(t)
	ann.open.listening.Lock()
	defer ann.open.listening.Unlock()
	err := ann.store.Update(t.Context(), func(tx *models.Tx) error {
		effects, err := ann.open.openContactCode(tx, ingest.Envelope{Owner: bo.who(), Payload: code, Signer: &bo.key.PublicKey})
		if !effects.Listen {
			t.Error("the code is read on")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestOpeningAnIgnoredChat tells that they are ignored no more.
func TestOpeningAnIgnoredChat(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, _, eve *outsider) {
		eve.to(ann, eve.writes(key(ann), "hello"))
		must(ann.contacts.Ignore(t.Context(), eve.self()))(t)
		ann.log.take()
		must(ann.OpenPrivate(t.Context(), eve.self()))(t)
		if kinds := ann.log.kinds(); !slices.Equal(kinds, []event.Kind{event.Contact, event.Chat}) {
			t.Errorf("events %v", kinds)
		}
		eve.to(ann, eve.writes(key(ann), "hello again"))
		if got := ann.texts(eve.self()); !slices.Equal(got, []string{"hello", "hello again"}) {
			t.Errorf("ann has %q", got)
		}
	})
}
