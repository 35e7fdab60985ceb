package invite

import (
	"unicode"
	"unicode/utf8"

	"sotto/node/overlay"
	"sotto/node/payload"
)

// Bounds of an invitation.
const (
	MaxNodes = 64      // nodes of a link
	MaxName  = 100     // characters of a network's name
	MaxLink  = 8 << 10 // bytes of a link
)

// Role is what a node does for a network; a node may have several.
type Role uint8

// The roles of nodes.
const (
	Boot  Role = 1 << iota // answers who else is there
	Relay                  // hands envelopes on
	Mail                   // keeps envelopes for those who are away
)

// Node is one node of a network.
type Node struct {
	Enode string // enode URL with a host name or an address
	Roles Role
}

// Invite is what a link says of a network.
type Invite struct {
	Name    string // of the network, one line of printable text
	Nodes   []Node
	Channel string // the first channel's name; empty: none
	Unknown []Field
}

// Field is something that a link says and this version does not know. It is kept.
type Field struct{ Name, Value string }

// Check tells, as Parse would of its link, what is wrong with an invitation. The errors are faults with the code bad_link.
func (i Invite) Check() error {
	switch {
	case !IsName(i.Name):
		return errName
	case len(i.Nodes) == 0:
		return errNoNodes
	case len(i.Nodes) > MaxNodes:
		return errTooMany
	case len(i.Link()) > MaxLink:
		return errTooLong
	}
	if i.Channel != "" {
		if plain, err := payload.ParsePublicName(i.Channel); err != nil || plain != i.Channel {
			return errChannel
		}
	}
	for _, n := range i.Nodes {
		if _, err := overlay.ParseEnode(n.Enode); err != nil {
			return errNode
		}
	}
	return nil
}

// Within is the invitation with as many nodes, from the first on, as a link of so many bytes holds.
func (i Invite) Within(bytes int) Invite {
	for len(i.Nodes) > 1 && len(i.Link()) > bytes {
		i.Nodes = i.Nodes[:len(i.Nodes)-1]
	}
	return i
}

// IsName tells whether a text may be a network's name: it is shown among a person's own words, so it has no characters that
// do not print, among them those that reorder what stands beside them.
func IsName(name string) bool {
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > MaxName {
		return false
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return name[0] != ' ' && name[len(name)-1] != ' '
}
