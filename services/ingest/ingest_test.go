package ingest

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"go.uber.org/goleak"

	"sotto/models"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newKey is a fixed key per name: tests repeat exactly.
func newKey(name string) *ecdsa.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	key, err := crypto.ToECDSA(seed[:])
	if err != nil {
		panic(err)
	}
	return key
}

// envelope is a text of a person in a channel, as a subscription of that channel opens it.
func envelope(t testing.TB, author *ecdsa.PrivateKey, channel, text string) Envelope {
	t.Helper()
	now := time.Now()
	chat, err := payload.NewText(channel, text, "", payload.NextClock(now, 0), now)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, _, err := chat.Seal(author)
	if err != nil {
		t.Fatal(err)
	}
	message, err := secure.WrapPublic("", wrapped)
	if err != nil {
		t.Fatal(err)
	}
	return Envelope{Hash: sha256.Sum256(message), Chat: channel, Payload: message, Signer: &author.PublicKey, Sent: now, Peer: "peer"}
}

// events collects what is published.
type events struct {
	mu   sync.Mutex
	list []event.Event
}

func (e *events) Publish(ev event.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, ev)
}

func (e *events) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.list)
}

// flaky is a store whose commits fail while broken says so.
type flaky struct {
	*models.Store
	mu      sync.Mutex
	broken  error
	commits int
}

func (f *flaky) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = err
}

func (f *flaky) Update(ctx context.Context, fn func(*models.Tx) error) error {
	return f.Store.Update(ctx, func(tx *models.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.broken == nil {
			f.commits++
		}
		return f.broken
	})
}

// rig is an Ingest over a real store, whose handler stores each text as a setting.
type rig struct {
	*Ingest
	store   *flaky
	events  *events
	trouble []error
	cancel  context.CancelFunc // ends Run
	work    sync.WaitGroup     // Run
	stop    func()             // ends Run, waits for it, and closes the store
}

// settle waits until nothing moves any more. SQLite sleeps for a moment where two of its connections meet, which
// synctest.Wait alone takes for the end; so a little of the bubble's time goes by first.
func settle() {
	time.Sleep(10 * time.Millisecond)
	synctest.Wait()
}

