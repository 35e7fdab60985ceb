package devices

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/models"
	"sotto/node/secure"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/network"
	"sotto/services/pairwise"
)

// rig is the service of an account over a real store, at a time that only the test moves.
type rig struct {
	*Service
	t       testing.TB
	key     *ecdsa.PrivateKey
	store   *models.Store
	pair    *pairwise.Pair
	circle  *Circle
	net     *fakeNetwork
	events  []event.Event
	now     time.Time
	changed int
}

// Publish implements event.Publisher.
func (r *rig) Publish(e event.Event) { r.events = append(r.events, e) }

// fakeNetwork is what the network says of itself.
type fakeNetwork struct {
	peers    int
	degraded []network.Degraded
}

func (n *fakeNetwork) Status(context.Context) network.Status {
	return network.Status{Peers: make([]network.Peer, n.peers)}
}

func (n *fakeNetwork) Degraded() []network.Degraded { return n.degraded }

func newRig(t testing.TB, fresh bool) *rig {
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
	seed := sha256.Sum256([]byte("ann"))
	key, err := crypto.ToECDSA(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, key: key, store: store, net: &fakeNetwork{peers: 1}, now: time.UnixMilli(1_605_787_200_123)}
	now := func() time.Time { return r.now }
	if r.pair, err = pairwise.Open(t.Context(), pairwise.Config{Store: store, Key: key, Rand: rand.Reader, Now: now}); err != nil {
		t.Fatal(err)
	}
	r.Service, r.circle = New(r), NewCircle(key, r.pair, now)
	err = r.Attach(t.Context(), Account{Store: store, Pair: r.pair, Circle: r.circle, Network: r.net, Fresh: fresh,
		Changed: func() { r.changed++ }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// update is a transaction that has to succeed.
func (r *rig) update(fn func(*models.Tx) error) {
	r.t.Helper()
	if err := r.store.Update(context.Background(), fn); err != nil {
		r.t.Fatal(err)
	}
}

// meets lets the account know of another device, by its bundle, and returns its Pair.
func (r *rig) meets() *rig {
	r.t.Helper()
	other := newRig(r.t, false)
	var bundle []byte
	other.update(func(tx *models.Tx) (err error) {
		bundle, err = other.pair.Bundle(tx)
		return err
	})
	r.update(func(tx *models.Tx) error {
		_, err := r.pair.Learn(tx, bundle, r.pair.Self())
		return err
	})
	return other
}

// waiting is how much is in the outbox.
func (r *rig) waiting() (n int) {
	r.t.Helper()
	r.update(func(tx *models.Tx) error {
		list, err := tx.DueOutgoing(r.now.UnixMilli(), r.now.UnixMilli(), 100)
		n = len(list)
		return err
	})
	return n
}

func TestAFreshInstallationAnnouncesItself(t *testing.T) {
	if r := newRig(t, true); r.waiting() != 1 || r.changed != 1 {
		t.Errorf("%d messages wait", r.waiting())
	}
	if r := newRig(t, false); r.waiting() != 0 || r.changed != 0 {
		t.Errorf("%d messages of a new account wait", r.waiting())
	}
}

func TestRename(t *testing.T) {
	r := newRig(t, false)
	name := func() string {
		t.Helper()
		list, err := r.List(t.Context())
		if err != nil || len(list) != 1 || !list[0].This || !list[0].Enabled || list[0].ID != r.pair.Installation() {
			t.Fatalf("%+v, %v", list, err)
		}
		return list[0].Name
	}
	if name() != "Desktop" {
		t.Errorf("it is called %q", name())
	}
	if err := r.Rename(t.Context(), "  Küche "); err != nil || name() != "Küche" || len(r.events) != 1 || r.events[0].Name != r.pair.Installation() {
		t.Errorf("%v, %q, %v", err, name(), r.events)
	}
	if r.waiting() != 0 {
		t.Error("nobody has to know")
	}
	for _, bad := range []string{strings.Repeat("x", 65), "a\nb", "a\u202eb", "\xff"} {
		if err := r.Rename(t.Context(), bad); fault.CodeOf(err) != fault.BadName || name() != "Küche" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := r.Rename(t.Context(), ""); err != nil || name() != "Desktop" {
		t.Errorf("%v, %q", err, name())
	}
}

func TestTrouble(t *testing.T) {
	r := newRig(t, false)
	short := r.pair.Self().Short()
	texts := func() (list []string) {
		for _, trouble := range r.Trouble(t.Context()) {
			if trouble.Remedy == "" {
				t.Errorf("no remedy for %q", trouble.Text)
			}
			list = append(list, trouble.Text)
		}
		return list
	}
	if got := texts(); len(got) != 1 || !strings.Contains(got[0], short) {
		t.Errorf("alone: %q", got)
	}
	r.net.peers = 0
	r.net.degraded = []network.Degraded{{Name: network.DegradedStorage, Text: "disk"}, {Name: network.DegradedClock, Text: "clock", Remedy: "Set it."}}
	if got := texts(); len(got) != 3 || !strings.Contains(got[0], "nobody") || got[1] != "clock" {
		t.Errorf("all of it: %q", got)
	}
	r.net.peers, r.net.degraded = 1, nil
	r.meets()
	if got := texts(); len(got) != 0 {
		t.Errorf("nothing is wrong: %q", got)
	}
	r.Detach()
	if got := texts(); len(got) != 0 {
		t.Errorf("locked: %q", got)
	}
}

func TestLocked(t *testing.T) {
	s := New(nil)
	ctx := t.Context()
	_, list := s.List(ctx)
	_, enable := s.Enable(ctx, "x")
	_, disable := s.Disable(ctx, "x")
	for _, err := range []error{list, enable, disable, s.Announce(ctx), s.Rename(ctx, "x")} {
		if fault.CodeOf(err) != fault.Locked {
			t.Error(err)
		}
	}
}

func TestEnableAndDisable(t *testing.T) {
	r := newRig(t, false)
	other := r.meets()
	id := other.pair.Installation()
	if _, err := r.Enable(t.Context(), "nobody"); fault.CodeOf(err) != fault.NoSuchDevice {
		t.Error(err)
	}
	if _, err := r.Disable(t.Context(), r.pair.Installation()); fault.CodeOf(err) != fault.NoSuchDevice {
		t.Error(err)
	}
	if d, err := r.Disable(t.Context(), id); err != nil || d.Enabled || len(r.events) != 0 || r.changed != 0 {
		t.Errorf("%+v, %v, %v", d, err, r.events)
	}
	d, err := r.Enable(t.Context(), id)
	if err != nil || !d.Enabled || d.ID != id || len(r.events) != 1 || r.changed != 1 || r.waiting() != 2 {
		t.Errorf("%+v, %v, %v, %d wait", d, err, r.events, r.waiting())
	}
	if _, err := r.Enable(t.Context(), id); err != nil || len(r.events) != 1 || r.waiting() != 2 {
		t.Errorf("again: %v, %v", err, r.events)
	}
	if d, err := r.Disable(t.Context(), id); err != nil || d.Enabled || len(r.events) != 2 {
		t.Errorf("%+v, %v, %v", d, err, r.events)
	}
	r.update(func(tx *models.Tx) error {
		if list, err := tx.SendingsTo(r.pair.Self()); len(list) != 0 || err != nil {
			t.Errorf("%d messages are repeated to a device that takes no part, %v", len(list), err)
		}
		if err := r.pair.Mirror(tx, []byte("x")); err != nil {
			return err
		}
		// Not even by mistake: without a device it would be for everybody who has the phrase.
		if _, err := r.pair.Send(tx, r.pair.Self(), []byte("x"), pairwise.Ref{}); secure.ReasonOf(err) != secure.ReasonNoDevice {
			t.Errorf("sent to nobody: %v", err)
		}
		return nil
	})
	if r.waiting() != 2 {
		t.Error("a device that takes no part is written to")
	}
}

func TestListOrder(t *testing.T) {
	r := newRig(t, false)
	var ids []string
	for range 3 {
		r.now = r.now.Add(time.Minute)
		ids = append(ids, r.meets().pair.Installation())
	}
	if _, err := r.Enable(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	list, err := r.List(t.Context())
	if err != nil || len(list) != 4 {
		t.Fatal(list, err)
	}
	var got []string
	for _, d := range list[1:] {
		got = append(got, d.ID)
	}
	if !list[0].This || !slices.Equal(got, []string{ids[0], ids[2], ids[1]}) {
		t.Errorf("%+v", list)
	}
}
