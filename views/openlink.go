package views

import (
	"strings"

	"sotto/services/chats"
	"sotto/services/fault"
	"sotto/services/link"
	"sotto/services/network"
	"sotto/views/part"
)

// OpenLink opens a link that was clicked outside, or handed over when the program was started. Where no account is open it is
// kept until one is; the last one counts. Unlike most methods it may be called on any goroutine.
func (w *Window) OpenLink(text string) {
	w.runner.Post(func() {
		w.pending = text
		w.openPending()
	})
}

// openPending opens the link that waits, if an account is open and its page is there.
func (w *Window) openPending() {
	text := w.pending
	if text == "" || w.landed == nil {
		return
	}
	w.pending = ""
	w.openLink(text)
}

// openLink shows what a link leads to. Nothing is joined and nobody is added before it was asked.
func (w *Window) openLink(text string) {
	to, err := link.Parse(text)
	switch {
	case err != nil:
		w.refuseLink(fault.Sentence(err))
	case to.Kind == link.KindJoin:
		w.openInvite(to.Invite, text, w.landed)
	case w.main == nil:
		w.refuseLink("Choose where to go first. Then open this link again.")
	case to.Kind == link.KindChannel:
		w.main.openJoin(to.Channel)
	case to.Kind == link.KindContact && w.main.people.service() != nil:
		w.main.openAdd(text)
	case to.Kind == link.KindGroup && w.main.groups.service() != nil:
		w.main.openGroup(text, to)
	default:
		w.refuseLink("Sotto cannot open links of this kind yet.")
	}
}

func (w *Window) refuseLink(sentence string) {
	var sheet *part.Sheet
	shut := part.Main("Close", func() { sheet.Close() })
	sheet = w.sheets.Open("This link cannot be opened", part.Text(sentence), nil, shut)
	w.Focus(shut)
}

// landing goes on from a network that was joined, with its first channel where it has one.
type landing func(joined network.Network, first *chats.Chat)

// isInvite tells whether a text is a link to a network, right or not.
func isInvite(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	rest, ours := strings.CutPrefix(text, "sotto:")
	return ours && strings.HasPrefix(strings.TrimLeft(rest, "/"), "join?")
}
