package invite

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"

	"sotto/node/payload"
)

const (
	start     = "sotto:join?"
	sumField  = "&sum="
	sumLength = 6
)

// where finds an invitation in a text: in a message, or in a file that begins with a sentence. It takes the characters of ASCII
// that print, but for those that stand around links: Link escapes all others.
var where = regexp.MustCompile(`(?i)\bsotto:/{0,2}join\b/?\??([!#-;=?-~]*)`)

// Link is the invitation as text. What Check finds nothing wrong with, Parse reads again; a node without a right URL is left
// out.
func (i Invite) Link() string {
	fields := []string{"name=" + escape(i.Name)}
	if i.Channel != "" {
		fields = append(fields, "channel="+escape(i.Channel))
	}
	for _, n := range i.Nodes {
		if text := n.text(); text != "" {
			fields = append(fields, "node="+escape(text))
		}
	}
	for _, f := range i.Unknown {
		fields = append(fields, escape(f.Name)+"="+escape(f.Value))
	}
	return start + WithSum(strings.Join(fields, "&"))
}

// Parse reads the first invitation in a text, which may be a link alone or what a file or a message has, with other words
// before and behind. A node that is named twice has the roles of both. The errors are faults with the code bad_link.
func Parse(text string) (Invite, error) {
	found := where.FindStringSubmatch(text)
	if found == nil {
		return Invite{}, errNone
	}
	rest, _, _ := strings.Cut(found[1], "#")
	rest = strings.TrimRight(rest, `.,;:!?)>]}"'`)
	if len(rest) > MaxLink {
		return Invite{}, errTooLong
	}
	query, err := CutSum(rest)
	if err != nil {
		return Invite{}, err
	}
	i, err := parseFields(query)
	if err != nil {
		return Invite{}, err
	}
	if err := i.Check(); err != nil {
		return Invite{}, err
	}
	return i, nil
}

// parseFields reads what the sum is of.
func parseFields(query string) (i Invite, err error) {
	for field := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(field, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil {
			return i, errSum
		}
		if err := i.take(name, value); err != nil {
			return i, err
		}
	}
	return i, nil
}

// take adds one field.
func (i *Invite) take(name, value string) error {
	switch name {
	case "name":
		if i.Name != "" {
			return errTwice
		}
		i.Name = value
	case "channel":
		channel, err := payload.ParsePublicName(value)
		switch {
		case err != nil:
			return errChannel
		case i.Channel != "":
			return errTwice
		}
		i.Channel = channel
	case "node":
		n, err := parseNode(value)
		if err != nil {
			return err
		}
		return i.add(n)
	default:
		i.Unknown = append(i.Unknown, Field{name, value})
	}
	return nil
}

// add adds a node, or its roles to the one that is there at the same address.
func (i *Invite) add(n Node) error {
	for k := range i.Nodes {
		if i.Nodes[k].Enode == n.Enode {
			i.Nodes[k].Roles |= n.Roles
			return nil
		}
	}
	if len(i.Nodes) == MaxNodes {
		return errTooMany
	}
	i.Nodes = append(i.Nodes, n)
	return nil
}

// WithSum ends the query of a link with its sum, so that a link that was cut off or changed on its way is not taken for another
// one. Links to groups have it, too.
func WithSum(query string) string { return query + sumField + sumOf(query) }

// CutSum takes the sum off again. The errors are faults with the code bad_link: the end is missing, or the sum is not that of
// the rest.
func CutSum(text string) (query string, err error) {
	at := strings.LastIndex(text, sumField)
	switch {
	case at < 0 || len(text)-at-len(sumField) < sumLength:
		return "", errCut
	case text[at+len(sumField):] != sumOf(text[:at]):
		return "", errSum
	}
	return text[:at], nil
}

func sumOf(query string) string {
	sum := sha256.Sum256([]byte(query))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:sumLength]
}

// plain are characters that need no escape in the value of a query (RFC 3986, section 3.4) and that url.QueryEscape escapes.
var plain = strings.NewReplacer("+", "%20", "%40", "@", "%3A", ":", "%2C", ",")

// escape is percent-encoding that leaves a node's address readable. A space is %20: "+" does not survive everywhere.
func escape(value string) string { return plain.Replace(url.QueryEscape(value)) }
