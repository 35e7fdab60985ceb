package link

import (
	"net/url"
	"strings"
	"unicode"

	"sotto/node/identity"
)

// statusHost is where Status had the links that open in a browser, too.
const statusHost = "//join.status.im/"

// maxGroup is the most bytes of a group's id; real ones are a UUID, a hyphen and a key, 169.
const maxGroup = 255

// parseStatus reads what follows "status-im:" or the host.
func parseStatus(rest string) (Link, error) {
	to, err := split(rest)
	if err != nil {
		return Link{}, err
	}
	switch first := strings.ToLower(to.path[0]); {
	case first == "p" || first == "u" || first == "user":
		return parsePerson(second(to.path))
	case first == "chat":
		return parsePublicRoute(to.path)
	case first == "g":
		return parseGroup(to.query)
	case len(to.path) > 1:
		return Link{}, errUnknown
	case first == "":
		return Link{}, errIncomplete
	case identity.LooksLikePublicKey(to.path[0]):
		return parsePerson(to.path[0]) // no channel is called so
	}
	return parseChannel(to.path[0])
}

// second is the part of a path that follows its route. More than one has no meaning and is no key.
func second(path []string) string { return strings.Join(path[1:], "/") }

// parsePublicRoute reads chat/public/CHANNEL.
func parsePublicRoute(path []string) (Link, error) {
	switch {
	case len(path) > 1 && !strings.EqualFold(path[1], "public"), len(path) > 3:
		return Link{}, errUnknown
	case len(path) < 3:
		return Link{}, errIncomplete
	}
	return parseChannel(path[2])
}

// parseGroup reads the parameters of a link to a group.
func parseGroup(query url.Values) (Link, error) {
	key, err := identity.ParsePublicKey(query.Get("a"))
	if err != nil {
		return Link{}, keyRefusal(err)
	}
	id := query.Get("a2")
	if id == "" {
		return Link{}, errIncomplete
	}
	if len(id) > maxGroup || strings.ContainsFunc(id, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }) {
		return Link{}, errBroken
	}
	return Link{Kind: KindGroup, Key: key, Name: suggested(query.Get("a1")), Group: id}, nil
}
