package chats

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
	"sotto/services/fault"
)

// fullDisk is a store whose commits fail while it is full.
type fullDisk struct {
	*models.Store
	mu      sync.Mutex
	full    bool
	trouble []error // what the service told
}

func (f *fullDisk) set(full bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full = full
}

func (f *fullDisk) Update(ctx context.Context, fn func(*models.Tx) error) error {
	return f.Store.Update(ctx, func(tx *models.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.full {
			return models.ErrDiskFull
		}
		return nil
	})
}

func (f *fullDisk) told(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trouble = append(f.trouble, err)
}

// last is what the service told last, and whether it told anything.
func (f *fullDisk) last() (error, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.trouble) == 0 {
		return nil, false
	}
	return f.trouble[len(f.trouble)-1], true
}

// newFullDesk is a desk over a store that can be full.
func newFullDesk(t testing.TB) (*desk, *fullDisk) {
	t.Helper()
	d := newDesk(t, "kay", 1)
	d.Detach()
	disk := &fullDisk{Store: d.store}
	d.Service = New(Config{Events: d.log, Trouble: disk.told})
	if err := d.Attach(t.Context(), accountOf(t, disk, d.node, d.key)); err != nil {
		t.Fatal(err)
	}
	d.join("lobby")
	return d, disk
}

// TestFullDiskWhileSending fills the disk at each step of a message's way out: it is stored or refused, goes out when
// there is room again, and the trouble is told and taken back.
func TestFullDiskWhileSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, disk := newFullDesk(t)
		defer d.close()
		disk.set(true)
		_, err := d.Send(t.Context(), "lobby", "refused", "")
		wantCode(t, err, fault.StorageProblem)
		disk.set(false)
		d.node.set(func(n *fakeNode) { n.peers = 0 })
		m := d.say("lobby", "kept")
		disk.set(true)
		d.online(1)
		pass(time.Minute)
		settle()
		if err, told := disk.last(); !told || !errors.Is(err, models.ErrDiskFull) || len(d.node.posts()) != 0 {
			t.Errorf("while full: trouble %v, %d posts of what could not be counted", err, len(d.node.posts()))
		}
		disk.set(false)
		pass(time.Minute)
		settle()
		posts := d.node.posts()
		if err, _ := disk.last(); err != nil || len(posts) == 0 {
			t.Fatalf("afterwards: trouble %v, %d posts", err, len(posts))
		}
		disk.set(true)
		posts[0].observe(Outcome{Kind: AcceptedBy, Peer: "enode://a"})
		pass(time.Minute)
		disk.set(false)
		pass(time.Minute)
		settle()
		if err, _ := disk.last(); err != nil || d.message(m.ID).State != Sent || len(d.messages("lobby")) != 1 {
			t.Errorf("in the end: trouble %v, %+v", err, d.messages("lobby"))
		}
	})
}

// TestNoPeersDoNotMakeRoom: that there is nothing to send any more does not mean that the disk takes something again.
func TestNoPeersDoNotMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, disk := newFullDesk(t)
		defer d.close()
		d.node.set(func(n *fakeNode) { n.peers = 0 })
		d.say("lobby", "hello")
		disk.set(true)
		d.online(1)
		settle()
		d.online(0)
		pass(time.Minute)
		settle()
		if err, _ := disk.last(); !errors.Is(err, models.ErrDiskFull) {
			t.Errorf("while it is full: %v", err)
		}
		disk.set(false)
		pass(retryStore)
		settle()
		if err, _ := disk.last(); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestTroubleEndsWithTheLastOne(t *testing.T) {
	var told []error
	all := &troubles{tell: func(err error) { told = append(told, err) }}
	first, second := all.worker(), all.worker()
	first(nil)
	first(models.ErrDiskFull)
	first(models.ErrDiskFull)
	second(models.ErrReadOnly)
	first(nil)
	first(nil)
	if want := []error{models.ErrDiskFull, models.ErrDiskFull, models.ErrReadOnly}; !slices.Equal(told, want) {
		t.Errorf("while one waits: %v", told)
	}
	second(nil)
	if len(told) != 4 || told[3] != nil {
		t.Errorf("in the end: %v", told)
	}
}

// TestDetachOnAFullDisk ends although nothing can be stored.
func TestDetachOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, disk := newFullDesk(t)
		m := d.say("lobby", "hello")
		settle()
		disk.set(true)
		d.node.posts()[0].observe(Outcome{Kind: AcceptedBy, Peer: "enode://a"})
		settle()
		d.restart(1)
		defer func() { d.close() }()
		pass(time.Minute)
		if got := d.message(m.ID); got.State != Queued || len(d.node.posts()) == 0 {
			t.Errorf("what could not be stored is not known: %+v, %d posts", got, len(d.node.posts()))
		}
	})
}

// TestDetachStoresWhatArrived locks the account at the moment at which a burst has been handed over.
func TestDetachStoresWhatArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to := newDesk(t, "kay", 1), newDesk(t, "bo", 1)
		defer from.close()
		defer func() { to.close() }()
		from.join("lobby")
		to.join("lobby")
		const n = 200
		for i := range n {
			from.say("lobby", strconv.Itoa(i))
		}
		settle()
		if carry(from, to) != n {
			t.Fatal("not everything was posted")
		}
		to.restart(1)
		if got := len(to.texts("lobby")); got != n {
			t.Errorf("%d of %d messages outlived locking", got, n)
		}
	})
}
