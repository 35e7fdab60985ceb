package network

import (
	"fmt"
	"slices"
	"strings"

	"sotto/node/overlay"
)

// toldTries is how many addresses a sentence names.
const toldTries = 3

// aloneSentence says that no node answers, and what was tried. It is the same for the same tries, in whatever order.
func aloneSentence(tries []overlay.Try) string {
	var told []string
	for _, t := range tries {
		told = append(told, fmt.Sprintf("%s (%s)", t.Address, t.Error))
	}
	slices.Sort(told)
	told = slices.Compact(told)
	more := ""
	if n := len(told) - toldTries; n > 0 {
		told, more = told[:toldTries], fmt.Sprintf(" and %d more", n)
	}
	text := "None of the nodes you know answers."
	if len(told) > 0 {
		text += " Tried: " + strings.Join(told, ", ") + more + "."
	}
	return text + " What you write is sent later."
}

// aloneRemedy says what to do about it. A network that lets only web pages through lets port 443 through.
func aloneRemedy(tries []overlay.Try) string {
	blocked := len(tries) > 0 && !slices.ContainsFunc(tries, func(t overlay.Try) bool { return strings.HasSuffix(t.Address, ":443") })
	if blocked {
		return "Wait, or try another internet connection. This one may let only web pages through: a node on port 443 would help."
	}
	return "Wait, or connect to another node."
}
