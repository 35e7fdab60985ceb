package overlay

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// large gives the pool a network of 64 nodes, of which the first ten are mailservers, and as many strangers from earlier runs.
func large(t *testing.T, p *pool) (named, strangers []*enode.Node) {
	t.Helper()
	for i := range maxNamed {
		roles := RoleRelay
		if i < 10 {
			roles |= RoleMail
		}
		n := record(t, fmt.Sprintf("44.%d.0.1", i), roles)
		give(t, p, roles, SourceNetwork, n)
		named = append(named, n)
	}
	for i := range MaxCandidates {
		n := record(t, fmt.Sprintf("45.%d.0.1", i), RoleRelay|RoleMail)
		give(t, p, RoleRelay|RoleMail, SourceCached, n)
		strangers = append(strangers, n)
	}
	return named, strangers
}

// among counts who is connected among some.
func (s *stage) among(nodes []*enode.Node) (n int) {
	for _, one := range nodes {
		if s.isUp(one) {
			n++
		}
	}
	return n
}

// TestLargeNetwork: of 64 nodes a client is connected to three, two of which are mailservers, and to no stranger.
func TestLargeNetwork(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		named, _ := large(t, p)
		start()
		pass(time.Hour)
		up, searches, _ := s.counts()
		if up != MaxRelays || s.among(named) != MaxRelays || s.among(named[:10]) < MaxMail || searches != 0 {
			t.Errorf("%d connected, %d of the network, %d mailservers, %d searches", up, s.among(named), s.among(named[:10]), searches)
		}
		if n := len(s.dials()); n != MaxRelays {
			t.Errorf("%d dials", n)
		}
	})
}

// TestLargeNetworkReplacesWhomItLoses: within a second, as long as there is one left, and nothing is looked up.
func TestLargeNetworkReplacesWhomItLoses(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		named, _ := large(t, p)
		start()
		for lost := range maxNamed - MaxRelays {
			pass(time.Minute)
			for i, n := range named {
				if s.isUp(n) && (i >= 10 || lost < 10-MaxMail) { // two mailservers stay
					s.drop(n.ID())
					break
				}
			}
			pass(time.Second)
			up, searches, _ := s.counts()
			if up < MaxRelays || s.among(named) != up || s.among(named[:10]) < MaxMail || searches != 0 {
				t.Fatalf("after %d losses: %d connected, %d of the network, %d mailservers, %d searches",
					lost+1, up, s.among(named), s.among(named[:10]), searches)
			}
		}
	})
}

// TestStrangersStandIn where no node of the network answers.
func TestStrangersStandIn(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		named, strangers := large(t, p)
		for _, n := range named {
			s.dead[n.ID()] = true
		}
		start()
		pass(time.Minute)
		if n := s.among(strangers); n != MaxRelays {
			t.Errorf("%d strangers", n)
		}
	})
}

// TestOneMailserverOfStrangersIsEnough: only those of the network are compared with one another.
func TestOneMailserverOfStrangersIsEnough(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		for i := range 5 {
			give(t, p, RoleMail, SourceCached, record(t, fmt.Sprintf("45.%d.0.1", i), RoleMail))
		}
		start()
		pass(time.Minute)
		if up, _, _ := s.counts(); up != MinMail {
			t.Errorf("%d mailservers", up)
		}
	})
}

// TestWhoFailedIsNotNeeded: where two relays and a mailserver are there, the dead ones of the network are left alone for minutes.
func TestWhoFailedIsNotNeeded(t *testing.T) {
	play(t, func(t *testing.T, s *stage, p *pool, start func()) {
		named := relays(t, 20)
		for i, n := range named {
			s.dead[n.ID()] = i >= MinRelays
			roles := RoleRelay
			if i == 0 {
				roles |= RoleMail
			}
			give(t, p, roles, SourceNetwork, n)
		}
		start()
		pass(time.Minute)
		first := len(s.dials())
		pass(time.Hour)
		if n := len(s.dials()) - first; s.among(named) != MinRelays || n == 0 || n > 6*len(named) {
			t.Errorf("%d connected, %d dials in an hour", s.among(named), n)
		}
	})
}

// TestWhatTheNetworkSaysStands, whoever else tells of its nodes.
func TestWhatTheNetworkSaysStands(t *testing.T) {
	b := newBook()
	n := record(t, "44.0.0.1", RoleRelay)
	add := func(url string, roles Roles, source Source) *entry {
		e, _ := b.add(Candidate{Enode: url, Roles: roles, Source: source}, n)
		return e
	}
	add("first", RoleRelay, SourceDiscovery)
	add("second", RoleMail, SourceNetwork)
	if e := add("third", RoleRelay, SourceDiscovery); e.Enode != "second" || e.Roles != RoleMail || e.Source != SourceNetwork {
		t.Errorf("it is %+v now", e.Candidate)
	}
}

// TestNamedIsChecked: as many as a network has, and each an enode URL.
func TestNamedIsChecked(t *testing.T) {
	good := Candidate{Enode: record(t, "44.0.0.1", RoleRelay).URLv4()}
	many := make([]Candidate, maxNamed+1)
	for i := range many {
		many[i] = good
	}
	for _, bad := range [][]Candidate{many, {{Enode: "x"}}} {
		if _, err := (Search{Named: bad}).check(); !errors.Is(err, ErrBadEnode) {
			t.Errorf("%d: %v", len(bad), err)
		}
	}
	if _, err := (Search{Named: many[:maxNamed]}).check(); err != nil {
		t.Error(err)
	}
}

// TestNamedUnderStaticOnly: the nodes of the network are dialled, and nobody else.
func TestNamedUnderStaticOnly(t *testing.T) {
	hub, stranger := start(t, testConfig(t)), start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Search = Search{Named: []Candidate{{Enode: hub.Enode(), Roles: RoleRelay}}, StaticOnly: true}
	cfg.Cached = []Candidate{{Enode: stranger.Enode(), Roles: RoleRelay | RoleMail}}
	client := start(t, cfg)
	eventually(t, 5*time.Second, "connected to the node of the network", connected(hub, 1))
	if err := client.AddCandidate(Candidate{Enode: stranger.Enode()}); !errors.Is(err, ErrNoPool) {
		t.Errorf("a candidate was taken: %v", err)
	}
	if !client.WayOut() || len(client.Known()) != 0 {
		t.Errorf("way out %v, kept connected: %v", client.WayOut(), client.Known())
	}
	if st := client.Stats(); st.DialsBy[SourceNetwork] != st.Dials || st.Dials == 0 || st.Searches != 0 {
		t.Errorf("counted %+v", st)
	}
}

// TestLargeNetworkForReal: of eight nodes on loopback a client dials three, and another as soon as one has gone.
func TestLargeNetworkForReal(t *testing.T) {
	servers := make(map[enode.ID]*Server)
	cfg := testConfig(t)
	for range 8 {
		s := start(t, testConfig(t))
		servers[idOf(s)] = s
		cfg.Named = append(cfg.Named, Candidate{Enode: s.Enode(), Roles: RoleRelay | RoleMail})
	}
	client := start(t, cfg)
	eventually(t, 10*time.Second, "three are connected", connected(client, MaxRelays))
	gone := client.Peers()[0].ID
	servers[gone].Stop()
	eventually(t, 10*time.Second, "another one in its place", func() bool {
		peers := client.Peers()
		return len(peers) == MaxRelays && peers[0].ID != gone && peers[1].ID != gone && peers[2].ID != gone
	})
	if n := client.Stats().DialsBy[SourceNetwork]; n != MaxRelays+1 {
		t.Errorf("%d dials", n)
	}
}
