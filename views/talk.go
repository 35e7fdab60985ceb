package views

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/services/fault"
	"sotto/services/network"
	"sotto/views/message"
	"sotto/views/part"
	"sotto/views/task"
)

// newList makes the list and the composer of the open chat.
func (c *conversations) newList() {
	opt := c.w.opt
	c.list = message.NewList(message.Options{
		Source: namedSource{opt.Services.Chats, opt.Services.Contacts, &c.people.names}, Dispatch: opt.Dispatch, Now: opt.Now, Picture: part.Identicon,
		OpenURL: c.openURL, Time: opt.Time, Own: c.account.Key,
		Steps:    opt.Services.Chats.Steps,
		Again:    func() { c.catchup.again() },
		Reply:    func(m chats.Message) { c.composer.Reply(m) },
		Author:   func(a chats.Author) { c.people.openAuthor(a) },
		Items:    func(m chats.Message) []*fyne.MenuItem { return c.messageItems(m) },
		Retry:    c.retry,
		Read:     c.read,
		Shown:    c.shown,
		Failed:   func(err error) { c.say.Say(fault.Sentence(err)) },
		Typed:    func(r rune) { c.w.typedRune(r) },
		Shortcut: func(s fyne.Shortcut) { c.w.shortcut(s) },
	})
	c.composer = message.NewComposer(message.ComposerOptions{
		Dispatch: opt.Dispatch, Send: c.send, Draft: c.keepDraft, Key: c.composerKey,
		Shortcut: func(s fyne.Shortcut) bool { return c.w.shortcut(s) || c.list.Shortcut(s) },
	})
}

// openURL opens a link of a message: one of our own in this window, others outside.
func (c *conversations) openURL(to *url.URL) {
	switch {
	case to.Scheme == "sotto":
		c.w.openLink(to.String())
	case c.w.opt.OpenURL != nil:
		c.w.opt.OpenURL(to)
	}
}

// unsent is a message that was refused while its chat was not open any more.
type unsent struct {
	text  string
	reply chats.Message
}

// send stores the message, which shows it; the network has it later. What is refused comes back into the composer, now
// or when its chat is opened again.
func (c *conversations) send(chat, text string, reply chats.Message) {
	c.say.Say("")
	c.drafts[chat] = ""
	write(c.w,
		func(ctx context.Context) (chats.Message, error) {
			return c.w.opt.Services.Chats.Send(ctx, chat, text, reply.ID)
		},
		func(m chats.Message, err error) {
			if err == nil {
				c.put(m)
				return
			}
			c.say.Say(fault.Sentence(err))
			c.unsent[chat] = append(c.unsent[chat], unsent{text, reply})
			c.takeBack()
		})
}

// takeBack puts what the open chat refused into the composer, the newest nearest to what was written since.
func (c *conversations) takeBack() {
	back := c.unsent[c.open]
	delete(c.unsent, c.open)
	for _, u := range slices.Backward(back) {
		c.composer.Restore(u.text, u.reply)
	}
}

// listRest keeps a busy network from having the list of chats loaded for each message. Tests rest less.
var listRest = 200 * time.Millisecond

const (
	focusTries = 100
	focusAgain = 20 * time.Millisecond
)

// focusComposer puts the cursor into the composer. The composer finds its window only when it was drawn, so a new one is
// asked again until it has been.
func (c *conversations) focusComposer(tries int) {
	if c.w.sheets.Depth() > 0 || !c.canWrite() {
		return
	}
	c.composer.Focus()
	if c.w.window.Canvas().Focused() != nil || tries == 0 {
		return
	}
	c.w.runner.Watch(func(ctx context.Context) {
		timer := time.NewTimer(focusAgain)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
			c.w.runner.Post(func() { c.focusComposer(tries - 1) })
		}
	})
}

func (c *conversations) retry(m chats.Message) {
	task.Go(c.w.runner,
		func(ctx context.Context) (chats.Message, error) { return c.w.opt.Services.Chats.Retry(ctx, m.ID) },
		func(m chats.Message, err error) {
			if err != nil {
				c.say.Say(fault.Sentence(err))
				return
			}
			c.put(m)
		})
}

func (c *conversations) put(m chats.Message) {
	c.list.Put(m)
	c.chats.Ask()
}

// shown hears what the list has now.
func (c *conversations) shown(messages []chats.Message) {
	c.sayWaiting()
	if c.w.opt.Displayed != nil {
		for _, m := range messages {
			c.w.opt.Displayed(m)
		}
	}
}

// sayWaiting says above the composer what waits for the network.
func (c *conversations) sayWaiting() {
	n := c.list.Queued()
	if c.open == "" || n == 0 || c.status.State == network.Online {
		c.waiting.Hide()
		return
	}
	what := fmt.Sprintf("%d messages", n)
	if n == 1 {
		what = "1 message"
	}
	c.waiting.SetText("Waiting for a connection. " + what + " will be sent.")
	c.waiting.Show()
}

func (c *conversations) read(chat string) {
	task.Do(c.w.runner, func(ctx context.Context) error { return c.w.opt.Services.Chats.MarkRead(ctx, chat) }, nil)
}

func (c *conversations) keepDraft(chat, text string) {
	c.drafts[chat] = text
	write(c.w, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.w.opt.Services.Chats.SetDraft(ctx, chat, text)
	}, func(struct{}, error) { c.chats.Ask() })
}

// withDraft is a chat with the draft as it was written last: what was loaded may be older.
func (c *conversations) withDraft(chat chats.Chat) chats.Chat {
	if draft, written := c.drafts[chat.ID]; written {
		chat.Draft = draft
	}
	return chat
}

// write stores what a person wrote, after all that was written before: messages go out in the order in which they were
// typed. Closing the window does not cancel it, and a lock waits for it.
func write[T any](w *Window, call func(context.Context) (T, error), done func(T, error)) {
	before, stored := w.stored, make(chan struct{})
	w.stored = stored
	w.writes.Add(1)
	task.Go(w.runner, func(ctx context.Context) (T, error) {
		defer w.writes.Done()
		defer close(stored)
		if before != nil {
			<-before
		}
		return call(context.WithoutCancel(ctx))
	}, done)
}

// messageChanged is told of a message that came or changed its state.
func (c *conversations) messageChanged(chat, id string) {
	if chat == c.open {
		c.list.Invalidate(chat, id)
	}
	c.chats.Ask()
	if c.find(chat) == nil {
		c.people.askRequests()
	}
}

// composerKey gets the keys that the composer leaves.
func (c *conversations) composerKey(key *fyne.KeyEvent) bool {
	if c.list.Key(key) {
		return true
	}
	if key.Name == fyne.KeyEscape {
		c.w.typedKey(key)
		return true
	}
	return false
}

// typedKey gets the keys that nothing focused wanted.
func (c *conversations) typedKey(key *fyne.KeyEvent) {
	switch {
	case c.listing && key.Name == fyne.KeyEscape, c.chat.Request && key.Name == fyne.KeyEscape:
		c.back()
	case c.open == "" || c.list.Key(key):
	case key.Name == fyne.KeyEscape:
		c.focusComposer(0)
	}
}
