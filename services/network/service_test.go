package network

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/services/event"
	"sotto/services/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeNode is in whatever state the test says.
type fakeNode struct {
	mu       sync.Mutex
	status   node.Status
	fail     error
	tried    []overlay.Try
	searches []overlay.Search
	found    []overlay.Candidate // of the last search
	dialled  []string            // whatever was to be kept connected at any time
}

func (n *fakeNode) set(edit func(*node.Status)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	edit(&n.status)
}

func (n *fakeNode) Status() node.Status {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.status
}

func (n *fakeNode) AddPeer(url string) error {
	n.set(func(s *node.Status) {
		if !slices.Contains(s.Known, url) {
			s.Known = slices.DeleteFunc(s.Known, func(u string) bool { return idOf(u) == idOf(url) })
			s.Known = append(s.Known, url)
			n.dialled = append(n.dialled, url)
		}
	})
	return n.fail
}

func (n *fakeNode) RemovePeer(url string) error {
	n.set(func(s *node.Status) {
		s.Known = slices.DeleteFunc(s.Known, func(u string) bool { return idOf(u) == idOf(url) })
	})
	return n.fail
}

func (n *fakeNode) SetReceive(p node.Policy) { n.set(func(s *node.Status) { s.Receive = p }) }

func (n *fakeNode) SetBudget(bytes int64) { n.set(func(s *node.Status) { s.Budget = bytes }) }

func (n *fakeNode) SetSearch(search overlay.Search, found []overlay.Candidate) error {
	n.set(func(*node.Status) { n.searches, n.found = append(n.searches, search), found })
	return nil
}

func (n *fakeNode) Tried() []overlay.Try {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.tried
}

// fakeStore is what is remembered.
type fakeStore struct {
	urls       []string
	mail       map[string]bool
	networks   []Kept
	found      []overlay.Candidate
	receive    Receive
	budget     int64
	staticOnly bool
	fail       error
}

func (s *fakeStore) SetBudget(_ context.Context, bytes int64) error {
	if s.fail == nil {
		s.budget = bytes
	}
	return s.fail
}

func (s *fakeStore) StaticOnly(context.Context) (bool, error) { return s.staticOnly, s.fail }

func (s *fakeStore) SetStaticOnly(_ context.Context, only bool) error {
	s.staticOnly = only
	return nil
}

func (s *fakeStore) Networks(context.Context) ([]Kept, error) {
	return slices.Clone(s.networks), s.fail
}

func (s *fakeStore) PutNetwork(_ context.Context, k Kept) error {
	if k.Active {
		for i := range s.networks {
			s.networks[i].Active = false
		}
	}
	if old := byName(s.networks, k.Name); old != nil {
		k.Joined = old.Joined
		*old = k
	} else {
		s.networks = append(s.networks, k)
	}
	return nil
}

func (s *fakeStore) RemoveNetwork(_ context.Context, name string) error {
	s.networks = slices.DeleteFunc(s.networks, func(k Kept) bool { return k.Name == name })
	return nil
}

func (s *fakeStore) Found(context.Context) ([]overlay.Candidate, error) { return s.found, s.fail }

func (s *fakeStore) ForgetFound(context.Context) error {
	s.found = nil
	return nil
}

func (s *fakeStore) SetReceive(_ context.Context, r Receive) error {
	if s.fail == nil {
		s.receive = r
	}
	return s.fail
}

func (s *fakeStore) Peers(context.Context) (list []KeptPeer, err error) {
	for _, url := range s.urls {
		list = append(list, KeptPeer{url, s.mail[url]})
	}
	return list, s.fail
}

func (s *fakeStore) AddPeer(_ context.Context, p KeptPeer) error {
	s.urls = append(s.urls, p.Enode)
	s.mail[p.Enode] = p.Mail
	return nil
}

func (s *fakeStore) RemovePeer(_ context.Context, url string) error {
	s.urls = slices.DeleteFunc(s.urls, func(u string) bool { return u == url })
	return nil
}

// Two nodes; the second has a host name.
const (
	relay = "enode://e8a7c03b58911e98bbd66accb2a55d57683f35b23bf9dfca89e5e244eb5cc3f25018b4112db507faca34fb69ffb44b362f79eda97a669a8df29c72e654416784@192.0.2.1:30303"
	moved = "enode://e8a7c03b58911e98bbd66accb2a55d57683f35b23bf9dfca89e5e244eb5cc3f25018b4112db507faca34fb69ffb44b362f79eda97a669a8df29c72e654416784@192.0.2.9:443"
	named = "enode://43947863cfa5aad1178f482ac35a8ebb9116cded1c23f7f9af1a47badfc1ee7f0dd9ec0543417cc347225a6e47e46c6873f647559e43434596c54e17a4d3a1e4@relay.example.org:30303"
)

