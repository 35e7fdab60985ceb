package overlay

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// serving is a node on loopback that does something for others and is found by those whom boot knows.
func serving(t testing.TB, roles Roles, boot ...string) Config {
	cfg := testConfig(t)
	cfg.Roles, cfg.Retention = roles, 30*24*time.Hour
	cfg.Search = Search{Discovery: true, Boot: boot}
	return cfg
}

// seeking is a client that knows boot nodes only.
func seeking(t testing.TB, boot ...string) Config {
	cfg := testConfig(t)
	cfg.Search = Search{Discovery: true, Boot: boot}
	return cfg
}

// enrOf is a node's record in its text form.
func enrOf(s *Server) string { return s.p2p.LocalNode().Node().String() }

func has(s *Server, others ...*Server) func() bool {
	return func() bool {
		peers := s.Peers()
		return !slices.ContainsFunc(others, func(o *Server) bool {
			return !slices.ContainsFunc(peers, func(p PeerInfo) bool { return p.ID == idOf(o) })
		})
	}
}

// table is whom a node that serves knows.
func table(s *Server) []*enode.Node {
	s.disc.mu.Lock()
	defer s.disc.mu.Unlock()
	if s.disc.udp == nil {
		return nil
	}
	return s.disc.udp.AllNodes()
}

// TestDiscovery: a client that knows nothing but a boot node finds relays and a mailserver, in both forms of a boot node, and
// closes its socket when it has enough.
func TestDiscovery(t *testing.T) {
	t.Parallel() // it waits
	boot := start(t, serving(t, RoleBoot))
	for range 2 {
		start(t, serving(t, RoleRelay, boot.Enode()))
	}
	mail := start(t, serving(t, RoleMail, enrOf(boot)))
	for name, text := range map[string]string{"enode": boot.Enode(), "record": enrOf(boot)} {
		t.Run(name, func(t *testing.T) {
			cfg := seeking(t, text)
			var heard told
			cfg.OnFound = heard.add
			client := start(t, cfg)
			eventually(t, 20*time.Second, "two relays and a mailserver", connected(client, MinRelays+MinMail))
			if !has(client, mail)() || has(client, boot)() {
				t.Errorf("peers: %+v", client.Peers())
			}
			i := slices.IndexFunc(client.Peers(), func(p PeerInfo) bool { return p.ID == idOf(mail) })
			if p := client.Peers()[i]; p.Roles != RoleMail || p.Retention != 30*24*time.Hour || p.Static || p.Inbound {
				t.Errorf("the mailserver is shown as %+v", p)
			}
			eventually(t, 20*time.Second, "the socket is closed", func() bool { return !listensUDP(client) })
			if s := client.Stats(); s.Searches == 0 || s.Found[SourceDiscovery] != 3 || s.DialsBy[SourceDiscovery] < 3 {
				t.Errorf("counted %+v", s)
			}
			if len(heard.list()) < 3 {
				t.Errorf("reported %+v", heard.list())
			}
		})
	}
}

// TestDiscoveryIPv6 does the same on ::1.
func TestDiscoveryIPv6(t *testing.T) {
	if ln, err := net.Listen("tcp", "[::1]:0"); err != nil {
		unavailable(t, "no IPv6 here")
	} else {
		ln.Close()
	}
	six := func(cfg Config) Config {
		cfg.Listen = "[::1]:0"
		return cfg
	}
	hub := start(t, six(serving(t, RoleBoot|RoleRelay|RoleMail)))
	client := start(t, six(seeking(t, hub.Enode())))
	eventually(t, 20*time.Second, "found", has(client, hub))
}

