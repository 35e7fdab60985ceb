package flow

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

var schemes = []string{"https://", "http://", "mailto:", invitation}

// invitation begins the link to a network.
const invitation = "sotto:join?"

// findLink is the first link of an allowed scheme in s: its place, its end, what to open; or -1.
func findLink(s string) (at, end int, target string) {
	for from := 0; from < len(s); {
		i := indexScheme(s[from:])
		if i < 0 {
			break
		}
		i += from
		e := linkEnd(s, i)
		if u, ok := ParseLink(s[i:e]); ok && (i == 0 || !wordByte(s[i-1])) {
			return i, e, u.String()
		}
		from = max(e, i+1)
	}
	return -1, -1, ""
}

// indexScheme looks for ":" and then back, so that it reads the text once, whatever its letter case.
func indexScheme(s string) int {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], ':')
		if i < 0 {
			return -1
		}
		colon := from + i
		for _, scheme := range schemes {
			start := colon - strings.IndexByte(scheme, ':')
			if start >= 0 && start+len(scheme) <= len(s) && strings.EqualFold(s[start:start+len(scheme)], scheme) {
				return start
			}
		}
		from = colon + 1
	}
}

// linkEnd leaves out the punctuation that ends the sentence around a link.
func linkEnd(s string, from int) int {
	end := len(s)
	if i := strings.IndexAny(s[from:], " \n\"<>`|\\^{}"); i >= 0 {
		end = from + i
	}
	closing := ".,;:!?'*_~…。，、]"
	if hasFold(s[from:end], invitation) {
		closing = ".,;:!?'…。，、]" // its last characters are a checksum, which may end in a line
	}
	for end > from {
		r, n := utf8.DecodeLastRuneInString(s[from:end])
		closes := r == ')' && strings.Count(s[from:end], ")") > strings.Count(s[from:end], "(")
		if !closes && !strings.ContainsRune(closing, r) {
			break
		}
		end -= n
	}
	return end
}

// inLink tells whether s[i] stands inside a link, where * and _ are part of the address.
func inLink(s string, i int) bool {
	from := max(0, i-reach)
	start := from + strings.LastIndexAny(s[from:i], " \n<>\"`") + 1
	at := indexScheme(s[start:])
	return at >= 0 && start+at < i && i < linkEnd(s, start+at)
}

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// ParseLink accepts what may be opened from a message: an absolute http, https or mailto address without a password
// in it and without control characters, or the link to a network.
func ParseLink(s string) (*url.URL, bool) {
	u, err := url.Parse(s)
	if err != nil || u.User != nil {
		return nil, false
	}
	switch u.Scheme {
	case "http", "https":
		return u, u.Hostname() != ""
	case "sotto":
		return u, u.Opaque == "join" && u.RawQuery != ""
	case "mailto":
		return u, strings.Contains(u.Opaque, "@")
	}
	return nil, false
}
