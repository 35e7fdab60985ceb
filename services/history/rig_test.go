package history

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"sotto/models"
	"sotto/node/mailserver"
	"sotto/node/whisper"
	"sotto/services/chats"
	"sotto/services/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const lobby = "lobby"

var lobbyTopic = Topic{1, 1, 1, 1}

// letter is an envelope with a content of its own.
func letter(t Topic, sent time.Time, n int) Envelope {
	data := binary.BigEndian.AppendUint64(nil, uint64(n))
	e := &whisper.Envelope{Expiry: uint32(sent.Unix()) + 15, TTL: 15, Topic: t, Data: data}
	return Envelope{Hash: sha256.Sum256(append(data, t[:]...)), Envelope: e}
}

// archive is a mailserver that is not real.
type archive struct {
	Mailserver
	mu       sync.Mutex
	held     []Envelope // in their order
	lacks    func(Envelope) bool
	spoil    func(n int, ask Ask, p *Page) error // of the nth question; nil: it works
	takes    time.Duration                       // for a page
	reversed bool                                // the newest first
	asks     []Ask
}

func newArchive(name string) *archive {
	a := &archive{}
	a.Node, a.Enode, a.Connected = sha256.Sum256([]byte(name)), "enode://00@"+name+":30303", true
	return a
}

func order(a, b Envelope) int {
	return cmp.Or(cmp.Compare(a.Sent(), b.Sent()), slices.Compare(a.Hash[:], b.Hash[:]))
}

func (a *archive) put(envelopes ...Envelope) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range envelopes {
		if a.lacks == nil || !a.lacks(e) {
			a.held = append(a.held, e)
		}
	}
	slices.SortFunc(a.held, order)
}

func (a *archive) set(how func(*archive)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	how(a)
}

// asked is what was asked so far.
func (a *archive) asked() []Ask {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.asks)
}

// questions are those that begin an answer.
func (a *archive) questions() (list []Ask) {
	for _, q := range a.asked() {
		if q.Cursor == nil {
			list = append(list, q)
		}
	}
	return list
}

// answer reads a page as a mailserver does (Status spec 4/WHISPER-MAILSERVER).
func (a *archive) answer(ask Ask) (Page, time.Duration, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asks = append(a.asks, ask)
	held := slices.Clone(a.held)
	if a.reversed {
		slices.Reverse(held)
	}
	var p Page
	at := slices.IndexFunc(held, func(e Envelope) bool { return string(cursorOf(e)) == string(ask.Cursor) }) + 1
	for _, e := range held[at:] {
		if len(p.Envelopes) == ask.Limit {
			break
		}
		if e.Sent() >= ask.From && e.Sent() <= ask.To && slices.Contains(ask.Topics, Topic(e.Topic)) {
			p.Envelopes = append(p.Envelopes, e)
		}
	}
	if len(p.Envelopes) == ask.Limit {
		p.Cursor = cursorOf(p.Envelopes[len(p.Envelopes)-1])
	}
	p.Order = mailserver.OrderUp
	if a.reversed {
		p.Order = mailserver.OrderDown
		slices.Reverse(p.Envelopes)
	}
	var err error
	if a.spoil != nil {
		err = a.spoil(len(a.asks), ask, &p)
	}
	return p, a.takes, err
}

func cursorOf(e Envelope) []byte {
	return append(binary.BigEndian.AppendUint32(nil, e.Sent()), e.Hash[:]...)
}

// world is an account, its database, and mailservers that are not real.
type world struct {
	*Service
	t       testing.TB
	store   *models.Store
	path    string
	opens   func(Envelope) bool // nil: everything
	forgets bool                // what is to be stored

	mu       sync.Mutex
	offset   time.Duration // of this computer's clock
	servers  []*archive
	needs    []chats.Need
	waiting  [][32]byte       // handed over and not stored
	stored   map[[32]byte]int // how often each was handed over
	order    []Envelope       // in which they were
	events   int
	inFlight map[Node]int // questions at a time
	left     []Node       // servers that were dismissed
	replaces bool         // another one comes then
}

