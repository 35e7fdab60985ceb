package overlay

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// TestCachedPeersAreEnough: a restart connects without anything being looked up.
func TestCachedPeersAreEnough(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		s.slow = 2 * time.Second
		give(t, p, RoleRelay, SourceCached, relays(t, 5)...)
		give(t, p, RoleMail, SourceCached, record(t, "45.0.0.1", RoleMail))
		start()
		pass(10 * time.Minute)
		if up, searches, _ := s.counts(); up != MaxRelays+MinMail || searches != 0 {
			t.Errorf("%d peers after %d searches", up, searches)
		}
	})
}

// TestDeadCachedPeersHoldNothingUp: those known already have five seconds, and less where all have failed.
func TestDeadCachedPeersHoldNothingUp(t *testing.T) {
	for name, test := range map[string]struct{ slow, want time.Duration }{
		"refused at once": {time.Second, time.Second}, "no answer": {time.Minute, CachedFirst},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(t *testing.T, s *stage, p *pool, start func()) {
				s.slow = test.slow
				for _, n := range relays(t, 2) {
					s.dead[n.ID()] = true
					give(t, p, RoleRelay, SourceCached, n)
				}
				start()
				pass(20 * time.Second)
				if len(s.times()) == 0 || s.times()[0] != test.want {
					t.Errorf("searched at %v", s.times())
				}
			})
		})
	}
}

// TestSearchRestsWhenSatisfied: two relays and a mailserver end the search, and close what it had open; with one fewer it
// begins again at once, and fast.
func TestSearchRestsWhenSatisfied(t *testing.T) {
	mail := record(t, "45.0.0.1", RoleMail)
	for name, lost := range map[string]func(s *stage) enode.ID{
		"relay": func(s *stage) enode.ID { return s.hits[0].ID() },
		"mail":  func(*stage) enode.ID { return mail.ID() },
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(t *testing.T, s *stage, p *pool, start func()) {
				s.hits, s.hang = append(relays(t, MinRelays), mail), true
				start()
				pass(time.Hour)
				if up, searches, rests := s.counts(); up != 3 || searches != 1 || rests != 1 {
					t.Fatalf("%d peers, %d searches, %d rests", up, searches, rests)
				}
				s.mu.Lock()
				s.begun, s.searches, s.hang = time.Now(), nil, false
				s.mu.Unlock()
				s.drop(lost(s))
				synctest.Wait()
				pass(10 * time.Second)
				if want := []time.Duration{0, 3 * time.Second, 6 * time.Second, 9 * time.Second}; !slices.Equal(s.times(), want) {
					t.Errorf("searched at %v", s.times())
				}
			})
		})
	}
}

// TestLostPeerIsReplaced from those that are known; nothing is looked up while there are enough of them.
func TestLostPeerIsReplaced(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		all := relays(t, MaxRelays+1)
		give(t, p, RoleRelay|RoleMail, SourceCached, all...)
		start()
		pass(time.Minute)
		i := slices.IndexFunc(all, s.isUp)
		s.drop(all[i].ID())
		pass(time.Second)
		if up, searches, _ := s.counts(); up != MaxRelays || searches != 0 {
			t.Errorf("%d peers, %d searches", up, searches)
		}
	})
}

// TestFlappingPeersDoNotHurryTheSearch: who comes and goes within seconds cannot have us search every three seconds for ever.
func TestFlappingPeersDoNotHurryTheSearch(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		s.hits = []*enode.Node{record(t, "44.0.0.1", RoleRelay), record(t, "44.1.0.1", RoleRelay|RoleMail)}
		start()
		for range 60 {
			pass(4 * time.Second)
			s.mu.Lock()
			for id, end := range s.up {
				close(end)
				delete(s.up, id)
			}
			s.mu.Unlock()
			p.look()
			pass(time.Second)
		}
		if n := len(s.times()); n > 10+10+2 { // half a minute fast, then every half minute
			t.Errorf("%d searches in five minutes", n)
		}
	})
}

// TestStaticPeersCount: who has two relays and a mailserver already is not given more than is missing.
func TestStaticPeersCount(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		static := relays(t, 3)
		for _, n := range static {
			s.static[n.ID()] = true
		}
		give(t, p, RoleRelay|RoleMail, SourceCached, static[0])
		for i := range 5 {
			give(t, p, RoleRelay, SourceCached, record(t, fmt.Sprintf("46.%d.0.1", i), RoleRelay))
		}
		start()
		pass(time.Second) // they have a moment to come
		if len(s.dials()) != 0 {
			t.Fatalf("dialled %d while static peers were on their way", len(s.dials()))
		}
		s.come(static[0].ID())
		s.come(static[1].ID())
		p.look()
		pass(time.Minute) // the third never comes
		if up, searches, _ := s.counts(); up != MaxRelays || searches != 0 {
			t.Errorf("%d peers, %d searches", up, searches)
		}
	})
}

