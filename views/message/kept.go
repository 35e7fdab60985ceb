package message

import (
	"slices"
	"time"

	"sotto/services/chats"
	"sotto/services/history"
	"sotto/views/message/flow"
)

const (
	keptNames = 2  // mailservers that are named
	keptLimit = 60 // characters of a mailserver's name
)

// waits tells whether a message waits at a mailserver, as far as is known.
func waits(m chats.Message) bool {
	return m.Outgoing && (m.State == chats.Accepted || m.State == chats.Stored)
}

// keptText says which mailservers keep a message, and until when where they promised; empty where that is not known.
func keptText(m chats.Message, steps []chats.Step, now time.Time) string {
	if !waits(m) {
		return ""
	}
	var names []string
	var until time.Time
	for _, s := range steps {
		if s.State != m.State || s.Who == "" {
			continue
		}
		if name := flow.Line(history.NameOf(s.Who), keptLimit); !slices.Contains(names, name) {
			names = append(names, name)
		}
		if s.Until.After(until) {
			until = s.Until
		}
	}
	if len(names) == 0 {
		return ""
	}
	text := "Accepted by "
	if m.State == chats.Stored {
		text = "Stored by "
	}
	text += someNames(names)
	if m.State == chats.Stored && plausible(until) {
		text += " until " + dateWords(until.In(now.Location()), now)
	}
	return text
}

// someNames joins names as a sentence does, and counts those that there is no room for.
func someNames(names []string) string {
	switch n := len(names); {
	case n == 1:
		return names[0]
	case n <= keptNames:
		return names[0] + " and " + names[1]
	default:
		return names[0] + " and " + itoa(n-1) + " others"
	}
}
