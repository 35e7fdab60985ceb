package overlay

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// schedule is when a client searches that finds nobody, up to a time: every 3 seconds for 30 seconds, then after 30 seconds,
// and after twice as long each time, at most an hour.
func schedule(until time.Duration) (at []time.Duration) {
	for t := time.Duration(0); t < FastFor; t += SearchFast {
		at = append(at, t)
	}
	every := SearchSlow
	for t := FastFor - SearchFast + every; t < until; t += every {
		at = append(at, t)
		every = min(2*every, SearchRare)
	}
	return at
}

// TestSearchSpeeds: with nobody to be found the searches grow rare.
func TestSearchSpeeds(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		start()
		pass(24*time.Hour - time.Second)
		if got, want := s.times(), schedule(24*time.Hour); !slices.Equal(got, want) || p.searches.Load() != uint64(len(want)) {
			t.Errorf("searched at %v\nwant %v", got, want)
		}
		if n := len(s.times()); n != 39 { // 10 fast ones, 7 ever later ones in the first hour or so, 22 hourly ones
			t.Errorf("%d searches in a day", n)
		}
	})
}

// alone is a client of a network that has one node, which stays for hours.
func alone(t *testing.T, s *stage, p *pool, roles Roles, start func()) *enode.Node {
	only := record(t, "44.0.0.1", roles)
	s.static[only.ID()] = true
	give(t, p, roles, SourceNetwork, only)
	s.come(only.ID())
	start()
	pass(5 * time.Hour)
	if got, want := s.times(), schedule(5*time.Hour); !slices.Equal(got, want) {
		t.Fatalf("searched at %v\nwant %v", got, want)
	}
	s.again()
	return only
}

// again begins to measure anew.
func (s *stage) again() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun, s.searches, s.rests = time.Now(), nil, 0
}

// TestSearchResumes: who has grown patient searches at once, and fast, when they lose the only peer or mailserver they have, or
// come into another network.
func TestSearchResumes(t *testing.T) {
	for name, test := range map[string]struct {
		roles  Roles
		happen func(s *stage, only *enode.Node)
		after  time.Duration // one that is kept has a few seconds to come back
	}{
		"relay lost":      {RoleRelay, func(s *stage, only *enode.Node) { s.leave(only.ID()) }, CachedFirst},
		"mailserver lost": {RoleMail, func(s *stage, only *enode.Node) { s.leave(only.ID()) }, CachedFirst},
		"another network": {RoleRelay, func(s *stage, _ *enode.Node) { s.epochs.next() }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(t *testing.T, s *stage, p *pool, start func()) {
				only := alone(t, s, p, test.roles, start)
				test.happen(s, only)
				p.look()
				synctest.Wait()
				pass(20 * time.Second)
				var want []time.Duration
				for at := test.after; at <= 20*time.Second; at += SearchFast {
					want = append(want, at)
				}
				if got := s.times(); !slices.Equal(got, want) {
					t.Errorf("searched at %v\nwant %v", got, want)
				}
			})
		})
	}
}

// TestAPeerThatComesAndGoesHurriesNobody: one that stays for seconds is no loss.
func TestAPeerThatComesAndGoesHurriesNobody(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		alone(t, s, p, RoleRelay, start)
		guest := record(t, "44.9.0.1", RoleRelay).ID()
		for range 100 {
			s.come(guest)
			p.look()
			pass(4 * time.Second)
			s.leave(guest)
			p.look()
			pass(6 * time.Second)
		}
		if n := len(s.times()); n > 1 {
			t.Errorf("%d searches in a quarter of an hour", n)
		}
	})
}
