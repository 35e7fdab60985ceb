package network

import (
	"bytes"
	"errors"
	"image/png"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/services/fault"
	"sotto/services/invite"
	"sotto/services/network/fleet"
	"sotto/services/qr"
)

func TestAnInvitationSaysWhatIsKnownNow(t *testing.T) {
	f := attachedFixture(t)
	f.joined(t, linkTo("Acme", of(relay, invite.Boot), of(named, invite.Relay)))
	if err := f.AddMailserver(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	f.node.set(func(s *node.Status) {
		s.Peers = []node.Peer{{ID: idOf(named), Enode: named, Ready: true, Retention: time.Hour}}
	})
	link, err := f.Invite(t.Context(), "")
	want := linkTo("Acme", of(relay, invite.Boot), of(named, invite.Relay|invite.Mail), of(other, invite.Relay|invite.Mail))
	if err != nil || link != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, link, want)
	}
	if again, err := f.Invite(t.Context(), "Acme"); err != nil || again != want {
		t.Errorf("by name: %s, %v", again, err)
	}
	_, err = f.Invite(t.Context(), "Berg")
	wantCode(t, err, fault.NoSuchNetwork, "")
}

func TestAnInvitationWithoutANetwork(t *testing.T) {
	f := attachedFixture(t)
	_, err := f.Invite(t.Context(), "")
	wantCode(t, err, fault.NotAllowed, "Connect to one first.")
	if err := f.AddPeer(t.Context(), relay); err != nil {
		t.Fatal(err)
	}
	link, err := f.Invite(t.Context(), "")
	got, _ := invite.Parse(link)
	if want := (invite.Invite{Name: "Sotto network", Nodes: []invite.Node{of(relay, invite.Relay)}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	f.wantNetworks(t)
}

func TestThePictureOfAnInvitationLeadsToTheNetwork(t *testing.T) {
	f := attachedFixture(t)
	link := linkTo("Acme", of(relay, invite.Relay), of(named, invite.Mail))
	f.joined(t, link)
	picture, err := f.InviteQR(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	if text, err := qr.Decode(&file); err != nil || text != link {
		t.Errorf("got %s, %v", text, err)
	}
	_, err = f.InviteQR(t.Context(), "Berg")
	wantCode(t, err, fault.NoSuchNetwork, "")
}

const berg = `{"berg":{"boot":{"boot-01":"` + relay + `"},"mail":{"mail-01":"` + named + `"},"rendezvous":{"192.0.2.9":"/ip4/192.0.2.9/tcp/1/ethv4/16Uiu2"}}`

func TestAFleetIsImportedAndExportedAsItWas(t *testing.T) {
	f := attachedFixture(t)
	list := f.offered(t, "\ufeff\n"+`{"fleets":`+berg+`},"meta":{"hostname":"x","timestamp":"y"}}`)
	if len(list) != 1 || list[0].Name != "berg" || list[0].Active || len(list[0].Nodes) != 2 || list[0].Invite.Name != "berg" {
		t.Fatalf("got %+v", list)
	}
	f.wantNetworks(t)
	f.wantKnown(t) // it is only looked at
	if n, err := f.Accept(t.Context(), list[0]); err != nil || n.Name != "berg" || !n.Active || n.Joined.IsZero() {
		t.Errorf("got %+v, %v", n, err)
	}
	f.wantKnown(t, relay, named)
	var out bytes.Buffer
	if err := f.Export(t.Context(), "berg", &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"boot-01": "` + relay, `"mail-01": "` + named, `"192.0.2.9": "/ip4/192.0.2.9/tcp/1/ethv4/16Uiu2"`, `"timestamp"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is not in %s", want, out.String())
		}
	}
	f.joined(t, list[0].Link)
	out.Reset()
	if err := f.Export(t.Context(), "", &out); err != nil || !strings.Contains(out.String(), "rendezvous") {
		t.Errorf("once joined by link: %s, %v", out.String(), err)
	}
	wantCode(t, f.Export(t.Context(), "acme", &out), fault.NoSuchNetwork, "")
	wantCode(t, f.Export(t.Context(), "berg", broken{}), fault.StorageProblem, "another place")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken") }

// offered is what a file leads to.
func (f *fixture) offered(t *testing.T, file string) []Offer {
	t.Helper()
	list, err := f.Offers(t.Context(), strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestOneOfSeveralFleetsIsJoined(t *testing.T) {
	f := attachedFixture(t)
	f.joined(t, linkTo("Acme", of(other, invite.Relay)))
	list := f.offered(t, `{"fleets":`+berg+`,"acht":{"whisper":{"a":"`+named+`"}}}}`)
	if len(list) != 2 || list[0].Name != "acht" || list[1].Name != "berg" {
		t.Fatalf("got %+v", list)
	}
	f.wantNetworks(t, "Acme*")
	if _, err := f.Accept(t.Context(), list[1]); err != nil {
		t.Fatal(err)
	}
	f.wantNetworks(t, "Acme", "berg*")
	f.wantKnown(t, relay, named)
	f.store.fail = errors.New("broken")
	if n, err := f.Accept(t.Context(), list[0]); err == nil || n.Name != "" {
		t.Errorf("got %+v, %v", n, err)
	}
	f.store.fail = nil
	f.wantNetworks(t, "Acme", "berg*")
}

func TestFilesWithALink(t *testing.T) {
	f := attachedFixture(t)
	list := f.offered(t, "The network of Acme:\r\n\r\n"+linkTo("Acme", of(relay, invite.Relay))+"\r\n")
	if len(list) != 1 || list[0].Historic {
		t.Fatalf("got %+v", list)
	}
	if n, err := f.Accept(t.Context(), list[0]); err != nil || !n.Active {
		t.Errorf("got %+v, %v", n, err)
	}
	old := f.offered(t, f.Presets(t.Context())[0].Link)
	if len(old) != 1 || !old[0].Historic {
		t.Errorf("got %+v", old)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	f := attachedFixture(t)
	for text, part := range map[string]string{
		"":                                    "no invitation",
		"hello":                               "no invitation",
		"{}":                                  "no network file",
		`{"fleets":{"a":{"waku":{"b":"c"}}}}`: "no node",
		`{"fleets":{"a\n":{"boot":{"b":"` + relay + `"}}}}`: "right name",
		strings.Repeat("x", fleet.MaxFile+10):               "no invitation",
		"{" + strings.Repeat("x", fleet.MaxFile):            "too large",
	} {
		_, err := f.Offers(t.Context(), strings.NewReader(text))
		wantCode(t, err, fault.BadLink, part)
	}
	_, err := f.Offers(t.Context(), iotest.ErrReader(errors.New("broken")))
	wantCode(t, err, fault.BadLink, "could not be read")
	f.wantNetworks(t)
}

// Whoever does nothing connects to nobody of history.
func TestHistoricNetworksAreShownAndNeverDialledByThemselves(t *testing.T) {
	f := attachedFixture(t)
	list := f.Presets(t.Context())
	if len(list) != 1 || list[0].Name != "Status eth.beta" || !list[0].Historic || len(list[0].Nodes) != 6 || list[0].Active {
		t.Fatalf("got %+v", list)
	}
	if err := f.AddPeer(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	f.joined(t, linkTo("Acme", of(moved, invite.Boot))) // shares a key with history, and an address of its own
	f.Presets(t.Context())
	f.Detach()
	f.Attach(f.node, f.store)
	for _, n := range list[0].Nodes {
		for _, url := range f.node.dialled {
			if url == n.Enode {
				t.Errorf("%s was dialled", url)
			}
		}
		for _, search := range f.node.searches {
			for _, url := range search.Boot {
				if url == n.Enode {
					t.Errorf("%s was asked", url)
				}
			}
		}
	}
	f.wantNetworks(t, "Acme*")
	if n := f.joined(t, list[0].Link); !n.Historic || !n.Active { // here it was chosen; the node is a fake
		t.Errorf("got %+v", n)
	}
	f.joined(t, linkTo("Acme", of(moved, invite.Boot)))
	if all, err := f.Networks(t.Context()); err != nil || all[0].Historic || !all[1].Historic {
		t.Errorf("got %+v, %v", all, err)
	}
}

func TestMailservers(t *testing.T) {
	f := attachedFixture(t)
	f.joined(t, linkTo("Acme", of(relay, invite.Mail), of(named, invite.Relay)))
	if err := f.AddMailserver(t.Context(), " "+other+"\n"); err != nil {
		t.Fatal(err)
	}
	f.wantKnown(t, relay, named, other)
	f.node.set(func(s *node.Status) {
		s.Peers = []node.Peer{
			{ID: idOf(other), Enode: other, Ready: true}, {ID: idOf(relay), Enode: moved},
			{ID: idOf(named), Enode: named, Ready: true, Retention: time.Hour},
		}
	})
	want := []Mailserver{
		{Enode: other, Name: "192.0.2.3", Connected: true, Ours: true, Named: true},
		{Enode: named, Name: "relay.example.org", Connected: true, Retention: time.Hour, Ours: true},
		{Enode: relay, Name: "192.0.2.1", Ours: true, Named: true},
	}
	if got := f.Mailservers(t.Context()); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	roles := map[string][]string{}
	for _, p := range f.Status(t.Context()).Peers {
		roles[p.Enode] = p.Roles
	}
	if want := map[string][]string{other: {"relay", "mail"}, named: {"relay", "mail"}}; !reflect.DeepEqual(roles, want) {
		t.Errorf("roles %v", roles)
	}
	if err := f.AddPeer(t.Context(), other); err != nil || !f.store.mail[other] {
		t.Errorf("added as a peer, too: %v", err)
	}
	if err := f.RemoveMailserver(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	f.wantKnown(t, relay, named)
	wantCode(t, f.AddMailserver(t.Context(), "lobby"), fault.BadEnode, "")
}

func TestRolesOfPeers(t *testing.T) {
	w := &wanted{nodes: map[enode.ID]wantedNode{{1}: {roles: invite.Boot}, {2}: {roles: invite.Mail}}}
	for id, c := range map[byte]struct {
		peer node.Peer
		want []string
	}{
		0: {node.Peer{}, []string{"relay"}},
		1: {node.Peer{}, []string{"boot"}},
		2: {node.Peer{Retention: 1}, []string{"mail"}},
		3: {node.Peer{Retention: 1}, []string{"relay", "mail"}},
		4: {node.Peer{Roles: overlay.RoleMail}, []string{"relay", "mail"}},
	} {
		c.peer.ID = [32]byte{id}
		if got := namesOf(w.rolesOf(c.peer)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%d: %v", id, got)
		}
	}
	if invite.Role(overlay.RoleBoot) != invite.Boot || invite.Role(overlay.RoleRelay) != invite.Relay || invite.Role(overlay.RoleMail) != invite.Mail {
		t.Error("the layers have other bits")
	}
}
