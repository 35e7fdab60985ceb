package network

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/services/invite"
)

func TestMissingMailserversAreNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.node.status.State = node.Online
		f.Attach(f.node, f.store)
		defer f.Detach()
		f.joined(t, linkTo("Acme", of(relay, invite.Relay), of(named, invite.Mail)))
		pass(grace - time.Second)
		if list := f.Degraded(); len(list) != 0 {
			t.Errorf("within the grace: %+v", list)
		}
		pass(judgeInterval + time.Second)
		list := f.Degraded()
		if len(list) != 1 || list[0].Name != DegradedNoMailserver || list[0].Remedy == "" {
			t.Fatalf("after the grace: %+v", list)
		}
		f.node.set(func(s *node.Status) { s.Peers = []node.Peer{{ID: idOf(named), Enode: named, Ready: true}} })
		f.Changed()
		synctest.Wait()
		if list := f.Degraded(); len(list) != 0 {
			t.Errorf("with a mailserver: %+v", list)
		}
		f.node.set(func(s *node.Status) { s.Peers, s.State = nil, node.Connecting })
		pass(grace + judgeInterval)
		if list := f.Degraded(); len(list) != 1 || list[0].Name != DegradedNoPeers {
			t.Errorf("without any peer that is not worth a sentence: %+v", list)
		}
	})
}

func TestANetworkWithoutMailserversLacksNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.node.status.State = node.Online
		f.Attach(f.node, f.store)
		defer f.Detach()
		f.joined(t, linkTo("Acme", of(relay, invite.Relay)))
		pass(time.Hour)
		if list := f.Degraded(); len(list) != 0 {
			t.Errorf("got %+v", list)
		}
	})
}

func TestBehindAWallItSaysWhatWasTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.node.status.Known = []string{relay}
		f.node.tried = []overlay.Try{{Address: "relay.example.org:30303", Error: "no answer"}, {Address: "192.0.2.1:30303", Error: "connection refused"}}
		f.Attach(f.node, f.store)
		defer f.Detach()
		pass(grace + judgeInterval)
		list := f.Degraded()
		want := "None of the nodes you know answers. Tried: 192.0.2.1:30303 (connection refused), relay.example.org:30303 (no answer). " +
			"What you write is sent later."
		if len(list) != 1 || list[0].Text != want || !strings.Contains(list[0].Remedy, "port 443") {
			t.Fatalf("got %+v", list)
		}
	})
}

func TestTheSentenceIsShortAndDoesNotDependOnOrder(t *testing.T) {
	tries := []overlay.Try{{Address: "e:443", Error: "x"}, {Address: "d:1", Error: "x"}, {Address: "a:1", Error: "x"}, {Address: "c:1", Error: "x"}, {Address: "b:1", Error: "x"}}
	got := aloneSentence(tries)
	if want := "None of the nodes you know answers. Tried: a:1 (x), b:1 (x), c:1 (x) and 2 more. What you write is sent later."; got != want {
		t.Errorf("got %s", got)
	}
	if strings.Contains(aloneRemedy(tries), "443") || strings.Contains(aloneRemedy(nil), "443") {
		t.Error("port 443 was tried, or nothing was")
	}
}
