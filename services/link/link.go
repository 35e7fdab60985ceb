package link

import (
	"net/url"
	"strings"

	"sotto/node/identity"
	"sotto/services/invite"
)

// Bounds of a link.
const (
	MaxText   = invite.MaxLink // bytes of a text that Parse looks at
	MaxBundle = 1 << 10        // bytes of a bundle
	MaxName   = 100            // characters of a suggested name; a longer one is dropped
)

// Kind is what a link leads to.
type Kind string

// The kinds of links.
const (
	KindContact Kind = "contact" // a person: Key, and Bundle and Name where given
	KindChannel Kind = "channel" // a public chat: Channel
	KindGroup   Kind = "group"   // a group to ask for: Key of its admin, Group, and Name where given
	KindAddress Kind = "address" // a wallet: Address
	KindJoin    Kind = "join"    // a network: Invite
)

// Link is what a text leads to. Fields that its kind does not name are zero.
type Link struct {
	Kind    Kind
	Key     identity.PublicKey
	Bundle  []byte // prekey bundle as it came, at most MaxBundle bytes; neither read nor verified
	Name    string // suggestion of whoever made the link, one line of printable text; may be empty
	Channel string // as payload.ParsePublicName returns it, without "#"
	Group   string // id of the group, as group.Creator takes it
	Address string // "0x…" with the capitals of EIP-55
	Invite  invite.Invite
}

// Parse reads a text that somebody pasted or scanned: a chat key in any of its forms, or a link as the package describes
// them, with white space around it and in any letter case where that means nothing. The errors are faults:
// fault.BadLink for what has the form of a link, fault.BadKey for everything else, and where a link has no right key.
func Parse(text string) (Link, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return Link{}, errEmpty
	case len(text) > MaxText:
		return Link{}, errTooLong
	}
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok {
		return parseBare(text)
	}
	switch strings.ToLower(scheme) {
	case "sotto":
		return parseSotto(text, rest)
	case "status-im":
		return parseStatus(rest)
	case "https", "http":
		if rest, ok := cutFold(rest, statusHost); ok {
			return parseStatus(rest)
		}
		if rest, ok := cutFold(rest, statusWWW); ok {
			return parseStatus(rest)
		}
	case "enode":
		return Link{}, errEnode
	case "ethereum":
		return parseEthereum(rest)
	}
	return Link{}, errForeign
}

// parseBare reads a text that is no link.
func parseBare(text string) (Link, error) {
	switch key, err := identity.ParsePublicKey(text); {
	case err == nil:
		return Link{Kind: KindContact, Key: key}, nil
	case isWallet(text):
		return Link{}, errWallet
	case meantAsKey(text):
		return Link{}, keyRefusal(err)
	}
	if strings.HasSuffix(strings.ToLower(text), ".eth") {
		return Link{}, errENS
	}
	return Link{}, errNeither
}

// parsePerson reads the part of a link that names a person, which may be an ENS name in links of Status.
func parsePerson(text string) (Link, error) {
	key, err := identity.ParsePublicKey(text)
	switch {
	case err == nil:
		return Link{Kind: KindContact, Key: key}, nil
	case strings.TrimSpace(text) == "":
		return Link{}, errIncomplete
	case meantAsKey(text):
		return Link{}, keyRefusal(err)
	}
	return Link{}, errENS
}

// meantAsKey tells whether a text that is no key was meant to be one, so that saying what is wrong with it helps.
func meantAsKey(text string) bool {
	_, hexadecimal := cutFold(text, "0x")
	return hexadecimal || identity.LooksLikePublicKey(text)
}

// target is what follows the scheme of a link: the parts of its path, at least one, and its parameters.
type target struct {
	path  []string
	query url.Values
}

// split takes apart what follows the scheme. Slashes around the path do not count, nor does a fragment.
func split(rest string) (target, error) {
	rest, _, _ = strings.Cut(rest, "#")
	path, query, _ := strings.Cut(rest, "?")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil {
			return target{}, errBroken
		}
		parts[i] = plain
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return target{}, errBroken
	}
	return target{parts, values}, nil
}

// cutFold is strings.CutPrefix for an ASCII prefix in any letter case.
func cutFold(text, prefix string) (string, bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}
