package chats

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"sotto/models"
	"sotto/node/identity"
	transport "sotto/node/secure/wire"
	"sotto/services/contacts"
	"sotto/services/pairwise"
)

// talk is two people in private, of whom one or both end in the middle, and go on where they were.
type talk struct {
	t       testing.TB
	ann, bo *person
	said    func(who *person, text string) // told of each text once Send has returned
	over    func() bool                    // says that the rest is not to be played
	offset  time.Duration                  // of the clock
}

// desktop is where a person's program runs.
type desktop struct {
	dir    string
	offset time.Duration // of the clock
	open   func(path string) (*models.Store, error)
	commit func(before bool, number int) // called around each commit; may be nil
	number *counter
	tap    *tap
}

// counter numbers the commits of both people.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

// watched is a store that tells of each commit.
type watched struct {
	*models.Store
	desktop
}

func (w watched) Update(ctx context.Context, fn func(*models.Tx) error) error {
	number := 0
	err := w.Store.Update(ctx, func(tx *models.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		number = w.number.next()
		w.commit(true, number)
		return nil
	})
	if err == nil {
		w.commit(false, number)
	}
	return err
}

// openPlain is for places where nothing happens.
func openPlain(path string) (*models.Store, error) { return models.Open(path, [32]byte{1}) }

// sit starts a person's program at a place.
func sit(t testing.TB, name string, at desktop) (*person, error) {
	d := &desk{t: t, dir: at.dir, key: newKey(name), node: newNode(1), log: new(log)}
	d.node.offset = at.offset
	var err error
	if d.store, err = at.open(filepath.Join(at.dir, "a.db")); err != nil {
		return nil, err
	}
	if at.commit == nil {
		at.commit = func(bool, int) {}
	}
	store := watched{d.store, at}
	d.Service = New(Config{Events: d.log, Derive: func(name string) [32]byte { return sha256.Sum256([]byte(name)) }})
	d.codePublished()
	pair, err := pairwise.Open(t.Context(), pairwise.Config{Store: store, Key: d.key, Rand: rand.Reader, Now: d.node.Now})
	if err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	with := Account{Store: store, Transport: tapped{d.node, at.tap}, Key: d.key, Pair: pair}
	if err := d.Attach(t.Context(), with); err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	p := &person{desk: d, contacts: contacts.New(d.log)}
	p.contacts.Attach(contacts.Account{Store: store, Key: d.key, Pair: pair, Now: d.node.Now, Changed: p.ContactsChanged})
	return p, nil
}

// tap notes which key encrypted what, of all that was posted.
type tap struct {
	mu     sync.Mutex
	lines  []string
	copy   io.Writer   // gets each line, too; may be nil
	closed func() bool // says that nothing is on the wire any more; may be nil
}

// tapped is a node with a tap on its wire.
type tapped struct {
	*fakeNode
	*tap
}

// Post implements Transport.
func (n tapped) Post(s Sealed, observe func(Outcome)) error {
	n.fakeNode.mu.Lock()
	raw := n.sealed[s.Hash].payload
	n.fakeNode.mu.Unlock()
	if err := n.note(raw); err != nil {
		return err
	}
	return n.fakeNode.Post(s, observe)
}

