package overlay

import (
	"fmt"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

func newBook() *book { return &book{entries: make(map[enode.ID]*entry)} }

func (b *book) put(t testing.TB, ip string, source Source) *entry {
	t.Helper()
	n := record(t, ip, RoleRelay)
	e, _ := b.add(Candidate{Enode: n.URLv4(), Roles: RoleRelay, Source: source}, n)
	return e
}

func (b *book) of(source Source) (n int) {
	for _, e := range b.entries {
		if e.Source == source {
			n++
		}
	}
	return n
}

// TestBookIsBounded: no source fills it, and all of them together do not go beyond it.
func TestBookIsBounded(t *testing.T) {
	b := newBook()
	for i := range 100 {
		for _, source := range []Source{SourceCached, SourceDiscovery, SourceList} {
			b.put(t, fmt.Sprintf("44.%d.0.1", i), source)
		}
	}
	if len(b.entries) > MaxCandidates {
		t.Errorf("%d candidates", len(b.entries))
	}
	for _, source := range []Source{SourceCached, SourceDiscovery, SourceList} {
		if n := b.of(source); n > maxOfSource {
			t.Errorf("%d from %s", n, source)
		}
	}
}

// TestNewcomersReplaceTheWorst: those that failed, or those of a neighbourhood that has many places already; who is connected
// stays.
func TestNewcomersReplaceTheWorst(t *testing.T) {
	b := newBook()
	var busy *entry
	for i := range maxOfSource {
		e := b.put(t, fmt.Sprintf("66.6.6.%d", i+1), SourceDiscovery)
		if i == 0 {
			e.busy, busy = true, e
		}
	}
	if b.put(t, "66.6.6.200", SourceDiscovery) != nil {
		t.Error("one more of the crowd got in")
	}
	for i := range 10 {
		if b.put(t, fmt.Sprintf("44.%d.0.1", i), SourceDiscovery) == nil {
			t.Errorf("newcomer %d did not get in", i)
		}
	}
	if b.of(SourceDiscovery) != maxOfSource || b.entries[busy.node.ID()] == nil {
		t.Errorf("%d candidates, the connected one among them: %v", b.of(SourceDiscovery), b.entries[busy.node.ID()] != nil)
	}
	failed := b.put(t, "44.99.0.1", SourceDiscovery)
	failed.tries.fail()
	b.put(t, "44.98.0.1", SourceDiscovery)
	if b.entries[failed.node.ID()] != nil {
		t.Error("the one that failed is still there")
	}
}

// TestMovedCandidate: a node with a new address is dialled at once, whatever the old one did.
func TestMovedCandidate(t *testing.T) {
	b := newBook()
	n := record(t, "44.0.0.1", RoleRelay)
	e, news := b.add(Candidate{Enode: n.URLv4(), Roles: RoleRelay}, n)
	if !news {
		t.Error("a new one is no news")
	}
	e.tries.fail()
	e.notBefore = time.Now().Add(time.Hour)
	if _, news := b.add(Candidate{Enode: n.URLv4(), Roles: RoleRelay}, n); news || e.tries.failures != 1 {
		t.Error("found again is news")
	}
	moved := e.Candidate
	moved.Enode = "enode://elsewhere"
	if _, news := b.add(moved, n); !news || e.tries.failures != 0 || e.notBefore.After(time.Now()) {
		t.Error("moved is no news")
	}
}

// TestChoice prefers those that did not fail, then those from elsewhere, then those from another source.
func TestChoice(t *testing.T) {
	peers := []peered{{where: neighbourhood(record(t, "44.0.0.1", 0).IPAddr()), source: SourceCached}}
	nobody := func(enode.ID) bool { return false }
	for i, test := range []struct{ better, worse func(b *book) *entry }{
		{
			func(b *book) *entry { return b.put(t, "44.0.0.2", SourceCached) },
			func(b *book) *entry { e := b.put(t, "45.0.0.1", SourceList); e.tries.fail(); return e },
		},
		{
			func(b *book) *entry { return b.put(t, "45.0.0.1", SourceCached) },
			func(b *book) *entry { return b.put(t, "44.0.0.2", SourceList) },
		},
		{
			func(b *book) *entry { return b.put(t, "45.0.0.1", SourceList) },
			func(b *book) *entry { return b.put(t, "46.0.0.1", SourceCached) },
		},
	} {
		for range 20 {
			b := newBook()
			worse, better := test.worse(b), test.better(b)
			if got := b.choose(RoleRelay, time.Now(), peers, nobody); got != better {
				t.Errorf("%d: chose %v before %v", i, worse.Enode, better.Enode)
			}
		}
	}
	b := newBook()
	e := b.put(t, "44.0.0.1", SourceList)
	if b.choose(RoleMail, time.Now(), nil, nobody) != nil || b.choose(RoleRelay, time.Now(), nil, func(enode.ID) bool { return true }) != nil {
		t.Error("chose one without the role, or one that is taken")
	}
	e.notBefore = time.Now().Add(time.Minute)
	if b.choose(RoleRelay, time.Now(), nil, nobody) != nil {
		t.Error("chose one before its time")
	}
	if at, ok := b.due(time.Now()); !ok || !at.Equal(e.notBefore) {
		t.Errorf("due %v, %v", at, ok)
	}
}