// newWorld must be called inside a synctest bubble.
func newWorld(t testing.TB, servers ...*archive) *world {
	w := &world{t: t, servers: servers, stored: make(map[[32]byte]int), inFlight: make(map[Node]int), path: filepath.Join(t.TempDir(), "a.db")}
	w.join(lobby, lobbyTopic, time.Now().Add(-24*time.Hour))
	w.openStore()
	err := w.store.Update(t.Context(), func(tx *models.Tx) error {
		return tx.PutChat(&models.Chat{Kind: models.PublicChat, Name: lobby, Active: true})
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) openStore() {
	w.t.Helper()
	store, err := models.Open(w.path, [32]byte{1})
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = store
	w.Service = New(Config{Events: w})
}

func (w *world) attach() {
	w.t.Helper()
	err := w.Attach(Account{Store: w.store, Chats: w, Line: w, Network: w, Now: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.offset)
}

func (w *world) close() {
	w.Detach()
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
}

// kill ends the program with nothing stored that was not, and begins it again.
func (w *world) kill() {
	w.Detach()
	w.mu.Lock()
	w.waiting = nil
	w.mu.Unlock()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.openStore()
	w.attach()
}

func (w *world) join(chat string, t Topic, from time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.needs = append(w.needs, chats.Need{Topic: t, Chat: chat, From: from})
}

func (w *world) Publish(e event.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.Kind == event.History {
		w.events++
	}
}

func (w *world) Needs(context.Context) ([]chats.Need, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.needs), nil
}

func (w *world) Mailservers(context.Context) (list []Mailserver, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.servers {
		a.mu.Lock()
		list = append(list, a.Mailserver)
		a.mu.Unlock()
	}
	return list, nil
}

// Dismiss lets the server go and connects those that are not connected, where the world has it so.
func (w *world) Dismiss(server Node) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = append(w.left, server)
	if !w.replaces {
		return
	}
	for _, a := range w.servers {
		a.set(func(a *archive) { a.Connected = a.Node != server })
	}
	w.Changed()
}

func (w *world) Ask(ctx context.Context, server Node, ask Ask) (Page, error) {
	w.mu.Lock()
	i := slices.IndexFunc(w.servers, func(a *archive) bool { return a.Node == server })
	a := w.servers[i]
	if w.inFlight[server]++; w.inFlight[server] > 1 {
		w.t.Errorf("%s is asked twice at a time", a.Enode)
	}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.inFlight[server]--
		w.mu.Unlock()
	}()
	p, takes, err := a.answer(ask)
	timer := time.NewTimer(takes)
	defer timer.Stop()
	select {
	case <-timer.C:
		return p, err
	case <-ctx.Done():
		return Page{}, fmt.Errorf("ask: %w", ctx.Err())
	}
}

func (w *world) Take(_ context.Context, _ Node, envelopes []Envelope) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range envelopes {
		if w.opens != nil && !w.opens(e) {
			continue
		}
		w.waiting = append(w.waiting, e.Hash)
		w.stored[e.Hash]++
		w.order = append(w.order, e)
	}
	return nil
}

func (w *world) Flush(ctx context.Context, fn func(*models.Tx) error) error {
	w.mu.Lock()
	waiting := w.waiting
	w.waiting = nil
	w.mu.Unlock()
	if w.forgets {
		return nil
	}
	return w.store.Update(ctx, func(tx *models.Tx) error {
		for _, hash := range waiting {
			if _, err := tx.MarkEnvelope(hash, 1); err != nil {
				return err
			}
		}
		return fn(tx)
	})
}

// has says how many of envelopes are stored.
func (w *world) has(envelopes []Envelope) (n int) {
	w.t.Helper()
	err := w.store.View(context.Background(), func(tx *models.Tx) error {
		n = 0
		for _, e := range envelopes {
			known, err := tx.HasEnvelope(e.Hash)
			if err != nil {
				return err
			}
			if known {
				n++
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) sync(chat string) Progress {
	w.t.Helper()
	p, err := w.Sync(context.Background(), chat)
	if err != nil {
		w.t.Errorf("sync: %v", err)
	}
	return p
}

// server is what is known of one.
func (w *world) server(a *archive) Server {
	w.t.Helper()
	list, err := w.Servers(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(s Server) bool { return s.Enode == a.Enode })
	return list[i]
}

// bubble runs a test on a clock of its own.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// pass lets time go by. SQLite sleeps for a moment where two of its connections meet, so a little more goes by.
func pass(d time.Duration) {
	time.Sleep(d + 10*time.Millisecond)
	synctest.Wait()
}

// letters are n envelopes on a topic, evenly between two times.
func letters(t Topic, from, to time.Time, n int) (list []Envelope) {
	step := to.Sub(from) / time.Duration(n)
	for i := range n {
		list = append(list, letter(t, from.Add(time.Duration(i)*step), i))
	}
	return list
}

// silence is a reader of no events.
type silence struct{}

func (silence) Publish(event.Event) {}