// TestOneMailserverIsEnough: one that relays, too, takes the place of a relay.
func TestOneMailserverIsEnough(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		give(t, p, RoleRelay, SourceCached, relays(t, 5)...)
		both := record(t, "45.0.0.1", RoleRelay|RoleMail)
		give(t, p, RoleRelay|RoleMail, SourceCached, both)
		start()
		pass(time.Minute)
		if up, _, _ := s.counts(); up != MaxRelays || !s.isUp(both) {
			t.Errorf("%d peers, the mailserver among them: %v", up, s.isUp(both))
		}
	})
}

// TestOneSourceDoesNotFillThePool: nodes of one owner, all in one neighbourhood, do not take all places.
func TestOneSourceDoesNotFillThePool(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		for i := range 30 {
			give(t, p, RoleRelay, SourceCached, record(t, fmt.Sprintf("66.6.6.%d", i+1), RoleRelay))
		}
		honest := relays(t, 2)
		give(t, p, RoleRelay, SourceCached, honest...)
		start()
		pass(time.Minute)
		if !s.isUp(honest[0]) || !s.isUp(honest[1]) {
			t.Errorf("of the honest ones are connected: %v, %v", s.isUp(honest[0]), s.isUp(honest[1]))
		}
	})
}

// TestNewNetwork: what failed in the old network is dialled at once in the new one, and looking begins anew.
func TestNewNetwork(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		n := relays(t, 1)[0]
		s.dead[n.ID()] = true
		give(t, p, RoleRelay, SourceCached, n)
		start()
		pass(10*time.Minute + 10*time.Second)
		s.mu.Lock()
		delete(s.dead, n.ID())
		s.begun, s.searches, s.rests = time.Now(), nil, 0
		s.mu.Unlock()
		s.epochs.next()
		synctest.Wait()
		pass(time.Second)
		up, _, rests := s.counts()
		if up != 1 || rests == 0 || len(s.times()) == 0 || s.times()[0] > time.Second {
			t.Errorf("%d peers, %d rests, searched at %v", up, rests, s.times())
		}
	})
}

// TestDismissed: a useless node is not dialled again for ten minutes, and another takes its place.
func TestDismissed(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		all := relays(t, 1)
		give(t, p, RoleRelay|RoleMail, SourceCached, all[0])
		start()
		p.dismiss(all[0].ID())
		s.mu.Lock()
		close(s.up[all[0].ID()])
		s.mu.Unlock()
		pass(DismissedFor - time.Second)
		if len(s.dials()) != 1 {
			t.Errorf("dialled %d times", len(s.dials()))
		}
		pass(2 * time.Second)
		if len(s.dials()) != 2 {
			t.Errorf("dialled %d times after the ten minutes", len(s.dials()))
		}
	})
}

// TestReports: a node is told when it is found, when it is connected, and not each time that it is found again.
func TestReports(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		n := record(t, "44.0.0.1", RoleRelay|RoleMail)
		useless := record(t, "44.0.0.2", 0)
		s.hits = []*enode.Node{n, useless}
		var heard told
		p.report = heard.add
		start()
		pass(30 * time.Minute)
		all := heard.list()
		if len(all) != 2 {
			t.Fatalf("told %d times in half an hour", len(all))
		}
		want := Candidate{
			Enode: n.URLv4(), Roles: RoleRelay | RoleMail, Retention: 30 * 24 * time.Hour, Source: SourceDiscovery, Seen: all[0].Seen,
		}
		if all[0] != want || p.found.snapshot()[SourceDiscovery] != 1 {
			t.Errorf("told %+v\nwant %+v, counted %v", all[0], want, p.found.snapshot())
		}
	})
}

// TestNothingIsDialledTwice, and not ourselves.
func TestNothingIsDialledTwice(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		n := relays(t, 2)
		p.self = n[1].ID()
		s.hits = n
		if err := p.give(Candidate{Enode: n[1].URLv4()}); !errors.Is(err, ErrSelf) {
			t.Errorf("our own node is a candidate: %v", err)
		}
		start()
		pass(5 * time.Minute)
		if want := []enode.ID{n[0].ID()}; !slices.Equal(s.dials(), want) {
			t.Errorf("dialled %v, want %v", s.dials(), want)
		}
	})
}
