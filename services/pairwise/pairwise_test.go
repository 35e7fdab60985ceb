package pairwise_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/services/pairwise"
)

// side is one installation over a real store, at a time that both sides share.
type side struct {
	*pairwise.Pair
	t     testing.TB
	key   *ecdsa.PrivateKey
	store *models.Store
	now   *time.Time
	chat  int64
}

func newSide(t testing.TB, name string, now *time.Time) *side {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	key, err := crypto.ToECDSA(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	s := &side{t: t, key: key, now: now}
	if s.store, err = models.Open(filepath.Join(t.TempDir(), "a.db"), [32]byte{1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.store.Close(); err != nil {
			t.Error(err)
		}
	})
	s.open(false)
	s.do(func(tx *models.Tx) error {
		c := models.Chat{Kind: models.PrivateChat, Name: "with the other"}
		err := tx.PutChat(&c)
		s.chat = c.ID
		return err
	})
	return s
}

func (s *side) open(anew bool) {
	s.t.Helper()
	var err error
	s.Pair, err = pairwise.Open(s.t.Context(), pairwise.Config{Store: s.store, Key: s.key, Rand: rand.Reader,
		Now: func() time.Time { return *s.now }, Anew: anew})
	if err != nil {
		s.t.Fatal(err)
	}
}

// two know each other's devices.
func two(t testing.TB) (ann, bo *side, now *time.Time) {
	now = new(time.Time)
	*now = time.UnixMilli(1_605_787_200_123)
	ann, bo = newSide(t, "ann", now), newSide(t, "bo", now)
	ann.learns(bo)
	bo.learns(ann)
	return ann, bo, now
}

func (s *side) do(fn func(*models.Tx) error) {
	s.t.Helper()
	if err := s.store.Update(context.Background(), fn); err != nil {
		s.t.Fatal(err)
	}
}

func (s *side) learns(other *side) {
	s.t.Helper()
	var bundle []byte
	other.do(func(tx *models.Tx) (err error) {
		bundle, err = other.Bundle(tx)
		return err
	})
	s.do(func(tx *models.Tx) error {
		_, err := s.Learn(tx, bundle, other.Self())
		return err
	})
}

// says stores a message and queues it.
func (s *side) says(to *side, words string) (row int64, sealed secure.Sealed) {
	s.t.Helper()
	s.do(func(tx *models.Tx) (err error) {
		id := sha256.Sum256([]byte(words))
		m := models.Message{ID: id[:], Chat: s.chat, Clock: 1, Author: []byte{4}, Text: words, Outgoing: true}
		if _, err := tx.AddMessage(&m); err != nil {
			return err
		}
		row = m.Row
		sealed, err = s.Send(tx, to.Self(), []byte(words), pairwise.Ref{Message: m.Row, Chat: m.Chat})
		return err
	})
	return row, sealed
}

// outbox is what waits, the oldest first.
func (s *side) outbox() (list []models.Outgoing) {
	s.t.Helper()
	s.do(func(tx *models.Tx) (err error) {
		list, err = tx.DueOutgoing(1<<62, 1<<62, 10_000)
		return err
	})
	return list
}

// sent takes everything that waits out of the outbox.
func (s *side) sent() []models.Outgoing {
	s.t.Helper()
	list := s.outbox()
	for _, o := range list {
		s.do(func(tx *models.Tx) error { return tx.RemoveOutgoingByID(o.ID) })
	}
	return list
}

// reads opens a message.
func (s *side) reads(o models.Outgoing, from *side, answer bool) (got pairwise.Received) {
	s.t.Helper()
	s.do(func(tx *models.Tx) (err error) {
		got, err = s.Open(tx, o.Payload, from.Self(), answer)
		return err
	})
	return got
}

// resends is how many messages were queued again.
func (s *side) resends() (n int) {
	s.t.Helper()
	s.do(func(tx *models.Tx) (err error) {
		n, err = s.Resend(tx, 32)
		return err
	})
	return n
}

// repeats is how long nothing is sent again, and whether anything will be.
func (s *side) repeats() (wait time.Duration, waits bool) {
	s.t.Helper()
	s.do(func(tx *models.Tx) (err error) {
		wait, waits, err = tx.NextRecord(*s.now)
		return err
	})
	return wait, waits
}

func TestSendPutsCiphertextIntoTheOutbox(t *testing.T) {
	ann, bo, now := two(t)
	row, sealed := ann.says(bo, "hello")
	list := ann.outbox()
	if len(list) != 1 {
		t.Fatalf("%d rows wait", len(list))
	}
	o := list[0]
	if o.Message != row || o.Chat != ann.chat || o.Kind != models.PrivateOutgoing || identity.PublicKey(o.Recipient) != bo.Self() ||
		o.NextTry != now.UnixMilli() || o.Negotiated || string(o.Payload) != string(sealed.Message) {
		t.Errorf("what waits is %+v", o)
	}
	if !sealed.ForwardSecret || !slices.Equal(sealed.Installations, []string{bo.Installation()}) {
		t.Errorf("encrypted for %q", sealed.Installations)
	}
	got := bo.reads(o, ann, true)
	if len(got.Bodies) != 1 || string(got.Bodies[0].Wrapped) != "hello" || len(got.Acks) != 1 || got.Acks[0] != got.Bodies[0].ID ||
		got.Installation != ann.Installation() || !got.ForwardSecret || len(got.NewDevices) != 0 {
		t.Errorf("bo has %+v", got)
	}
}

func TestAcknowledgementsSettle(t *testing.T) {
	ann, bo, _ := two(t)
	row, _ := ann.says(bo, "hello")
	got := bo.reads(ann.sent()[0], ann, true)
	bo.do(func(tx *models.Tx) error { return bo.Acknowledge(tx, ann.Self(), got.Acks) })
	acks := bo.sent()
	if len(acks) != 1 || acks[0].Message != 0 || acks[0].Chat != 0 || !acks[0].Negotiated {
		t.Fatalf("acknowledged with %+v", acks)
	}
	answer := ann.reads(acks[0], bo, true)
	if len(answer.Delivered) != 1 || answer.Delivered[0].Ref != row || answer.Delivered[0].Installation != bo.Installation() || len(answer.Bodies) != 0 {
		t.Errorf("ann has %+v", answer)
	}
	if _, waits := ann.repeats(); waits {
		t.Error("it is still repeated")
	}
	if _, waits := bo.repeats(); waits {
		t.Error("an acknowledgement is repeated")
	}
}

// TestManyAcknowledgements go in parts that receivers take.
func TestManyAcknowledgements(t *testing.T) {
	ann, bo, _ := two(t)
	var ids []datasync.ID
	for n := range 2*datasync.MaxIDs + 1 {
		ids = append(ids, sha256.Sum256([]byte(fmt.Sprint(n))))
	}
	bo.do(func(tx *models.Tx) error { return bo.Acknowledge(tx, ann.Self(), ids) })
	list := bo.outbox()
	if len(list) != 3 {
		t.Fatalf("%d rows wait", len(list))
	}
	for _, o := range list {
		ann.reads(o, bo, true)
	}
	bo.do(func(tx *models.Tx) error { return bo.Acknowledge(tx, ann.Self(), nil) })
	if n := len(bo.outbox()); n != 3 {
		t.Errorf("%d rows wait after nothing was acknowledged", n)
	}
}

// TestControlIsTrimmed keeps the newest of what belongs to no message, and every message.
func TestControlIsTrimmed(t *testing.T) {
	ann, bo, _ := two(t)
	row, _ := ann.says(bo, "hello")
	ann.do(func(tx *models.Tx) error {
		for n := range 1100 {
			if err := ann.Acknowledge(tx, bo.Self(), []datasync.ID{{byte(n), byte(n >> 8)}}); err != nil {
				return err
			}
		}
		return nil
	})
	list := ann.outbox()
	if len(list) != 1025 || list[0].Message != row {
		t.Errorf("%d rows wait", len(list))
	}
}

// TestResend encrypts anew what was not acknowledged in time, for the devices that lack it, in the outbox row of its message;
// what still waits there, or failed, is not doubled.
func TestResend(t *testing.T) {
	ann, bo, now := two(t)
	row, first := ann.says(bo, "hello")
	*now = now.Add(time.Minute)
	if n := ann.resends(); n != 0 || len(ann.outbox()) != 1 {
		t.Errorf("%d were queued beside what waits", n)
	}
	before := ann.sent()
	if n := ann.resends(); n != 0 {
		t.Errorf("%d were queued right after that", n)
	}
	*now = now.Add(15 * time.Second)
	if n := ann.resends(); n != 1 {
		t.Fatalf("%d were queued", n)
	}
	again := ann.outbox()
	if len(again) != 1 || again[0].Message != row || again[0].Chat != ann.chat || string(again[0].Payload) == string(first.Message) {
		t.Errorf("what waits is %+v", again)
	}
	if got := bo.reads(again[0], ann, true); len(got.Bodies) != 1 || len(got.Acks) != 1 {
		t.Errorf("bo has %+v", got)
	}
	if got := bo.reads(before[0], ann, true); len(got.Bodies) != 0 || len(got.Acks) != 1 { // it came late
		t.Errorf("bo has %+v", got)
	}
	again[0].Failed = true
	ann.do(func(tx *models.Tx) error { return tx.PutOutgoing(&again[0]) })
	*now = now.Add(10 * time.Minute)
	if n := ann.resends(); n != 0 {
		t.Errorf("%d were queued beside one that failed", n)
	}
	if wait, _ := ann.repeats(); wait != time.Hour {
		t.Errorf("one that failed is looked at again in %v", wait)
	}
}

// TestAsked sends at once what a device asks for, but only where its person may know that we are there.
func TestAsked(t *testing.T) {
	ann, bo, _ := two(t)
	ann.says(bo, "hello")
	ann.sent()
	var id datasync.ID
	ann.do(func(tx *models.Tx) error {
		due, err := tx.Due(time.UnixMilli(1<<40), 1)
		if err == nil {
			id = due[0]
		}
		return err
	})
	ask := func(p datasync.Payload) models.Outgoing {
		t.Helper()
		raw, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		device := secure.Device{Key: bo.key, Installation: bo.Installation(), Rand: rand.Reader}
		var sealed secure.Sealed
		bo.do(func(tx *models.Tx) (err error) {
			sealed, err = device.Seal(tx, ann.Self(), raw, *bo.now, nil)
			return err
		})
		return models.Outgoing{Payload: sealed.Message}
	}
	wants := datasync.Payload{Requests: []datasync.ID{id}, Offers: []datasync.ID{{1}, {2}}}
	if got := ann.reads(ask(wants), bo, false); got.Asked || len(ann.outbox()) != 0 || ann.resends() != 0 {
		t.Errorf("a stranger had an answer: %+v", got)
	}
	if got := ann.reads(ask(wants), bo, true); !got.Asked || len(ann.outbox()) != 1 || ann.resends() != 1 {
		t.Errorf("bo had no answer: %+v", got)
	}
}

// TestGivenUp forgets what nobody acknowledged for a month, and what has no message any more.
func TestGivenUp(t *testing.T) {
	ann, bo, now := two(t)
	ann.says(bo, "hello")
	gone, _ := ann.says(bo, "taken back")
	ann.sent()
	ann.do(func(tx *models.Tx) error { return tx.RemoveMessage(gone) })
	*now = now.Add(datasync.MaxAge)
	if n := ann.resends(); n != 1 {
		t.Errorf("%d were queued within a month", n)
	}
	ann.sent()
	*now = now.Add(2 * time.Hour)
	if n := ann.resends(); n != 0 || len(ann.outbox()) != 0 {
		t.Errorf("%d were queued after a month", n)
	}
	if _, waits := ann.repeats(); waits {
		t.Error("it is still repeated")
	}
}

// TestHeal tells somebody to begin anew, once in two hours but for the same once more, and both understand each other
// afterwards.
func TestHeal(t *testing.T) {
	ann, bo, now := two(t)
	was := bo.Installation()
	bo.open(true) // bo's database was put back
	if bo.Installation() == was {
		t.Error("the installation is the same")
	}
	ann.says(bo, "nobody can read this")
	lost := ann.sent()[0]
	err := bo.store.Update(t.Context(), func(tx *models.Tx) error {
		_, err := bo.Open(tx, lost.Payload, ann.Self(), true)
		return err
	})
	if !errors.Is(err, secure.ReasonNotForDevice) {
		t.Fatalf("got %v", err)
	}
	heal := func(want bool) {
		t.Helper()
		bo.do(func(tx *models.Tx) error {
			made, err := bo.Heal(tx, ann.Self())
			if made != want {
				t.Errorf("told: %t", made)
			}
			return err
		})
	}
	heal(true)
	heal(false)
	first := bo.sent()
	if len(first) != 1 {
		t.Fatalf("told with %+v", first)
	}
	*now = now.Add(time.Minute)
	heal(true) // the first one is lost
	list := bo.sent()
	if len(list) == 1 && string(list[0].Payload) != string(first[0].Payload) {
		t.Error("told otherwise")
	}
	if len(list) != 1 || list[0].Message != 0 || list[0].Negotiated {
		t.Fatalf("told with %+v", list)
	}
	if got := ann.reads(list[0], bo, true); len(got.Bodies) != 0 || len(got.NewDevices) != 1 {
		t.Errorf("ann has %+v", got)
	}
	ann.says(bo, "and now?")
	if got := bo.reads(ann.sent()[0], ann, true); len(got.Bodies) != 1 || !got.ForwardSecret {
		t.Errorf("bo has %+v", got)
	}
	*now = now.Add(2 * time.Hour)
	heal(true)
	*now = now.Add(-48 * time.Hour) // the clock was set back: that must not silence it for two days
	heal(true)
}
