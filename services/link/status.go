package link

import (
	"strings"

	"sotto/node/identity"
)

// Where Status had the links that open in a browser, too. Those of today's Status are elsewhere, and lead to what is not on
// Whisper.
const (
	statusHost = "//join.status.im/"
	statusWWW  = "//www.join.status.im/"
)

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
		return parseGroup(to.query.Get("a"), to.query.Get("a2"), to.query.Get("a1"))
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
