package group

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckName judges a name that a person gives to a group: ReasonName where nothing of it can be seen, where it has more than
// MaxName bytes, or characters that Title would drop.
func CheckName(name string) error {
	if len(name) > MaxName || !utf8.ValidString(name) || Title(name) == "" || Title(name) != name {
		return ReasonName
	}
	return nil
}

// Title is a group's name as it can be shown on a line with other things: without control characters, and those that
// reorder what stands beside them; white space is one space. It may be empty.
func Title(name string) string {
	shown := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200c' || r == '\u200d': // joiners, within words of some scripts and within emojis
			return r
		case unicode.In(r, unicode.C) || r == utf8.RuneError:
			return -1
		}
		return r
	}, name)
	shown = strings.Join(strings.Fields(shown), " ")
	if strings.Trim(shown, "\u200c\u200d ") == "" {
		return ""
	}
	return shown
}
