package onboarding

import (
	"strings"

	"sotto/node/identity"
	"sotto/views/part"
)

// ChannelHint says who can read a channel.
const ChannelHint = "Whoever knows the name of a channel can read it. Choose a name that nobody guesses if that matters."

// longestName bounds what is taken from a paste; the service has the last word.
const longestName = 100

// NewChannelField returns a field that takes a channel's name, put right as it is typed, and the line that says what was
// wrong with it.
func NewChannelField() (*part.Field, *part.Complaint) {
	field, say := part.NewField("channel-name"), part.NewComplaint()
	field.OnChanged = func(text string) {
		name, complaint := ChannelName(text)
		if name != text {
			field.SetText(name) // comes back here with what is right
			field.CursorColumn = len([]rune(name))
			field.Refresh()
		}
		if complaint != "" || name == text {
			say.Say(complaint)
		}
	}
	return field, say
}

// ChannelName puts a typed name right: small letters, hyphens for spaces, no '#' at the start. What cannot be part of a
// name is left out, and the sentence says so.
func ChannelName(text string) (name, complaint string) {
	text = strings.TrimLeft(strings.TrimLeft(text, " \t\n"), "#")
	if identity.LooksLikePublicKey(text) {
		return "", "That is a person's key, not the name of a channel."
	}
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			b.WriteRune(r)
		case r == ' ' || r == '_':
			b.WriteByte('-')
		default:
			complaint = "Names have the letters a to z, digits and hyphens."
		}
		if b.Len() == longestName {
			return b.String(), "A name has at most 100 characters."
		}
	}
	return b.String(), complaint
}