// note writes a line for each entry of a message: the key, and a hash of what it encrypted.
func (l *tap) note(raw []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed != nil && l.closed() {
		return nil
	}
	var m transport.ProtocolMessage
	if err := proto.Unmarshal(raw, &m); err != nil {
		return err
	}
	for _, encoded := range m.GetDirectMessage() {
		var entry transport.DirectEntry
		var direct transport.DirectMessageProtocol
		if err := errors.Join(proto.Unmarshal(encoded, &entry), proto.Unmarshal(entry.GetValue(), &direct)); err != nil {
			return err
		}
		header := direct.GetDrHeader()
		if header == nil {
			continue
		}
		line := fmt.Sprintf("%x/%d %x", header.GetKey(), header.GetN(), sha256.Sum256(direct.GetPayload()))
		l.lines = append(l.lines, line)
		if l.copy != nil {
			if _, err := fmt.Fprintln(l.copy, line); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkKeys holds that no key encrypted two texts, and that some were used.
func checkKeys(t testing.TB, lines []string) {
	t.Helper()
	used := make(map[string]string)
	for _, line := range lines {
		key, what, _ := strings.Cut(line, " ")
		if before, again := used[key]; again && before != what {
			t.Errorf("%s encrypts a second text", key)
		}
		used[key] = what
	}
	if len(used) < 10 {
		t.Errorf("%d keys were used", len(used))
	}
}

// step is a part of the script that is not played again where it has happened.
type step struct {
	done func() bool
	play func()
}

// words is everything that is said.
var words = map[string][]string{
	"ann": {"hello", "how are you", "lost once", "good morning", "do you hear me", "good"},
	"bo":  {"hello yourself", "acknowledged late", "good morning to you", "now I do"},
}

// play goes through the script: the first message to a stranger, the request, texts both ways, one that gets lost, one whose
// acknowledgement does, new prekeys the next day, and a device that lost its sessions.
func (k *talk) play() {
	ann, bo := k.ann, k.bo
	for _, s := range []step{
		{func() bool { return k.added(ann, bo) }, k.add},
		k.say(ann, "hello", nil),
		{func() bool { return k.added(bo, ann) }, k.accept},
		k.say(bo, "hello yourself", nil),
		k.say(ann, "how are you", nil),
		k.say(ann, "lost once", func() { settle(); lose(ann) }),
		k.say(bo, "acknowledged late", func() { settle(); bo.hand(ann); settle(); lose(ann) }),
		{k.settled, func() { k.until("everything is acknowledged", k.settled) }},
		k.say(ann, "good morning", nil, 25*time.Hour),
		k.say(bo, "good morning to you", nil),
		{func() bool { return k.broken(bo) }, k.lostSessions},
		k.say(ann, "do you hear me", nil),
		k.say(bo, "now I do", nil),
		k.say(ann, "good", nil),
	} {
		if k.over() {
			return
		}
		if !s.done() {
			s.play()
		}
	}
	k.until("everything is acknowledged", k.settled)
}

// settled says whether nobody waits for an acknowledgement.
func (k *talk) settled() bool { return k.owed(k.ann, k.bo)+k.owed(k.bo, k.ann) == 0 }

// say says a text, after a while, lets happen to it what with does, and waits until it has come.
func (k *talk) say(from *person, text string, with func(), after ...time.Duration) step {
	to := k.bo
	if from == k.bo {
		to = k.ann
	}
	return step{func() bool { return has(from, to, text) && has(to, from, text) }, func() {
		if !has(from, to, text) {
			for _, d := range after {
				pass(d)
			}
			from.say(to.self(), text)
			k.said(from, text)
			if with != nil {
				with()
			}
		}
		k.until(text, func() bool { return has(to, from, text) })
	}}
}

// until carries what is posted, and lets time pass, until something is so. Where the request to begin anew got lost with a
// process, it takes minutes until it goes out again.
func (k *talk) until(what string, so func() bool) {
	k.t.Helper()
	for n := range 200 {
		exchange(k.ann, k.bo)
		switch {
		case k.over() || so():
			return
		case n < 100:
			pass(10 * time.Second)
		default:
			pass(5 * time.Minute)
		}
	}
	k.t.Fatalf("never: %s; refused by ann %v, by bo %v", what, k.ann.Counts().Refused, k.bo.Counts().Refused)
}

func (k *talk) added(who, whom *person) bool {
	return must(who.contacts.Get(k.t.Context(), whom.self()))(k.t).State == contacts.Added
}

func (k *talk) add() {
	link := must(k.bo.contacts.Link(k.t.Context()))(k.t)
	must(k.ann.contacts.Add(k.t.Context(), link))(k.t)
}

func (k *talk) accept() {
	must(k.bo.contacts.Accept(k.t.Context(), k.ann.self()))(k.t)
}

const settingBroken = "test.broken"

func (k *talk) broken(who *person) (is bool) {
	err := who.store.View(k.t.Context(), func(tx *models.Tx) (err error) {
		_, is, err = tx.Setting(settingBroken)
		return err
	})
	return must(is, err)(k.t)
}

// lostSessions lets Bo forget every session with Ann.
func (k *talk) lostSessions() {
	ann := identity.KeyOf(&k.ann.key.PublicKey)
	err := k.bo.open.Store.Update(k.t.Context(), func(tx *models.Tx) error {
		if err := tx.ForgetInstallation(ann, k.ann.open.Pair.Installation()); err != nil {
			return err
		}
		return tx.SetSetting(settingBroken, []byte{1})
	})
	must(0, err)(k.t)
}

// has says whether somebody has a text in the chat with another.
func has(who, with *person, text string) bool {
	list, err := who.Messages(context.Background(), with.self(), Page{Limit: 100})
	return err == nil && slices.ContainsFunc(list, func(m Message) bool { return m.Text == text })
}

// owed is how many messages somebody waits for another to acknowledge.
func (k *talk) owed(who, by *person) (n int) {
	err := who.store.View(k.t.Context(), func(tx *models.Tx) error {
		list, err := tx.SendingsTo(identity.KeyOf(&by.key.PublicKey))
		n = len(list)
		return err
	})
	return must(n, err)(k.t)
}

// honest holds that whatever counts as delivered is there.
func (k *talk) honest() {
	k.t.Helper()
	for _, pair := range [][2]*person{{k.ann, k.bo}, {k.bo, k.ann}} {
		list, err := pair[0].Messages(k.t.Context(), pair[1].self(), Page{Limit: 100})
		if err != nil {
			continue // not yet
		}
		for _, m := range list {
			if m.Outgoing && m.State == Delivered && !has(pair[1], pair[0], m.Text) {
				k.t.Errorf("%q counts as delivered and is not there", m.Text)
			}
		}
	}
}

// complete holds that both have every text once, and know that the other has theirs.
func (k *talk) complete() {
	k.t.Helper()
	all := slices.Sorted(slices.Values(append(slices.Clone(words["ann"]), words["bo"]...)))
	for name, pair := range map[string][2]*person{"ann": {k.ann, k.bo}, "bo": {k.bo, k.ann}} {
		var got []string
		for _, m := range pair[0].messages(pair[1].self()) {
			got = append(got, m.Text)
			if m.Outgoing && (m.State != Delivered || m.DeliveredTo != 1) || m.Outgoing != slices.Contains(words[name], m.Text) {
				k.t.Errorf("%s has %+v", name, m)
			}
		}
		if slices.Sort(got); !slices.Equal(got, all) {
			k.t.Errorf("%s has %q, want %q", name, got, all)
		}
	}
}