// start must be called inside a synctest bubble.
func start(t *testing.T, handler Handler) *rig {
	t.Helper()
	store, err := models.Open(filepath.Join(t.TempDir(), "a.db"), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{store: &flaky{Store: store}, events: new(events)}
	r.Ingest = New(Config{
		Store: r.store, Handlers: Table{payload.TypeChat: handler}, Events: r.events, Now: time.Now,
		Log: slog.New(slog.DiscardHandler), Trouble: func(err error) { r.trouble = append(r.trouble, err) },
	})
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	r.stop = sync.OnceFunc(func() {
		cancel()
		r.work.Wait()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.stop)
	r.work.Go(func() { r.Run(ctx) })
	return r
}

func keep(tx *models.Tx, in Incoming) (Effects, error) {
	return Effects{Events: []event.Event{{Kind: event.Message, Message: in.Public.ID.String()}}}, tx.SetSetting(in.Public.Text, []byte("x"))
}

// stored says whether a text was kept.
func (r *rig) stored(t *testing.T, text string) (found bool) {
	t.Helper()
	err := r.store.View(t.Context(), func(tx *models.Tx) (err error) {
		_, found, err = tx.Setting(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEnvelopesBecomeRowsAndEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, keep)
		defer r.stop()
		for i := range 600 {
			r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", strconv.Itoa(i)))
		}
		settle()
		if c := r.Counts(); c.Taken != 600 || len(c.Refused) != 0 || r.events.count() != 600 {
			t.Errorf("counts %+v, %d events", c, r.events.count())
		}
		if !r.stored(t, "0") || !r.stored(t, "599") {
			t.Error("a message is missing")
		}
	})
}

func TestRefusalsAreCountedAndAlone(t *testing.T) {
	refuse := Reason("handler")
	synctest.Test(t, func(t *testing.T) {
		r := start(t, func(tx *models.Tx, in Incoming) (Effects, error) {
			effects, err := keep(tx, in)
			switch in.Public.Text {
			case "no":
				return effects, refuse
			case "bug":
				return effects, errors.New("mistake")
			}
			return effects, err
		})
		defer r.stop()
		kay, eve := newKey("kay"), newKey("eve")
		good := envelope(t, kay, "lobby", "good")
		unsigned, relayed, elsewhere, noise, private := good, good, good, good, good
		unsigned.Signer, unsigned.Hash = nil, [32]byte{1}
		relayed.Signer, relayed.Hash = &eve.PublicKey, [32]byte{2}
		elsewhere.Chat, elsewhere.Hash = "other", [32]byte{3}
		noise.Payload, noise.Hash = []byte{0xff}, [32]byte{4}
		private.Payload, private.Hash = []byte{0x12, 0x01, 'x'}, [32]byte{5}
		for _, e := range []Envelope{good, good, unsigned, relayed, elsewhere, noise, private,
			envelope(t, kay, "lobby", "no"), envelope(t, kay, "lobby", "bug"), envelope(t, kay, "lobby", "last")} {
			r.Offer(t.Context(), e)
		}
		settle()
		c := r.Counts()
		want := map[Reason]uint64{Duplicate: 1, Unsigned: 1, Reason(payload.ReasonAuthor): 1, Reason(payload.ReasonChat): 1,
			Reason(secure.ReasonMalformed): 1, Reason(secure.ReasonNotPublic): 1, refuse: 1, Internal: 1}
		for reason, n := range want {
			if c.Refused[reason] != n {
				t.Errorf("%s: %d, want %d", reason, c.Refused[reason], n)
			}
		}
		if len(c.Refused) != len(want) || c.Taken != 2 || r.events.count() != 2 {
			t.Errorf("counts %+v, %d events", c, r.events.count())
		}
		if !r.stored(t, "good") || !r.stored(t, "last") || r.stored(t, "no") || r.stored(t, "bug") {
			t.Error("a refused message left something, or took others with it")
		}
	})
}

// TestEnvelopesAreForgotten takes the same envelope again after its hash is gone: the handler sees it a second time.
func TestEnvelopesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, keep)
		defer r.stop()
		first := envelope(t, newKey("kay"), "lobby", "first")
		for i, age := range []time.Duration{0, forgetAfter - forgetEvery, 2 * forgetEvery} {
			wait(t.Context(), age)
			r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", strconv.Itoa(i)))
			r.Offer(t.Context(), first)
			settle()
		}
		r.Offer(t.Context(), first)
		settle()
		if c := r.Counts(); c.Taken != 5 || c.Refused[Duplicate] != 2 {
			t.Errorf("counts %+v", c)
		}
	})
}

func TestUnknownType(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		r.Handlers = Table{}
		defer r.stop()
		r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", "hello"))
		settle()
		if c := r.Counts(); c.Refused[UnknownType] != 1 {
			t.Errorf("counts %+v", c)
		}
	})
}

// TestBatches holds the writer in its first transaction while others queue up: they share the following ones.
func TestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		r := start(t, func(tx *models.Tx, in Incoming) (Effects, error) {
			if in.Public.Text == "0" {
				<-release
			}
			return keep(tx, in)
		})
		defer r.stop()
		for i := range 1 + waiting {
			r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", strconv.Itoa(i)))
			settle()
		}
		close(release)
		settle()
		if c := r.Counts(); c.Taken != 1+waiting || r.store.commits != 2 {
			t.Errorf("counts %+v in %d transactions, want 2: one full and one of the rest", c, r.store.commits)
		}
	})
}

// TestSlowWorkIsCommittedInTime makes each message take 30 ms: no transaction takes up a new one after 100 ms.
func TestSlowWorkIsCommittedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, func(tx *models.Tx, in Incoming) (Effects, error) {
			wait(t.Context(), 30*time.Millisecond)
			return keep(tx, in)
		})
		defer r.stop()
		for i := range 16 {
			r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", strconv.Itoa(i)))
		}
		wait(t.Context(), time.Second)
		settle()
		if r.Counts().Taken != 16 || r.store.commits != 4 {
			t.Errorf("%d messages in %d transactions, want 16 in 4", r.Counts().Taken, r.store.commits)
		}
	})
}

func TestNothingIsLostWhileTheDiskIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, keep)
		defer r.stop()
		r.store.fail(models.ErrDiskFull)
		for i := range 10 {
			r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", strconv.Itoa(i)))
		}
		wait(t.Context(), 10*time.Minute)
		settle()
		if c := r.Counts(); c.Taken != 0 || r.events.count() != 0 || len(r.trouble) == 0 || !errors.Is(r.trouble[0], models.ErrDiskFull) {
			t.Errorf("while it is full: %+v, %d events, trouble %v", c, r.events.count(), r.trouble)
		}
		r.store.fail(nil)
		wait(t.Context(), longest)
		settle()
		if c := r.Counts(); c.Taken != 10 || len(c.Refused) != 0 || r.events.count() != 10 || r.trouble[len(r.trouble)-1] != nil {
			t.Errorf("afterwards: %+v, %d events, trouble %v", c, r.events.count(), r.trouble)
		}
	})
}

