package overlay

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// readLists searches once in a bubble, and returns the nodes that were found, how long it took, and how often it asked.
func readLists(t *testing.T, names *fakeDNS, restrict *netutil.Netlist, urls ...string) (found []enode.ID, took time.Duration, tried []Try) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &Server{tries: &tries{now: time.Now}}
		l := newLists(urls, names, restrict, s.tries, quietLogger(testLog(t)))
		begun := time.Now()
		var mu sync.Mutex
		l.search(t.Context(), func(n *enode.Node, source Source) {
			mu.Lock()
			defer mu.Unlock()
			if source != SourceList {
				t.Errorf("found by %s", source)
			}
			found = append(found, n.ID())
		})
		took, tried = time.Since(begun), s.Tried()
	})
	return found, took, tried
}

func TestList(t *testing.T) {
	names := &fakeDNS{}
	nodes := relays(t, 5)
	names.publish(t, testKey(t), "nodes.example.org", nodes...)
	found, took, _ := readLists(t, names, nil, names.url)
	for _, n := range nodes {
		if !slices.Contains(found, n.ID()) {
			t.Errorf("%v was not found", n.ID())
		}
	}
	if len(found) != len(nodes) || took > listTimeout {
		t.Errorf("found %d in %v", len(found), took)
	}
}

// TestLongList: of a list of any size a few nodes are read, in bounded time.
func TestLongList(t *testing.T) {
	names := &fakeDNS{}
	names.publish(t, testKey(t), "nodes.example.org", relays(t, 200)...)
	found, took, _ := readLists(t, names, nil, names.url)
	if len(found) == 0 || len(found) > listNodes || took > listTimeout || names.asked.Load() > 50 {
		t.Errorf("found %d in %v, asked %d times", len(found), took, names.asked.Load())
	}
}

// TestListsLeadNowhereElse: a list cannot send us into our own network, unless that is where we are told to stay.
func TestListsLeadNowhereElse(t *testing.T) {
	names := &fakeDNS{}
	nodes := []*enode.Node{
		record(t, "127.0.0.1", RoleRelay), record(t, "192.168.1.5", RoleRelay), record(t, "fd00::1", RoleRelay),
		record(t, "::1", RoleRelay), record(t, "169.254.1.1", RoleRelay),
	}
	names.publish(t, testKey(t), "nodes.example.org", nodes...)
	if found, _, _ := readLists(t, names, nil, names.url); len(found) != 0 {
		t.Errorf("found %d", len(found))
	}
	home, err := netutil.ParseNetlist("192.168.0.0/16")
	if err != nil {
		t.Fatal(err)
	}
	if found, _, _ := readLists(t, names, home, names.url); !slices.Equal(found, []enode.ID{nodes[1].ID()}) {
		t.Errorf("where we are told to stay: %v", found)
	}
}

// TestForgedList: what its owner did not sign is not read, and a person can be told which list failed.
func TestForgedList(t *testing.T) {
	names := &fakeDNS{}
	names.publish(t, testKey(t), "nodes.example.org", relays(t, 3)...)
	honest := names.url
	names.publish(t, testKey(t), "nodes.example.org", relays(t, 3)...) // by another key
	found, took, _ := readLists(t, names, nil, honest)
	if len(found) != 0 || took > listTimeout || names.asked.Load() > 50 {
		t.Errorf("found %d in %v, asked %d times", len(found), took, names.asked.Load())
	}
}

// TestListsFailing: names that do not resolve end within the time, without a storm of questions, and are told as one try.
func TestListsFailing(t *testing.T) {
	names := &fakeDNS{}
	names.publish(t, testKey(t), "nodes.example.org", relays(t, 3)...)
	names.texts = nil
	_, took, tried := readLists(t, names, nil, names.url)
	if took > listTimeout || names.asked.Load() > 50 {
		t.Errorf("asked %d times in %v", names.asked.Load(), took)
	}
	if len(tried) != 1 || tried[0].Address != "dns nodes.example.org" || !strings.Contains(tried[0].Error, "no such host") {
		t.Errorf("tried %+v", tried)
	}
}

// TestListOverTheServer: a client with a list and nothing else.
func TestListOverTheServer(t *testing.T) {
	hub := start(t, serving(t, RoleBoot|RoleRelay|RoleMail))
	names := &fakeDNS{}
	names.publish(t, testKey(t), "nodes.example.org", hub.p2p.Self())
	loopback, err := netutil.ParseNetlist("127.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(t)
	cfg.Resolver, cfg.NetRestrict, cfg.Search = names, loopback, Search{DNS: []string{names.url}}
	client := start(t, cfg)
	eventually(t, 20*time.Second, "found", has(client, hub))
	if s := client.Stats(); s.DialsBy[SourceList] == 0 || s.Found[SourceList] != 1 || listensUDP(client) {
		t.Errorf("counted %+v, UDP %v", s, listensUDP(client))
	}
}
