package overlay

import (
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
)

// Roles are what a node does for others (Status spec 1/CLIENT, node discovery and roles). A node without any is a client.
type Roles uint8

// The roles of nodes.
const (
	RoleBoot  Roles = 1 << iota // answers who else is there
	RoleRelay                   // hands envelopes on: the topic whisper of 2019
	RoleMail                    // keeps envelopes for those who are away: the topic whispermail of 2019
)

// Has tells whether r has all of the roles in other.
func (r Roles) Has(other Roles) bool { return r&other == other }

// whisperVersion is the version of Whisper that relays of this network speak (EIP-627).
const whisperVersion = 6

// maxRetention bounds what a mailserver's record is believed.
const maxRetention = 10 * 365 * 24 * time.Hour

// The entries of a node record (EIP-778) that stand for the topics of 2019.
const (
	entryWhisper = "shh"  // 6: relays Whisper v6
	entryMail    = "mail" // whole seconds for which envelopes are kept, at least 1
)

// entries are what the record of a node with these roles says, besides its keys and addresses.
func entries(roles Roles, retention time.Duration) []enr.Entry {
	var all []enr.Entry
	if roles.Has(RoleRelay) {
		all = append(all, enr.WithEntry(entryWhisper, uint64(whisperVersion)))
	}
	if roles.Has(RoleMail) {
		all = append(all, enr.WithEntry(entryMail, uint64(max(1, retention/time.Second))))
	}
	return all
}

// rolesOf reads the roles out of a node's record, and for how long it keeps envelopes where it is a mailserver. What is not
// said as entries says it counts as not said. A boot node is not recognised: whoever answers is one.
func rolesOf(n *enode.Node) (roles Roles, retention time.Duration) {
	var version, seconds uint64
	if n.Load(enr.WithEntry(entryWhisper, &version)) == nil && version == whisperVersion {
		roles |= RoleRelay
	}
	if n.Load(enr.WithEntry(entryMail, &seconds)) == nil && seconds > 0 {
		roles |= RoleMail
		retention = time.Duration(min(seconds, uint64(maxRetention/time.Second))) * time.Second
	}
	return roles, retention
}
