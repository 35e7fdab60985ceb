package groups

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"pgregory.net/rapid"

	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/event"
	"sotto/services/ingest"
	"sotto/services/pairwise"
)

// world is people who know each other, each with a database, at a time that only the test moves.
type world struct {
	t      rapid.TB
	dir    string
	now    time.Time
	people []*person
	way    []letter
	lost   func(from, to *person) bool // may be nil
}

// letter is what is on its way to somebody.
type letter struct {
	from *person
	to   identity.PublicKey
	raw  []byte
	sent time.Time
}

// person is an account without conversations: what comes in goes to the steps of groups alone.
type person struct {
	*Service
	world  *world
	name   string
	key    *ecdsa.PrivateKey
	store  *models.Store
	pair   *pairwise.Pair
	keeper *Keeper
	log    published
}

// published is the events that were told.
type published struct{ list []event.Event }

func (p *published) Publish(e event.Event) { p.list = append(p.list, e) }

var dawn = time.UnixMilli(1_605_787_200_123)

// newWorld makes people who are each other's contacts and know each other's devices; the test closes it.
func newWorld(t rapid.TB, names ...string) *world {
	dir, err := os.MkdirTemp("", "groups")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: dir, now: dawn}
	for _, name := range names {
		w.people = append(w.people, w.open(filepath.Join(dir, name), name))
	}
	for _, p := range w.people {
		for _, q := range w.people {
			if p != q {
				p.meet(q)
			}
		}
	}
	return w
}

func (w *world) close() {
	for _, p := range w.people {
		w.must(p.store.Close())
	}
	w.must(os.RemoveAll(w.dir))
}

func (w *world) open(path, name string) *person {
	p := &person{world: w, name: name, key: newKeyOf(name)}
	var err error
	p.store, err = models.Open(path, [32]byte{1})
	w.must(err)
	now := func() time.Time { return w.now }
	p.pair, err = pairwise.Open(context.Background(), pairwise.Config{Store: p.store, Key: p.key, Rand: rand.Reader, Now: now})
	w.must(err)
	p.keeper = NewKeeper(p.key, p.pair, now)
	p.Service = New(&p.log)
	p.Attach(Account{Store: p.store, Keeper: p.keeper, Rand: rand.Reader, Changed: func() {}})
	return p
}

// newKeyOf is a fixed key per name.
func newKeyOf(name string) *ecdsa.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	key, err := crypto.ToECDSA(seed[:])
	if err != nil {
		panic(err)
	}
	return key
}

func (w *world) must(err error) {
	if err != nil {
		w.t.Fatal(err)
	}
}

func (p *person) self() identity.PublicKey { return identity.KeyOf(&p.key.PublicKey) }

// do is a transaction that has to succeed.
func (p *person) do(fn func(*models.Tx) error) {
	p.world.must(p.store.Update(context.Background(), fn))
}

// meet makes a contact of somebody and takes their bundle in.
func (p *person) meet(q *person) {
	var bundle []byte
	q.do(func(tx *models.Tx) (err error) {
		bundle, err = q.pair.Bundle(tx)
		return err
	})
	who := q.self()
	p.do(func(tx *models.Tx) error {
		_, err := p.pair.Learn(tx, bundle, who)
		return errors.Join(err, tx.PutContact(&models.Contact{Key: who[:], State: models.ContactAdded, AddedAt: 1}))
	})
}

// post puts what waits on its way.
func (p *person) post() {
	p.do(func(tx *models.Tx) error {
		rows, err := tx.DueOutgoing(1<<62, 1<<62, 10_000)
		for _, row := range rows {
			p.world.way = append(p.world.way, letter{p, identity.PublicKey(row.Recipient), row.Payload, p.world.now})
			if err := tx.RemoveOutgoingByID(row.ID); err != nil {
				return err
			}
		}
		return err
	})
}

// arrive hands over everything that is on its way, and what that brings about, until nothing is.
func (w *world) arrive() {
	for {
		for _, p := range w.people {
			p.post()
		}
		if len(w.way) == 0 {
			return
		}
		way := w.way
		w.way = nil
		for _, l := range way {
			for _, p := range w.people {
				if p.self() == l.to && p != l.from && (w.lost == nil || !w.lost(l.from, p)) {
					p.take(l)
				}
			}
		}
	}
}

// take takes in one envelope, as conversations do.
func (p *person) take(l letter) {
	p.do(func(tx *models.Tx) error {
		from := l.from.self()
		got, err := p.pair.Open(tx, l.raw, from, true)
		if err != nil {
			return fmt.Errorf("%s opens a letter of %s: %w", p.name, l.from.name, err)
		}
		acks := got.Acks
		for _, body := range got.Bodies {
			again, err := p.file(tx, l, body.Wrapped)
			if err != nil {
				return err
			}
			if again {
				acks = slices.DeleteFunc(slices.Clone(acks), func(id datasync.ID) bool { return id == body.ID })
				if err := tx.Unreceive(from, body.ID); err != nil {
					return err
				}
			}
		}
		return p.pair.Acknowledge(tx, from, acks)
	})
}

