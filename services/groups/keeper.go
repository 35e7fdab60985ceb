package groups

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"slices"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/ingest"
	"sotto/services/pairwise"
)

// Keeper is the steps by which an account's groups change: what comes in, what goes out, and what is compared from time to
// time. Its methods run inside the caller's transaction, and nothing is kept between two of them.
type Keeper struct {
	key  *ecdsa.PrivateKey
	self identity.PublicKey
	pair *pairwise.Pair
	now  func() time.Time
}

// NewKeeper returns the Keeper of the account with that chat key.
func NewKeeper(key *ecdsa.PrivateKey, pair *pairwise.Pair, now func() time.Time) *Keeper {
	return &Keeper{key: key, self: identity.KeyOf(&key.PublicKey), pair: pair, now: now}
}

// Filers says which types of messages are for groups.
func (k *Keeper) Filers() map[payload.Type]ingest.Filer {
	return map[payload.Type]ingest.Filer{
		payload.TypeMembership: k.membership,
		payload.TypeInvitation: k.invitation,
		payload.TypeHandedOver: k.handedOver,
	}
}

// mark is what an event is known by: with other words below it, the same signature is somebody else's.
type mark struct {
	signature [identity.SignatureLength]byte
	author    identity.PublicKey
}

func markOf(e group.Event) mark { return mark{e.Signature, e.Author} }

// book is a group as it is read for one step: its log, what that amounts to, and the rows that say the same.
type book struct {
	chat   models.Chat // ID is 0 where the group is not known yet
	events []group.Event
	state  group.State
	idle   map[mark]bool // events that count for nothing now
	people map[identity.PublicKey]models.GroupPerson
	own    bool // another device of ours tells of it, which has it on its list
}

// load reads a group.
func (k *Keeper) load(tx *models.Tx, chat models.Chat) (*book, error) {
	b := &book{chat: chat, people: make(map[identity.PublicKey]models.GroupPerson)}
	if chat.ID != 0 {
		if err := b.read(tx); err != nil {
			return nil, err
		}
	}
	b.replay()
	return b, nil
}

func (b *book) read(tx *models.Tx) error {
	stored, err := tx.GroupEvents(b.chat.ID)
	if err != nil {
		return err
	}
	for _, s := range stored {
		author, err := identity.DecodePublicKey(s.Author)
		if err != nil {
			return err
		}
		e, err := group.FromStore(author, s.Raw)
		if err != nil {
			return err
		}
		b.events = append(b.events, e)
	}
	people, err := tx.GroupPeople(b.chat.ID)
	for _, p := range people {
		b.people[p.Key] = p
	}
	return err
}

func (b *book) replay() {
	state, ignored := group.Replay(b.chat.Name, b.events)
	b.state, b.idle = state, make(map[mark]bool, len(ignored))
	for _, i := range ignored {
		b.idle[markOf(i.Event)] = true
	}
}

// counts says whether an event is in the log and counts.
func (b *book) counts(e group.Event) bool {
	return !b.idle[markOf(e)] && slices.ContainsFunc(b.events, func(o group.Event) bool { return markOf(o) == markOf(e) })
}

// lastClock is the highest clock of an event that counts, and 0 where there is none.
func (b *book) lastClock() (last uint64) {
	for _, e := range b.events {
		if !b.idle[markOf(e)] {
			last = max(last, e.Clock)
		}
	}
	return last
}

// digest is what stands for the log.
func (b *book) digest() []byte {
	d := group.Digest(b.chat.Name, b.events)
	return d[:]
}

// inOrder sorts events as they are replayed.
func inOrder(events []group.Event) {
	slices.SortFunc(events, func(x, y group.Event) int {
		return cmp.Or(cmp.Compare(x.Clock, y.Clock), bytes.Compare(x.Signature[:], y.Signature[:]))
	})
}

// bothIn is a group and the rows of us and of somebody in it, each empty where there is none.
func (k *Keeper) bothIn(tx *models.Tx, id string, with identity.PublicKey) (chat models.Chat, me, who models.GroupPerson, err error) {
	if chat, _, err = tx.ChatNamed(models.GroupChat, id); err != nil {
		return chat, me, who, err
	}
	if me, _, err = tx.GroupPerson(chat.ID, k.self); err != nil {
		return chat, me, who, err
	}
	who, _, err = tx.GroupPerson(chat.ID, with)
	return chat, me, who, err
}

// personOf is somebody's row as package group has them.
func personOf(p models.GroupPerson) group.Person {
	person := group.Person{Member: p.Member, Joined: p.Joined, Admin: p.Admin, Added: p.Added, JoinedAt: p.JoinedAt, Left: p.GoneAt}
	copy(person.AddedBy[:], p.AddedBy)
	return person
}
