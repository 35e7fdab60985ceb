package link

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"sotto/node/identity"
	"sotto/node/payload"
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

// Channel is the link to a channel, whose name is one that payload.ParsePublicName returned.
func Channel(name string) string { return "sotto:channel?name=" + escape(name) }

// escape writes a space as %20: "+" does not survive everywhere.
func escape(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }

// parseSotto reads a link of Sotto's; rest is what follows "sotto:". The sum of an invitation is of the link as it stands.
func parseSotto(text, rest string) (Link, error) {
	if path, _, _ := strings.Cut(rest, "?"); strings.EqualFold(strings.Trim(path, "/"), "join") {
		i, err := invite.Parse(text)
		if err != nil {
			return Link{}, err
		}
		return Link{Kind: KindJoin, Invite: i}, nil
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