// file files one message and says whether it is to come again.
func (p *person) file(tx *models.Tx, l letter, wrapped []byte) (again bool, err error) {
	in, err := payload.OpenPrivate(wrapped, payload.PrivateArrival{Self: p.self(), Signer: l.from.self(), Sent: l.sent})
	if err != nil {
		return false, err
	}
	var effects ingest.Effects
	err = tx.Savepoint(func() (err error) {
		effects, err = p.keeper.Filers()[in.Type](tx, ingest.Letter{Private: in, From: l.from.self(), Known: true, Sent: l.sent, Wrapped: wrapped})
		return err
	})
	if _, refused := errors.AsType[ingest.Reason](err); refused {
		err = nil
	}
	return slices.Contains(effects.Refused, ingest.NotYet), err
}

// pass lets time go by, with everything that is due then.
func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	for _, p := range w.people {
		p.do(func(tx *models.Tx) error {
			_, err := p.pair.Resend(tx, 1000)
			return errors.Join(err, p.keeper.Check(tx, 1000))
		})
	}
	w.arrive()
}

// say writes a text to a group, as conversations do.
func (p *person) say(id, words string) error {
	return p.store.Update(context.Background(), func(tx *models.Tx) error { return p.write(tx, id, words) })
}

func (p *person) write(tx *models.Tx, id, words string) error {
	chat, _, err := tx.ChatNamed(models.GroupChat, id)
	if err != nil {
		return err
	}
	last, err := tx.LastClock(chat.ID, uint64(p.world.now.Add(time.Minute).UnixMilli()))
	if err != nil {
		return err
	}
	said, err := payload.NewGroupText(id, words, "", payload.NextClock(p.world.now, last), p.world.now)
	if err != nil {
		return err
	}
	wrapped, mid, err := p.keeper.Wrap(tx, chat, said)
	if err != nil {
		return err
	}
	row := rowOf(said, mid, p.self(), p.world.now)
	row.Chat, row.Outgoing, row.Seen = chat.ID, true, true
	if _, err := tx.AddMessage(&row); err != nil {
		return err
	}
	_, err = p.keeper.Deliver(tx, chat, wrapped, row.Row)
	return err
}

// texts are the texts of a group as somebody has them, with who wrote them, in order.
func (p *person) texts(id string) (list []string) {
	p.do(func(tx *models.Tx) error {
		chat, _, err := tx.ChatNamed(models.GroupChat, id)
		if err != nil {
			return err
		}
		rows, err := tx.Older(chat.ID, nil, 10_000)
		for _, row := range slices.Backward(rows) {
			if payload.ContentType(row.ContentType) != payload.ContentSystem {
				list = append(list, row.Text)
			}
		}
		return err
	})
	return list
}

// lines are those about a group, in words.
func (p *person) lines(id string) (list []string) {
	p.do(func(tx *models.Tx) error {
		chat, _, err := tx.ChatNamed(models.GroupChat, id)
		if err != nil {
			return err
		}
		rows, err := tx.Older(chat.ID, nil, 10_000)
		for _, row := range slices.Backward(rows) {
			if payload.ContentType(row.ContentType) != payload.ContentSystem {
				continue
			}
			text, err := Words(row.Text, identity.PublicKey(row.Author), p.self(), p.world.nameOf)
			if err != nil {
				return err
			}
			list = append(list, text)
		}
		return err
	})
	return list
}

func (w *world) nameOf(key identity.PublicKey) (string, error) {
	for _, p := range w.people {
		if p.self() == key {
			return p.name, nil
		}
	}
	return "", errors.New("nobody")
}

// state is a group by the log that somebody has, and holds that the rows say the same.
func (p *person) state(id string) (state group.State, events []group.Event) {
	p.do(func(tx *models.Tx) error {
		chat, found, err := tx.ChatNamed(models.GroupChat, id)
		if err != nil || !found {
			return err
		}
		stored, err := tx.GroupEvents(chat.ID)
		for _, s := range stored {
			e, err := group.DecodeEvent(id, s.Raw)
			if err != nil || e.Author != identity.PublicKey(s.Author) {
				return fmt.Errorf("an event that is not %x's: %w", s.Author, err)
			}
			events = append(events, e)
		}
		if err != nil {
			return err
		}
		state, _ = group.Replay(id, events)
		return p.sameRows(tx, chat, state, events)
	})
	return state, events
}

func (p *person) sameRows(tx *models.Tx, chat models.Chat, state group.State, events []group.Event) error {
	rows, err := tx.GroupPeople(chat.ID)
	if err != nil {
		return err
	}
	met := 0
	for _, row := range rows {
		if personOf(row) != state.People[row.Key] {
			return fmt.Errorf("%s has a row %+v, want %+v", p.name, row, state.People[row.Key])
		}
		if _, is := state.People[row.Key]; is {
			met++
		}
		if own := group.Digest(chat.Name, events); row.Key == p.self() && !slices.Equal(row.Told, own[:]) {
			return fmt.Errorf("%s has another digest than that of the log", p.name)
		}
	}
	me := state.People[p.self()]
	if met != len(state.People) || chat.Title != group.Title(state.Name) || chat.Invited != (me.Member && !me.Joined) {
		return fmt.Errorf("%s has %d people of %d, and the chat %+v", p.name, met, len(state.People), chat)
	}
	return nil
}

func keysOf(people ...*person) (list []string) {
	for _, p := range people {
		list = append(list, p.self().String())
	}
	return list
}
