package node

import (
	"slices"
	"testing"
	"time"

	"sotto/node/overlay"
)

// TestFoundByDiscovery: a client that knows a boot node, and nothing else, is online by itself, and knows what its peers are.
func TestFoundByDiscovery(t *testing.T) {
	cfg := testConfig(t)
	cfg.Roles, cfg.Retention = overlay.RoleBoot|overlay.RoleRelay|overlay.RoleMail, 30*24*time.Hour
	cfg.Search = overlay.Search{Discovery: true}
	relay := start(t, cfg)

	cfg = testConfig(t)
	cfg.Search = overlay.Search{Discovery: true, Boot: []string{relay.Status().Enode}}
	found := make(chan overlay.Candidate, 8)
	cfg.OnFound = func(c overlay.Candidate) { found <- c }
	client := start(t, cfg)
	eventually(t, "online", func() bool { return client.Status().State == Online })
	peers := client.Status().Peers
	if len(peers) != 1 || peers[0].Enode != relay.Status().Enode || !peers[0].Roles.Has(overlay.RoleRelay|overlay.RoleMail) {
		t.Errorf("peers %+v", peers)
	}
	c := <-found
	if c.Enode != relay.Status().Enode || c.Source != overlay.SourceDiscovery {
		t.Errorf("reported %+v", c)
	}
	if tried := client.Tried(); len(tried) != 0 {
		t.Errorf("tried %+v", tried)
	}
	client.Stop()

	// The next run needs no boot node.
	cfg.Search = overlay.Search{}
	cfg.Cached = []overlay.Candidate{c}
	again := start(t, cfg)
	eventually(t, "online again", func() bool { return again.Status().State == Online })
	if s := again.Overlay(); s.Searches != 0 || s.DialsBy[overlay.SourceCached] != 1 {
		t.Errorf("counted %+v", s)
	}
	if slices.Contains(again.Status().Known, c.Enode) {
		t.Error("a found node counts as one that is kept")
	}
}