// listensUDP tells whether discovery of a client or server has a socket open.
func listensUDP(s *Server) bool {
	p := s.pool.Load()
	if p == nil || p.find == nil {
		return s.packets != nil
	}
	return slices.ContainsFunc(p.find.(finders), func(f finder) bool {
		d, ok := f.(*discovery)
		if !ok {
			return false
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.udp != nil
	})
}

// TestBootNodeByName: an enode URL with a host name is resolved for each search, so that a boot node may move.
func TestBootNodeByName(t *testing.T) {
	t.Parallel() // it waits
	hub := start(t, serving(t, RoleBoot|RoleRelay))
	named := strings.Replace(hub.Enode(), "127.0.0.1", "boot.example.org", 1)
	names := &fakeDNS{hosts: map[string][]netip.Addr{}}
	cfg := seeking(t, named)
	cfg.Resolver = names
	client := start(t, cfg)
	eventually(t, 20*time.Second, "tried in vain", func() bool {
		tried := client.Tried()
		return len(tried) == 1 && strings.HasPrefix(tried[0].Address, "udp boot.example.org:") && tried[0].Enode == named
	})
	names.set("boot.example.org", "127.0.0.1")
	eventually(t, 20*time.Second, "found", has(client, hub))
	eventually(t, 20*time.Second, "no longer among the failed", func() bool { return len(client.Tried()) == 0 })
}

// TestBootNodeUnderAnotherAddress: a boot node whose record leads elsewhere, as behind a router that it does not know of, is of
// use to those who know where it answers.
func TestBootNodeUnderAnotherAddress(t *testing.T) {
	t.Parallel() // it waits
	cfg := serving(t, RoleBoot)
	cfg.Public = "44.0.0.9:30303"
	boot := start(t, cfg)
	answers := fmt.Sprintf("%s@%s?discport=%s", nodeID(boot), boot.ListenAddr(), portOf(boot.packets.LocalAddr().String()))
	relay := start(t, serving(t, RoleRelay, answers))
	client := start(t, seeking(t, answers))
	eventually(t, 20*time.Second, "found", has(client, relay))
}

// TestRestartWithoutDiscovery: what one run was told of is enough for the next, which then asks nobody.
func TestRestartWithoutDiscovery(t *testing.T) {
	t.Parallel() // it waits
	boot := start(t, serving(t, RoleBoot))
	for range 2 {
		start(t, serving(t, RoleRelay|RoleMail, boot.Enode()))
	}
	cfg := seeking(t, boot.Enode())
	var heard told
	cfg.OnFound = heard.add
	client := start(t, cfg)
	eventually(t, 20*time.Second, "found both", connected(client, 2))
	client.Stop()
	boot.Stop()

	cfg.Cached = heard.list()
	again := start(t, cfg)
	eventually(t, 20*time.Second, "both again", connected(again, 2))
	if s := again.Stats(); s.Searches != 0 || s.DialsBy[SourceCached] != 2 {
		t.Errorf("counted %+v", s)
	}
}

// TestStaticPeersOnly: nothing is ever looked up, and nobody connected whom no person named: no name is resolved, no UDP
// socket opened, no cached peer dialled.
func TestStaticPeersOnly(t *testing.T) {
	hub := start(t, serving(t, RoleBoot|RoleRelay|RoleMail))
	named := strings.Replace(hub.Enode(), "127.0.0.1", "boot.example.org", 1)
	key := testKey(t)
	names := &fakeDNS{hosts: map[string][]netip.Addr{"boot.example.org": {netip.MustParseAddr("127.0.0.1")}}}
	names.publish(t, key, "nodes.example.org", hub.p2p.Self())
	cfg := testConfig(t)
	cfg.Resolver = names
	cfg.Search = Search{Discovery: true, Boot: []string{named, hub.Enode()}, DNS: []string{names.url}, StaticOnly: true}
	cfg.Cached = []Candidate{{Enode: hub.Enode(), Roles: RoleRelay}}
	friend := start(t, testConfig(t))
	cfg.Static = []string{friend.Enode()}
	before := udpSockets(t)
	client := start(t, cfg)
	eventually(t, 20*time.Second, "the friend is there", has(client, friend))
	if err := client.AddCandidate(Candidate{Enode: hub.Enode()}); !errors.Is(err, ErrNoPool) {
		t.Errorf("AddCandidate: %v", err)
	}
	if after := udpSockets(t); after != before {
		t.Errorf("%d UDP sockets, %d before", after, before)
	}
	if s := client.Stats(); s.Searches != 0 || s.Dials != s.DialsBy[SourceStatic] || names.asked.Load() != 0 {
		t.Errorf("counted %+v, %d names asked", s, names.asked.Load())
	}

	// The very same settings without StaticOnly do all of that.
	if err := client.SetSearch(Search{Discovery: true, Boot: cfg.Boot, DNS: cfg.DNS}, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "found", has(client, hub))
	if names.asked.Load() == 0 {
		t.Error("no name was looked up")
	}
}

// TestClientsAreNotFound: a client asks under another key than its own, with a record that leads nowhere, and gets into nobody's
// table.
func TestClientsAreNotFound(t *testing.T) {
	boot := start(t, serving(t, RoleBoot))
	client := start(t, seeking(t, boot.Enode()))
	asking := client.pool.Load().find.(finders)[0].(*discovery)
	var self *enode.Node
	eventually(t, 20*time.Second, "it has asked", func() bool {
		asking.mu.Lock()
		defer asking.mu.Unlock()
		if asking.udp == nil || len(asking.udp.AllNodes()) == 0 {
			return false
		}
		self = asking.udp.Self()
		return true
	})
	if self.ID() == idOf(client) || self.IPAddr().IsValid() || self.TCP() != 0 || self.UDP() != 0 {
		t.Errorf("it appears as %v", self)
	}
	if roles, _ := rolesOf(self); roles != 0 {
		t.Errorf("it has the roles %v", roles)
	}
	if all := table(boot); len(all) != 0 {
		t.Errorf("the boot node knows %v", all)
	}
}

// TestRelayComesBack: a relay that was found and went is connected again when it is back, as a static one is.
func TestRelayComesBack(t *testing.T) {
	t.Parallel() // it waits
	boot := start(t, serving(t, RoleBoot))
	cfg := serving(t, RoleRelay|RoleMail, boot.Enode())
	relay := start(t, cfg)
	client := start(t, seeking(t, boot.Enode()))
	eventually(t, 20*time.Second, "found", has(client, relay))
	cfg.Listen = relay.ListenAddr()
	relay.Stop()
	eventually(t, 20*time.Second, "lost", connected(client, 0))
	again := start(t, cfg)
	eventually(t, 20*time.Second, "back", has(client, again))
}

// TestSetSearch: whoever joins another network leaves those that they found in the first.
func TestSetSearch(t *testing.T) {
	first, second := start(t, serving(t, RoleBoot|RoleRelay)), start(t, serving(t, RoleBoot|RoleRelay))
	client := start(t, seeking(t, first.Enode()))
	eventually(t, 20*time.Second, "found in the first", has(client, first))
	if err := client.SetSearch(Search{Discovery: true, Boot: []string{"x"}}, nil); err == nil {
		t.Error("a bad boot node was taken")
	}
	if err := client.SetSearch(Search{Discovery: true, Boot: []string{second.Enode()}}, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "found in the second, the first is left", func() bool {
		return has(client, second)() && connected(client, 1)()
	})
	client.Stop()
	if err := client.SetSearch(Search{}, nil); !errors.Is(err, ErrStopped) {
		t.Errorf("after Stop: %v", err)
	}
}

// TestDismiss leaves a useless node, and takes another.
func TestDismiss(t *testing.T) {
	useless, other := start(t, serving(t, RoleRelay)), start(t, testConfig(t))
	client := start(t, testConfig(t))
	if err := client.AddCandidate(Candidate{Enode: useless.Enode()}); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "connected", has(client, useless))
	client.Dismiss(idOf(useless))
	if err := client.AddCandidate(Candidate{Enode: other.Enode()}); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the other one", func() bool { return has(client, other)() && connected(client, 1)() })
}

// TestLearnMail: a static peer that turns out to be a mailserver is the one that a client needs.
func TestLearnMail(t *testing.T) {
	t.Parallel() // it waits
	relays := []*Server{start(t, testConfig(t)), start(t, testConfig(t))}
	cfg := seeking(t)
	cfg.Static = []string{relays[0].Enode(), relays[1].Enode()}
	client := start(t, cfg)
	eventually(t, 20*time.Second, "it looks for a mailserver", func() bool { return listensUDP(client) && has(client, relays...)() })
	client.LearnMail(idOf(relays[0]))
	eventually(t, 20*time.Second, "it has enough", func() bool { return !listensUDP(client) })
	i := slices.IndexFunc(client.Peers(), func(p PeerInfo) bool { return p.ID == idOf(relays[0]) })
	if got := client.Peers()[i].Roles; got != RoleMail {
		t.Errorf("shown with the roles %b", got)
	}
	relays[0].Stop()
	eventually(t, 20*time.Second, "it looks again", func() bool { return listensUDP(client) })
	client.LearnMail(idOf(relays[0])) // gone already
	if client.mail.has(idOf(relays[0])) {
		t.Error("learned of a node that is not there")
	}
}
