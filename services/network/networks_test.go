package network

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/invite"
)

// other is a third node.
const other = "enode://436cc6f674928fdc9a9f7990f2944002b685d1c37f025c1be425185b5b1f0900feaf1ccc2a6130268f9901be4a7d252f37302c8335a2c1a62736e9232691cc3a@192.0.2.3:30303"

func linkTo(name string, nodes ...invite.Node) string {
	return invite.Invite{Name: name, Nodes: nodes, Channel: "lobby", Unknown: []invite.Field{{Name: "later", Value: "x"}}}.Link()
}

func of(url string, roles invite.Role) invite.Node { return invite.Node{Enode: url, Roles: roles} }

// attached is a fixture with an open account.
func attachedFixture(t *testing.T) *fixture {
	f := newFixture(t)
	f.Attach(f.node, f.store)
	return f
}

// joined joins and wants that to work.
func (f *fixture) joined(t *testing.T, link string) Network {
	t.Helper()
	n, err := f.Join(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// wantKnown compares what is kept connected, in any order.
func (f *fixture) wantKnown(t *testing.T, want ...string) {
	t.Helper()
	got := slices.Sorted(slices.Values(f.node.Status().Known))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("kept connected: %v, want %v", got, want)
	}
}

func (f *fixture) wantNetworks(t *testing.T, want ...string) {
	t.Helper()
	list, err := f.Networks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range list {
		if n.Active {
			n.Name += "*"
		}
		got = append(got, n.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("networks %v, want %v", got, want)
	}
}

func TestJoiningConnectsToTheNodesOfALink(t *testing.T) {
	f := attachedFixture(t)
	link := linkTo("Acme", of(relay, invite.Boot|invite.Relay|invite.Mail), of(named, 0))
	got := f.joined(t, "Join us: "+link+".")
	want := Network{
		Name: "Acme", Link: link, Active: true, Joined: got.Joined, Channel: "lobby",
		Nodes: []NetworkNode{{relay, []string{"relay", "mail", "boot"}}, {named, []string{}}},
	}
	if !reflect.DeepEqual(got, want) || got.Joined.IsZero() {
		t.Errorf("got %+v", got)
	}
	f.wantKnown(t, relay, named)
	f.wantNetworks(t, "Acme*")
	if s := f.Status(t.Context()); s.Network != "Acme" {
		t.Errorf("status has %q", s.Network)
	}
	if again := f.joined(t, link); !reflect.DeepEqual(again, want) {
		t.Errorf("again: %+v", again)
	}
	f.wantNetworks(t, "Acme*")
	f.wantKnown(t, relay, named)
}

func TestALinkOfAKnownNetworkBringsItsNodesOfToday(t *testing.T) {
	f := attachedFixture(t)
	f.joined(t, linkTo("Acme", of(relay, invite.Relay), of(named, invite.Relay)))
	f.joined(t, linkTo("Acme", of(moved, invite.Relay), of(other, invite.Mail)))
	f.wantNetworks(t, "Acme*")
	f.wantKnown(t, moved, other)
}

func TestAnotherNetworkOfTheSameNameTakesNothing(t *testing.T) {
	f := attachedFixture(t)
	f.joined(t, linkTo("Acme", of(relay, invite.Relay)))
	if n := f.joined(t, linkTo("Acme", of(named, invite.Relay))); n.Name != "Acme (2)" {
		t.Errorf("got %+v", n)
	}
	f.wantNetworks(t, "Acme", "Acme (2)*")
	f.wantKnown(t, named)
	f.joined(t, linkTo("Acme", of(relay, invite.Relay)))
	f.wantNetworks(t, "Acme*", "Acme (2)")
	link, err := f.Invite(t.Context(), "Acme (2)")
	if inv, _ := invite.Parse(link); err != nil || inv.Name != "Acme" {
		t.Errorf("the number is for this account alone: %+v, %v", inv, err)
	}
}

func TestOnlyTheActiveNetworkIsDialled(t *testing.T) {
	f := attachedFixture(t)
	if err := f.AddPeer(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	f.joined(t, linkTo("Acme", of(relay, invite.Relay), of(other, invite.Relay)))
	f.joined(t, linkTo("Berg", of(named, invite.Relay)))
	f.wantKnown(t, named, other)
	if err := f.Switch(t.Context(), "Acme"); err != nil {
		t.Fatal(err)
	}
	f.wantNetworks(t, "Acme*", "Berg")
	f.wantKnown(t, relay, other)
	if err := f.Leave(t.Context(), "Acme"); err != nil {
		t.Fatal(err)
	}
	f.wantNetworks(t, "Berg")
	f.wantKnown(t, other) // added by hand
	for _, err := range []error{
		f.Leave(t.Context(), "Acme"), f.Switch(t.Context(), "Acme"), f.Leave(t.Context(), ""), f.Switch(t.Context(), ""),
	} {
		wantCode(t, err, fault.NoSuchNetwork, "have not joined")
	}
}

func TestTheActiveNetworkIsConnectedAfterUnlocking(t *testing.T) {
	f := attachedFixture(t)
	f.joined(t, linkTo("Acme", of(relay, invite.Relay)))
	f.joined(t, linkTo("Berg", of(named, invite.Boot)))
	f.Detach()
	f.node = &fakeNode{}
	f.store.found = []overlay.Candidate{{Enode: other}}
	f.Attach(f.node, f.store)
	f.wantKnown(t, named)
	if len(f.node.found) != 1 || len(f.node.searches) != 1 || !f.node.searches[0].Discovery {
		t.Errorf("what was found is tried first: %+v, %+v", f.node.found, f.node.searches)
	}
}

func TestWhereNodesAreLookedFor(t *testing.T) {
	f := attachedFixture(t)
	f.joined(t, linkTo("Acme", of(relay, invite.Boot), of(named, invite.Relay)))
	f.store.found = []overlay.Candidate{{Enode: other}}
	f.joined(t, linkTo("Berg", of(named, invite.Boot)))
	if len(f.store.found) != 0 || len(f.node.found) != 0 {
		t.Error("what was found for one network is tried for another")
	}
	if err := f.SetStaticOnly(t.Context(), true); err != nil || !f.Status(t.Context()).StaticOnly {
		t.Error(err)
	}
	want := []overlay.Search{
		{Discovery: true, Boot: []string{relay}, Named: []overlay.Candidate{{Enode: named, Roles: overlay.RoleRelay}}},
		{Discovery: true, Boot: []string{named}}, {Boot: []string{named}, StaticOnly: true},
	}
	if !reflect.DeepEqual(f.node.searches, want) {
		t.Errorf("got %+v", f.node.searches)
	}
}

func TestRemovingANodeOfTheActiveNetwork(t *testing.T) {
	f := attachedFixture(t)
	f.joined(t, linkTo("Acme", of(relay, invite.Relay), of(named, invite.Relay)))
	if err := f.RemovePeer(t.Context(), moved); err != nil { // whatever its address
		t.Fatal(err)
	}
	f.wantKnown(t, named)
	if err := f.RemovePeer(t.Context(), named); err != nil {
		t.Fatal(err)
	}
	f.wantKnown(t)
	f.wantNetworks(t, "Acme")
	if err := f.Switch(t.Context(), "Acme"); err != nil {
		t.Fatal(err)
	}
	f.wantKnown(t, named)
}

func TestCreatingANetworkOfWhatIsConnected(t *testing.T) {
	f := attachedFixture(t)
	_, err := f.Create(t.Context(), "Acme")
	wantCode(t, err, fault.NotAllowed, "Connect to one first.")
	for _, name := range []string{"", " x", "a\nb", strings.Repeat("n", 101)} {
		_, err := f.Create(t.Context(), name)
		wantCode(t, err, fault.BadName, "one line")
	}
	if err := f.AddPeer(t.Context(), named); err != nil {
		t.Fatal(err)
	}
	f.node.set(func(s *node.Status) {
		s.Enode = "enode://" + strings.Repeat("1", 128) + "@10.0.0.1:30303"
		s.Peers = []node.Peer{
			{ID: idOf(named), Enode: named, Ready: true, Roles: overlay.RoleMail | overlay.RoleRelay},
			{ID: idOf(other), Enode: other, Ready: true},
			{ID: idOf(relay), Enode: relay, Ready: true, Inbound: true}, // its port is a passing one
		}
	})
	got, err := f.Create(t.Context(), "Acme")
	want := []NetworkNode{{named, []string{"relay", "mail"}}, {other, []string{"relay"}}}
	if err != nil || !got.Active || !reflect.DeepEqual(got.Nodes, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	f.wantNetworks(t, "Acme*")
	_, err = f.Create(t.Context(), "Acme")
	wantCode(t, err, fault.BadName, "of this name")
}

func TestAPublicNodeIsPartOfItsNetwork(t *testing.T) {
	for host, want := range map[string]bool{
		"203.0.113.7:30303": true, "[2001:db8::1]:30303": true, "relay.example.org:443": true, "10.1.2.3:30303": false, "127.0.0.1:30303": false,
		"[fe80::1]:30303": false, "[fd00::1]:30303": false,
	} {
		if got := isPublic(strings.Split(relay, "@")[0] + "@" + host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
	f := attachedFixture(t)
	f.node.set(func(s *node.Status) { s.Enode = relay })
	if n, err := f.Create(t.Context(), "Acme"); err != nil || len(n.Nodes) != 1 || n.Nodes[0].Enode != relay {
		t.Errorf("got %+v, %v", n, err)
	}
}

func TestANetworkMayNameThisNodeItself(t *testing.T) {
	f := attachedFixture(t)
	f.node.fail = overlay.ErrSelf
	f.joined(t, linkTo("Acme", of(relay, invite.Relay)))
	f.wantNetworks(t, "Acme*")
}

func TestTooManyNetworks(t *testing.T) {
	f := attachedFixture(t)
	for range maxNetworks {
		f.store.networks = append(f.store.networks, Kept{Name: strings.Repeat("n", len(f.store.networks)+1)})
	}
	_, err := f.Join(t.Context(), linkTo("Acme", of(relay, invite.Relay)))
	wantCode(t, err, fault.NotAllowed, "Leave one first.")
	_, err = f.Create(t.Context(), "Acme")
	wantCode(t, err, fault.NotAllowed, "")
}

func TestNetworksWhileLocked(t *testing.T) {
	f := newFixture(t)
	_, err := f.Networks(t.Context())
	wantCode(t, err, fault.Locked, "")
	_, err = f.Join(t.Context(), linkTo("Acme", of(relay, invite.Relay)))
	wantCode(t, err, fault.Locked, "")
	_, err = f.Invite(t.Context(), "")
	wantCode(t, err, fault.Locked, "")
	wantCode(t, f.Leave(t.Context(), "Acme"), fault.Locked, "")
	wantCode(t, f.Export(t.Context(), "", &strings.Builder{}), fault.Locked, "")
	wantCode(t, f.SetBudget(t.Context(), MinBudget), fault.Locked, "")
	if list := f.Mailservers(t.Context()); list != nil {
		t.Errorf("got %v", list)
	}
}

func TestAFailedChangeIsPassedOn(t *testing.T) {
	f := attachedFixture(t)
	f.store.fail = fault.New(fault.StorageProblem, "The disk is full.")
	_, err := f.Join(t.Context(), linkTo("Acme", of(relay, invite.Relay)))
	wantCode(t, err, fault.StorageProblem, "disk is full")
	wantCode(t, f.SetBudget(t.Context(), MinBudget), fault.StorageProblem, "")
	if f.node.status.Budget != 0 || len(f.node.dialled) != 0 {
		t.Error("something changed")
	}
	_, err = f.Join(t.Context(), "sotto:join?name=x")
	wantCode(t, err, fault.BadLink, "cut off")
}

func TestEveryChangeOfNetworksIsTold(t *testing.T) {
	f := attachedFixture(t)
	link := linkTo("Acme", of(relay, invite.Relay))
	for name, change := range map[string]func() error{
		"join":   func() error { _, err := f.Join(t.Context(), link); return err },
		"switch": func() error { return f.Switch(t.Context(), "Acme") },
		"budget": func() error { return f.SetBudget(t.Context(), MinBudget) },
		"mail":   func() error { return f.AddMailserver(t.Context(), relay) },
	} {
		if name == "switch" {
			f.joined(t, link)
		}
		for len(f.events.C) > 0 {
			<-f.events.C
		}
		if err := change(); err != nil {
			t.Fatal(name, err)
		}
		if e := <-f.events.C; e.Kind != event.Network {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestBudgetIsStoredAndApplied(t *testing.T) {
	f := attachedFixture(t)
	if err := f.SetBudget(t.Context(), 5_000_000); err != nil || f.store.budget != 5_000_000 || f.Status(t.Context()).Budget != 5_000_000 {
		t.Errorf("stored %d, %v", f.store.budget, err)
	}
	for _, wrong := range []int64{-1, 0, MinBudget - 1, MaxBudget + 1} {
		wantCode(t, f.SetBudget(t.Context(), wrong), fault.NotAllowed, "1 MB")
	}
}
