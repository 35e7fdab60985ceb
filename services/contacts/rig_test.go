package contacts

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/node/secure/securetest"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/pairwise"
)

// newKey is a fixed key per name: tests repeat exactly.
func newKey(name string) *ecdsa.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	key, err := crypto.ToECDSA(seed[:])
	if err != nil {
		panic(err)
	}
	return key
}

// log collects what is published.
type log struct{ list []event.Event }

func (l *log) Publish(e event.Event) { l.list = append(l.list, e) }

// rig is a service with an account over a real store, at a time that only the test moves.
type rig struct {
	*Service
	t       testing.TB
	store   *models.Store
	pair    *pairwise.Pair
	log     *log
	now     time.Time
	changed int // how often the account said so
}

func newRig(t testing.TB) *rig {
	t.Helper()
	store, err := models.Open(filepath.Join(t.TempDir(), "a.db"), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	r := &rig{t: t, store: store, log: &log{}, now: time.UnixMilli(1_605_787_200_123)}
	now := func() time.Time { return r.now }
	key := newKey("self")
	if r.pair, err = pairwise.Open(t.Context(), pairwise.Config{Store: store, Key: key, Rand: rand.Reader, Now: now}); err != nil {
		t.Fatal(err)
	}
	r.Service = New(r.log)
	r.Attach(Account{Store: store, Key: key, Pair: r.pair, Now: now, Changed: func() { r.changed++ }})
	return r
}

// update is a transaction that has to succeed.
func (r *rig) update(fn func(*models.Tx) error) {
	r.t.Helper()
	if err := r.store.Update(context.Background(), fn); err != nil {
		r.t.Fatal(err)
	}
}

// friend is somebody else, with a program of their own.
type friend struct {
	identity.PublicKey
	device secure.Device
	state  *securetest.State
}

func newFriend(name string) *friend {
	key := newKey(name)
	return &friend{identity.KeyOf(&key.PublicKey), secure.Device{Key: key, Installation: "of " + name, Rand: rand.Reader}, securetest.New()}
}

func (f *friend) bundle(r *rig) []byte { return must(f.device.Bundle(f.state, r.now))(r.t) }

// reads is what somebody finds in a message of ours to them.
func (f *friend) reads(r *rig, o models.Outgoing) datasync.Payload {
	r.t.Helper()
	opened := must(f.device.Open(f.state, o.Payload, r.pair.Self(), r.now))(r.t)
	return must(datasync.DecodePayload(opened.Plaintext))(r.t)
}

// asks is what a message of a stranger leaves behind: a request, and what it is acknowledged with later.
func (f *friend) asks(r *rig, owed ...datasync.ID) {
	r.t.Helper()
	r.update(func(tx *models.Tx) error {
		for _, id := range owed {
			if err := tx.OweAck(f.PublicKey, id, 1); err != nil {
				return err
			}
		}
		return tx.PutChat(&models.Chat{Kind: models.PrivateChat, Name: f.String(), Request: true, JoinedAt: r.now.UnixMilli()})
	})
}

// waiting is what is in the outbox.
func (r *rig) waiting() (list []models.Outgoing) {
	r.t.Helper()
	r.update(func(tx *models.Tx) (err error) {
		list, err = tx.DueOutgoing(r.now.UnixMilli(), r.now.UnixMilli(), 100)
		return err
	})
	return list
}

// sent empties the outbox.
func (r *rig) sent() {
	r.t.Helper()
	for _, o := range r.waiting() {
		r.update(func(tx *models.Tx) error { return tx.RemoveOutgoingByID(o.ID) })
	}
}

// standing is all that is stored about somebody, in words.
func (r *rig) standing(who identity.PublicKey) string {
	r.t.Helper()
	var words []string
	r.update(func(tx *models.Tx) error {
		contact, known, err := tx.Contact(who)
		if err != nil {
			return err
		}
		chat, talked, err := tx.ChatNamed(models.PrivateChat, who.String())
		if err != nil {
			return err
		}
		owed, err := tx.OwedAcks(who)
		if err != nil {
			return err
		}
		_, repeats, err := tx.NextRecord(r.now)
		if err != nil {
			return err
		}
		devices, err := tx.Installations(who)
		words = append(words, fmt.Sprint(contact, known, chat, talked, owed, repeats, devices))
		return err
	})
	return strings.Join(append(words, fmt.Sprint(len(r.waiting()))), " ")
}

// refuses fails the test unless fn says no with a code and a sentence, changes nothing about somebody, and tells nobody.
func (r *rig) refuses(what string, who identity.PublicKey, code fault.Code, sentence string, fn func() error) {
	r.t.Helper()
	before, changed := r.standing(who), r.changed
	r.log.list = nil
	err := fn()
	if fault.CodeOf(err) != code || !strings.HasPrefix(fault.Sentence(err), sentence) {
		r.t.Errorf("%s: got %v, want %s: %s", what, err, code, sentence)
	}
	if after := r.standing(who); after != before {
		r.t.Errorf("%s: it was\n%s and is\n%s", what, before, after)
	}
	if len(r.log.list) != 0 || r.changed != changed {
		r.t.Errorf("%s: told of %v", what, r.log.list)
	}
}

// told fails the test unless these events came since it was asked last, and the account said that something changed.
func (r *rig) told(what string, kinds ...event.Kind) {
	r.t.Helper()
	var got []event.Kind
	for _, e := range r.log.list {
		got = append(got, e.Kind)
	}
	if !slices.Equal(got, kinds) || r.changed == 0 {
		r.t.Errorf("%s: told of %v, %d times changed", what, got, r.changed)
	}
	r.log.list, r.changed = nil, 0
}

// must is for calls that have to succeed.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// updateOf reads the contact update in a message of ours.
func updateOf(t testing.TB, from, to identity.PublicKey, m datasync.Message) payload.ContactUpdate {
	t.Helper()
	opened := must(payload.OpenPrivate(m.Body, payload.PrivateArrival{Self: to, Signer: from, Sent: time.Unix(m.Timestamp, 0)}))(t)
	if opened.Type != payload.TypeContact {
		t.Errorf("a message of type %d", opened.Type)
	}
	return opened.Update
}