type fixture struct {
	*Service
	node   *fakeNode
	store  *fakeStore
	events *event.Subscription
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	bus := event.NewBus()
	f := &fixture{Service: New(Config{Events: bus}), node: &fakeNode{}, store: &fakeStore{mail: map[string]bool{}}, events: bus.Subscribe(100)}
	f.node.status.State = node.Connecting
	t.Cleanup(f.Detach)
	return f
}

// pass lets fake time go by and everybody act on it.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// degradedEvents reads what is queued and counts the events about degraded states.
func (f *fixture) degradedEvents() (n int) {
	for {
		select {
		case e := <-f.events.C:
			if e.Kind == event.Degraded {
				n++
			}
		default:
			return n
		}
	}
}

func wantCode(t *testing.T, err error, code fault.Code, sentence string) {
	t.Helper()
	if fault.CodeOf(err) != code || !strings.Contains(fault.Sentence(err), sentence) {
		t.Errorf("got %v, want %s: %s", err, code, sentence)
	}
}

func TestNothingWorksWhileLocked(t *testing.T) {
	f := newFixture(t)
	if s := f.Status(t.Context()); s.State != Offline || s.Enode != "" {
		t.Errorf("got %+v", s)
	}
	wantCode(t, f.AddPeer(t.Context(), relay), fault.Locked, "Unlock one first.")
	wantCode(t, f.RemovePeer(t.Context(), relay), fault.Locked, "")
	f.Changed()
	f.Detach()
}

func TestAddedPeersAreRememberedAndConnected(t *testing.T) {
	f := newFixture(t)
	f.Attach(f.node, f.store)
	for _, url := range []string{"  " + relay + "\n", named} {
		if err := f.AddPeer(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{relay, named}; !slices.Equal(f.store.urls, want) || !slices.Equal(f.node.status.Known, want) {
		t.Errorf("store %v, node %v", f.store.urls, f.node.status.Known)
	}
	if err := f.RemovePeer(t.Context(), relay); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.store.urls, []string{named}) {
		t.Errorf("after removing: %v", f.store.urls)
	}
}

func TestAKnownNodeTakesItsNewAddress(t *testing.T) {
	f := newFixture(t)
	f.Attach(f.node, f.store)
	for _, url := range []string{relay, moved} {
		if err := f.AddPeer(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(f.store.urls, []string{moved}) {
		t.Errorf("remembered: %v", f.store.urls)
	}
	if err := f.RemovePeer(t.Context(), relay); err != nil || len(f.store.urls) != 0 {
		t.Errorf("removing by the old address: %v, left %v", err, f.store.urls)
	}
}

func TestBadEnodes(t *testing.T) {
	f := newFixture(t)
	f.Attach(f.node, f.store)
	for _, url := range []string{"", "lobby", "enode://abc@192.0.2.1:30303", "http://example.org", strings.TrimSuffix(relay, ":30303")} {
		wantCode(t, f.AddPeer(t.Context(), url), fault.BadEnode, "not the address of a node")
		wantCode(t, f.RemovePeer(t.Context(), url), fault.BadEnode, "")
	}
	f.node.fail = overlay.ErrSelf
	wantCode(t, f.AddPeer(t.Context(), relay), fault.BadEnode, "this Sotto itself")
	if len(f.store.urls) != 0 {
		t.Errorf("remembered: %v", f.store.urls)
	}
}

func TestStoreThatFailsIsPassedOn(t *testing.T) {
	f := newFixture(t)
	f.Attach(f.node, f.store)
	f.store.fail = fault.New(fault.StorageProblem, "The disk is full.")
	wantCode(t, f.AddPeer(t.Context(), relay), fault.StorageProblem, "disk is full")
}

func TestTooManyPeers(t *testing.T) {
	f := newFixture(t)
	f.Attach(f.node, f.store)
	f.store.urls = make([]string, maxKnown)
	wantCode(t, f.AddPeer(t.Context(), relay), fault.NotAllowed, "Remove one first.")
}

func TestStatusShowsPeersThatFinishedTheHandshake(t *testing.T) {
	f := newFixture(t)
	f.node.status = node.Status{
		State: node.Online, Enode: relay, Listen: "127.0.0.1:7",
		Peers: []node.Peer{
			{ID: idOf(named), Enode: named, Name: "x", Ready: true, RTT: time.Millisecond, In: 7, Out: 8}, {Enode: moved},
		},
		Traffic:     node.Traffic{Useful: 1, Duplicate: 2, Unwanted: 3, Refused: 4, Out: 5},
		ClockOffset: time.Second,
	}
	f.Attach(f.node, f.store)
	s := f.Status(t.Context())
	if s.State != Online || len(s.Peers) != 1 || s.Peers[0].Enode != named || s.Peers[0].Roles[0] != "relay" {
		t.Errorf("got %+v", s)
	}
	if p := s.Peers[0]; p.BytesIn != 7 || p.BytesOut != 8 {
		t.Errorf("got %+v", p)
	}
	if s.Traffic != (Traffic{1, 2, 3, 4, 5}) || s.ClockOffset != time.Second || s.Listen != "127.0.0.1:7" {
		t.Errorf("got %+v", s)
	}
}

func TestNoPeersIsNamedAfterAGraceAndEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.node.status.Known = []string{relay}
		f.Attach(f.node, f.store)
		defer f.Detach()
		pass(grace - time.Second)
		if list := f.Degraded(); len(list) != 0 {
			t.Errorf("within the grace: %+v", list)
		}
		pass(judgeInterval + time.Second)
		list := f.Degraded()
		if len(list) != 1 || list[0].Name != DegradedNoPeers || list[0].Remedy == "" {
			t.Fatalf("after the grace: %+v", list)
		}
		pass(time.Minute)
		if n := f.degradedEvents(); n != 1 {
			t.Errorf("%d events for one state", n)
		}
		f.node.set(func(s *node.Status) { s.State = node.Online })
		f.Changed()
		synctest.Wait()
		if list := f.Degraded(); len(list) != 0 || f.degradedEvents() != 1 {
			t.Errorf("online: %+v", list)
		}
		if d, known := f.DegradedState(DegradedNoPeers); !known || d.Until.IsZero() {
			t.Errorf("as it ended: %+v", d)
		}
	})
}

