package overlay

import (
	"net/netip"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// Source says how this node came to know another.
type Source string

// The sources of nodes.
const (
	SourceStatic    Source = "static"    // kept connected: named by a person, or by a small network that they joined
	SourceNetwork   Source = "network"   // named by the network that they joined, one of many
	SourceCached    Source = "cached"    // found in an earlier run
	SourceGiven     Source = "given"     // handed over while the server ran
	SourceDiscovery Source = "discovery" // discovery v5.1
	SourceList      Source = "list"      // a list in the DNS (EIP-1459)
)

// Candidate is a node that may become a peer.
type Candidate struct {
	Enode     string // enode URL
	Roles     Roles  // RoleRelay, RoleMail or both
	Retention time.Duration
	Source    Source
	Seen      time.Time // when it was found, or connected last
}

// candidateOf is the candidate that a found record makes, if it makes one: it has a role that is of use, and an address.
func candidateOf(n *enode.Node, source Source, now time.Time) (c Candidate, ok bool) {
	roles, retention := rolesOf(n)
	if roles == 0 || len(dialAddresses(n)) == 0 || n.TCP() == 0 {
		return c, false
	}
	return Candidate{Enode: n.URLv4(), Roles: roles, Retention: retention, Source: source, Seen: now}, true
}

// neighbourhood is the part of the Internet that one owner fills with nodes most cheaply: a /24, or a /48 for IPv6. It is the
// zero prefix where the address is not known.
func neighbourhood(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return netip.Prefix{}
	}
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	p, _ := addr.Prefix(bits)
	return p
}
