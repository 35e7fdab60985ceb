package message

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
	"sotto/views/message/flow"
)

// OpenMenu shows what can be done with a message, at a place in the window.
func (l *List) OpenMenu(m chats.Message, at fyne.Position) {
	c := fyne.CurrentApp().Driver().CanvasForObject(l)
	if c == nil {
		return
	}
	if l.opt.Steps == nil || l.ctx == nil || !waits(m) {
		widget.ShowPopUpMenuAtPosition(l.Menu(m), c, at)
		return
	}
	l.worker.add(l.ctx, func(ctx context.Context) func() {
		steps, err := l.opt.Steps(ctx, m.ID)
		if err != nil {
			steps = nil // the menu says less then
		}
		return func() { widget.ShowPopUpMenuAtPosition(l.Menu(m, steps...), c, at) }
	})
}

// Menu is what can be done with a message. An own message's menu begins with how far it got; where steps of its way are given,
// it names who keeps it.
func (l *List) Menu(m chats.Message, steps ...chats.Step) *fyne.Menu {
	menu := fyne.NewMenu("")
	add := func(label string, f func()) { menu.Items = append(menu.Items, fyne.NewMenuItem(label, f)) }
	if m.Outgoing && !m.System {
		state := StateText(m)
		if kept := keptText(m, steps, l.opt.Now()); kept != "" {
			state = kept
		}
		add(state, nil)
		menu.Items[0].Disabled = true
		menu.Items = append(menu.Items, fyne.NewMenuItemSeparator())
	}
	if m.State == chats.Failed && l.opt.Retry != nil {
		add("Try again", func() { l.opt.Retry(m) })
	}
	if l.answerable(m) {
		add("Reply", func() { l.opt.Reply(m) })
	}
	if l.SelectedText() != "" && l.marked.content.msg.ID == m.ID {
		add("Copy selection", func() { l.copySelection() })
	}
	copies := func(text string) func() {
		return func() { fyne.CurrentApp().Clipboard().SetContent(text) }
	}
	if m.Text != "" {
		add("Copy text", copies(flow.Clean(m.Text)))
	}
	add("Copy message details", copies(Details(m, steps...)))
	if l.opt.Items == nil || m.System {
		return menu
	}
	if more := l.opt.Items(m); len(more) > 0 {
		menu.Items = append(append(menu.Items, fyne.NewMenuItemSeparator()), more...)
	}
	return menu
}

// answerable tells whether a message can be answered here.
func (l *List) answerable(m chats.Message) bool {
	return l.opt.Reply != nil && !l.readOnly && !m.System && m.Unsupported == ""
}

// Details is everything known of a message but its text, one fact a line, for a report or a search.
func Details(m chats.Message, steps ...chats.Step) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, flow.Line(value, 200))
		}
	}
	line("Message", m.ID)
	line("Chat", m.Chat)
	line("Author", Name(m.Author))
	line("Key", m.Author.Key)
	line("Claimed name", m.Author.Claimed)
	line("Time", m.Timestamp.UTC().Format(time.RFC3339))
	line("Clock", fmt.Sprint(m.Clock))
	line("Answer to", m.ReplyTo)
	if m.HandedBy != nil {
		line("Handed over by", m.HandedBy.Key)
	}
	if m.Outgoing {
		line("State", StateText(m))
	}
	for _, s := range steps {
		line("Step", strings.TrimSpace(s.At.UTC().Format(time.RFC3339)+" "+string(s.State)+" "+s.Who+" "+s.Person))
	}
	return strings.TrimSpace(b.String())
}