// TestFullDiskInsideAHandler: the database's failure is not the message's fault.
func TestFullDiskInsideAHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		r := start(t, func(tx *models.Tx, in Incoming) (Effects, error) {
			if tries++; tries < 4 {
				return Effects{}, models.ErrDiskFull
			}
			return keep(tx, in)
		})
		defer r.stop()
		r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", "hello"))
		wait(t.Context(), time.Minute)
		settle()
		if c := r.Counts(); c.Taken != 1 || len(c.Refused) != 0 || len(r.trouble) != 4 {
			t.Errorf("counts %+v, trouble %v", c, r.trouble)
		}
	})
}

// TestStopStoresWhatArrived ends the work within a transaction, with more queued and more still on offer.
func TestStopStoresWhatArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, release := make(chan bool), make(chan bool)
		var once sync.Once
		r := start(t, func(tx *models.Tx, in Incoming) (Effects, error) {
			if in.Public.Text == "0" {
				once.Do(func() { close(begun); <-release })
			}
			return keep(tx, in)
		})
		ctx, cancel := context.WithCancel(t.Context())
		r.Offer(ctx, envelope(t, newKey("kay"), "lobby", "0"))
		<-begun
		for i := range waiting {
			r.Offer(ctx, envelope(t, newKey("kay"), "lobby", strconv.Itoa(i+1)))
		}
		var offers sync.WaitGroup
		offers.Go(func() { r.Offer(ctx, envelope(t, newKey("kay"), "lobby", "late")) })
		settle()
		cancel()
		settle()
		r.cancel()
		close(release)
		offers.Wait()
		r.work.Wait()
		if c := r.Counts(); c.Taken != waiting+2 || len(c.Refused) != 0 || r.events.count() != waiting+2 {
			t.Errorf("counts %+v, %d events", c, r.events.count())
		}
		if !r.stored(t, "0") || !r.stored(t, strconv.Itoa(waiting)) || !r.stored(t, "late") {
			t.Error("a message is missing")
		}
	})
}

func TestStopStoresWhatWaitedForTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, keep)
		r.store.fail(models.ErrDiskFull)
		for i := range 10 {
			r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", strconv.Itoa(i)))
		}
		settle()
		r.store.fail(nil)
		r.cancel()
		r.work.Wait()
		if c := r.Counts(); c.Taken != 10 || len(c.Refused) != 0 || !r.stored(t, "9") {
			t.Errorf("counts %+v", c)
		}
	})
}

func TestStopCountsWhatTheDiskDidNotTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, keep)
		r.store.fail(models.ErrDiskFull)
		for i := range 10 {
			r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", strconv.Itoa(i)))
		}
		settle()
		r.stop()
		if c := r.Counts(); c.Taken != 0 || c.Refused[Closing] != 10 {
			t.Errorf("counts %+v", c)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for range waiting + 1 { // the queue has room for all but one, which nobody takes any more
			r.Offer(ended, envelope(t, newKey("kay"), "lobby", "late"))
		}
		if c := r.Counts(); c.Refused[Closing] != 11 {
			t.Errorf("counts %+v", c)
		}
	})
}

func BenchmarkIngest(b *testing.B) {
	store, err := models.Open(filepath.Join(b.TempDir(), "a.db"), [32]byte{1})
	if err != nil {
		b.Fatal(err)
	}
	g := New(Config{Store: store, Handlers: Table{payload.TypeChat: keep}, Events: new(events), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	list := make([]Envelope, b.N)
	for i := range list {
		list[i] = envelope(b, newKey("kay"), "lobby", strconv.Itoa(i))
	}
	ctx, cancel := context.WithCancel(b.Context())
	var work sync.WaitGroup
	b.ResetTimer()
	work.Go(func() { g.Run(ctx) })
	for _, e := range list {
		g.Offer(ctx, e)
	}
	for g.Counts().Taken < uint64(b.N) {
		wait(ctx, time.Millisecond)
	}
	b.StopTimer()
	cancel()
	work.Wait()
	if err := store.Close(); err != nil {
		b.Error(err)
	}
}
