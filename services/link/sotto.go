package link

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/invite"
)

// Contact is the link by which others reach the owner of key. Without a bundle, or with one of more than MaxBundle bytes,
// it has none and still works; the same goes for a name that Parse would drop.
func Contact(key identity.PublicKey, bundle []byte, name string) string {
	text := "sotto:contact?key=" + key.Short()
	if len(bundle) > 0 && len(bundle) <= MaxBundle {
		text += "&bundle=" + base64.RawURLEncoding.EncodeToString(bundle)
	}
	if name = suggested(name); name != "" {
		text += "&name=" + escape(name)
	}
	return text
}

// Group is the link by which somebody asks admin to be let into a group. It tells nothing to those who are not: whoever has it
// asks, and the admin decides. It has no name where Parse would drop it.
func Group(admin identity.PublicKey, id, name string) string {
	query := "key=" + admin.Short() + "&group=" + escape(id)
	if name = title(name); name != "" {
		query += "&name=" + escape(name)
	}
	return "sotto:group?" + invite.WithSum(query)
}

// Channel is the link to a channel, whose name is one that payload.ParsePublicName returned.
func Channel(name string) string { return "sotto:channel?name=" + escape(name) }

// escape writes a space as %20: "+" does not survive everywhere.
func escape(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }

// parseSotto reads a link of Sotto's; rest is what follows "sotto:". The sum of an invitation, or of a link to a group, is of
// the link as it stands.
func parseSotto(text, rest string) (Link, error) {
	switch path, query, _ := strings.Cut(rest, "?"); strings.ToLower(strings.Trim(path, "/")) {
	case "join":
		i, err := invite.Parse(text)
		if err != nil {
			return Link{}, err
		}
		return Link{Kind: KindJoin, Invite: i}, nil
	case "group":
		return parseSummed(query)
	}
	to, err := split(rest)
	if err != nil {
		return Link{}, err
	}
	switch strings.ToLower(strings.Join(to.path, "/")) {
	case "contact":
		return parseContact(to.query)
	case "channel":
		return parseChannel(to.query.Get("name"))
	}
	return Link{}, errUnknown
}

// parseSummed reads what follows "sotto:group?".
func parseSummed(text string) (Link, error) {
	text, _, _ = strings.Cut(text, "#")
	text, err := invite.CutSum(text)
	if err != nil {
		return Link{}, err
	}
	query, err := url.ParseQuery(text)
	if err != nil {
		return Link{}, errBroken
	}
	return parseGroup(query.Get("key"), query.Get("group"), query.Get("name"))
}

// parseGroup reads what a link says of a group. The name may be missing or wrong: it is a suggestion only.
func parseGroup(admin, id, name string) (Link, error) {
	key, err := identity.ParsePublicKey(admin)
	if err != nil {
		return Link{}, keyRefusal(err)
	}
	if id == "" {
		return Link{}, errIncomplete
	}
	if _, err := group.Creator(id); err != nil {
		return Link{}, errGroup
	}
	return Link{Kind: KindGroup, Key: key, Name: title(name), Group: id}, nil
}

// title is a group's name as a link may suggest one, or nothing. Characters that do not print are left out of it, as where the
// group itself is shown: some of them are parts of emojis.
func title(name string) string {
	name = group.Title(name)
	if len(name) > group.MaxName || identity.LooksLikePublicKey(name) {
		return ""
	}
	return name
}

func parseContact(query url.Values) (Link, error) {
	key, err := identity.ParsePublicKey(query.Get("key"))
	if err != nil {
		return Link{}, keyRefusal(err)
	}
	encoded := strings.TrimRight(query.Get("bundle"), "=")
	if base64.RawURLEncoding.DecodedLen(len(encoded)) > MaxBundle {
		return Link{}, errBundle
	}
	bundle, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return Link{}, errBundle
	}
	if len(bundle) == 0 {
		bundle = nil
	}
	return Link{Kind: KindContact, Key: key, Bundle: bundle, Name: suggested(query.Get("name"))}, nil
}

func parseChannel(name string) (Link, error) {
	channel, err := payload.ParsePublicName(name)
	if err != nil {
		return Link{}, channelRefusal(err)
	}
	return Link{Kind: KindChannel, Channel: channel}, nil
}

// suggested is a name as a link may suggest one, or nothing: not an endless one, not one with characters that do not
// print (among them those that reorder what stands beside it), and not a key, which would pass for somebody else's.
func suggested(name string) string {
	name = strings.TrimSpace(name)
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	switch {
	case !utf8.ValidString(name), utf8.RuneCountInString(name) > MaxName, strings.ContainsFunc(name, unprintable):
		return ""
	case identity.LooksLikePublicKey(name):
		return ""
	}
	return name
}
