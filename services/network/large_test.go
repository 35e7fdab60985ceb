package network

import (
	"crypto/ecdsa"
	"fmt"
	"math/big"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/overlay"
	"sotto/services/invite"
)

// keyOf is a node key for tests, made of a number.
func keyOf(n int) *ecdsa.PrivateKey {
	k, err := crypto.ToECDSA(big.NewInt(int64(n + 1)).FillBytes(make([]byte, 32)))
	if err != nil {
		panic(err) // the number is in range
	}
	return k
}

// nodesOf are as many nodes as roles are given.
func nodesOf(roles ...invite.Role) (nodes []invite.Node) {
	for i, r := range roles {
		n := enode.NewV4(&keyOf(i).PublicKey, net.IPv4(44, byte(i), 0, 1), 30303, 30303)
		nodes = append(nodes, of(n.URLv4(), r))
	}
	return nodes
}

// TestOfALargeNetworkNoneIsKept: its 64 nodes are handed to the node, which connects to as many as it needs.
func TestOfALargeNetworkNoneIsKept(t *testing.T) {
	f := attachedFixture(t)
	roles := slices.Repeat([]invite.Role{invite.Relay, invite.Relay | invite.Mail, invite.Relay, invite.Boot}, invite.MaxNodes/4)
	nodes := nodesOf(roles...)
	if err := f.AddMailserver(t.Context(), nodes[5].Enode); err != nil {
		t.Fatal(err)
	}
	f.joined(t, linkTo("Acme", nodes...))
	f.wantKnown(t, nodes[5].Enode) // added by hand
	last := f.node.searches[len(f.node.searches)-1]
	if len(f.node.dialled) != 1 || len(last.Named) != 48 || len(last.Boot) != 16 {
		t.Fatalf("%d dialled, %d named, %d boot nodes", len(f.node.dialled), len(last.Named), len(last.Boot))
	}
	for _, c := range last.Named {
		i := slices.IndexFunc(nodes, func(n invite.Node) bool { return n.Enode == c.Enode })
		if i < 0 || invite.Role(c.Roles) != nodes[i].Roles || c.Source != "" {
			t.Errorf("handed over: %+v", c)
		}
	}
	searches := len(f.node.searches)
	if err := f.AddPeer(t.Context(), nodes[0].Enode); err != nil {
		t.Fatal(err)
	}
	f.wantKnown(t, nodes[0].Enode, nodes[5].Enode)
	if len(f.node.searches) != searches {
		t.Error("one more that is kept has all others chosen anew")
	}
	if err := f.RemovePeer(t.Context(), nodes[0].Enode); err != nil {
		t.Fatal(err)
	}
	f.wantKnown(t, nodes[5].Enode)
	if last := f.node.searches[len(f.node.searches)-1]; len(last.Named) != 47 {
		t.Errorf("%d named after one was taken out", len(last.Named))
	}
}

// TestALargeNetworkThatShrinks keeps its nodes from then on, and lets them go when it grows.
func TestALargeNetworkThatShrinks(t *testing.T) {
	f := attachedFixture(t)
	nodes := nodesOf(slices.Repeat([]invite.Role{invite.Relay}, 10)...)
	f.joined(t, linkTo("Acme", nodes...))
	f.wantKnown(t)
	f.joined(t, linkTo("Acme", nodes[:3]...))
	f.wantKnown(t, nodes[0].Enode, nodes[1].Enode, nodes[2].Enode)
	f.joined(t, linkTo("Acme", nodes...))
	f.wantKnown(t)
}

// TestWhatASmallNetworkIs: as many relays and mailservers as a client is connected to anyway.
func TestWhatASmallNetworkIs(t *testing.T) {
	const relay, mail, both = invite.Relay, invite.Mail, invite.Relay | invite.Mail
	for _, c := range []struct {
		roles []invite.Role
		small bool
	}{
		{[]invite.Role{both}, true},
		{[]invite.Role{both, both, relay}, true},
		{[]invite.Role{both, both, both}, true}, // three are three
		{[]invite.Role{relay, relay, relay, mail, mail}, true},
		{[]invite.Role{relay, relay, relay, relay}, false},
		{[]invite.Role{relay, mail, mail, mail}, false},
		{[]invite.Role{relay, relay, 0, invite.Boot}, false},
	} {
		if got := isSmall(nodesOf(c.roles...)); got != c.small {
			t.Errorf("%v: %v", c.roles, got)
		}
	}
	if overlay.MaxRelays != 3 || overlay.MaxMail != 2 {
		t.Error("the table is about other numbers")
	}
}

// TestALargeNetworkThatDoesNotAnswer is told of, although none of its nodes is kept.
func TestALargeNetworkThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := attachedFixture(t)
		defer f.Detach()
		f.joined(t, linkTo("Acme", nodesOf(slices.Repeat([]invite.Role{invite.Relay}, 10)...)...))
		pass(grace + judgeInterval + time.Second)
		if list := f.Degraded(); len(list) != 1 || list[0].Name != DegradedNoPeers {
			t.Errorf("got %s", fmt.Sprint(list))
		}
	})
}