func TestWithoutKnownNodesBeingAloneIsNormal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.Attach(f.node, f.store)
		defer f.Detach()
		pass(time.Hour)
		if list := f.Degraded(); len(list) != 0 {
			t.Errorf("got %+v", list)
		}
	})
}

func TestOfflineTurnsIntoNoPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.node.status = node.Status{State: node.Offline, Known: []string{relay}}
		f.Attach(f.node, f.store)
		defer f.Detach()
		pass(grace + judgeInterval)
		if list := f.Degraded(); len(list) != 1 || list[0].Name != DegradedOffline {
			t.Errorf("got %+v", list)
		}
		f.node.set(func(s *node.Status) { s.State = node.Connecting })
		f.Changed()
		synctest.Wait()
		if list := f.Degraded(); len(list) != 1 || list[0].Name != DegradedNoPeers {
			t.Errorf("got %+v", list)
		}
	})
}

func TestWrongClockIsNamed(t *testing.T) {
	cases := []struct {
		offset time.Duration
		text   string
	}{
		{4 * time.Second, ""},
		{-5 * time.Second, ""},
		{-40 * time.Second, "Your clock is 40 seconds ahead. Others may not receive you."},
		{6 * time.Second, "Your clock is 6 seconds behind. Others may not receive you."},
		{-5 * time.Minute, "Your clock is 5 minutes ahead. Others may not receive you."},
	}
	for _, c := range cases {
		f := newFixture(t)
		f.judgeClock(c.offset)
		list := f.Degraded()
		switch {
		case c.text == "" && len(list) != 0:
			t.Errorf("%v: %+v", c.offset, list)
		case c.text != "" && (len(list) != 1 || list[0].Text != c.text || list[0].Remedy != "Open the date settings."):
			t.Errorf("%v: %+v", c.offset, list)
		}
	}
}

func TestReportedStatesKeepTheirBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.Report(DegradedStorage, "The disk is full.", "Free some space.")
		began := time.Now()
		pass(time.Minute)
		f.Report(DegradedStorage, "The disk is full.", "Free some space.")
		if d := f.Degraded()[0]; !d.Since.Equal(began) || f.degradedEvents() != 1 {
			t.Errorf("got %+v", d)
		}
		f.Resolve(DegradedStorage)
		f.Resolve(DegradedStorage)
		if n := f.degradedEvents(); n != 1 || len(f.Degraded()) != 0 {
			t.Errorf("%d events at the end", n)
		}
	})
}

func TestLockingEndsEveryDegradedState(t *testing.T) {
	f := newFixture(t)
	f.Attach(f.node, f.store)
	f.Report(DegradedStorage, "x", "y")
	f.Detach()
	if list := f.Degraded(); len(list) != 0 {
		t.Errorf("got %+v", list)
	}
}

func TestOtherErrorsOfTheNodeStayThemselves(t *testing.T) {
	if err := errors.New("x"); !errors.Is(nodeFault(err), err) {
		t.Error("changed")
	}
	wantCode(t, nodeFault(overlay.ErrStopped), fault.Locked, "")
}
