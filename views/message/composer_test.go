package message

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"sotto/services/chats"
	"sotto/views/dispatch"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// desk is a composer in a window of the test driver.
type desk struct {
	*Composer
	window fyne.Window
	queue  *dispatch.Queue
	sent   []string
	drafts []string
	keys   []fyne.KeyName
}

func newDesk(t *testing.T, mode theme.Mode) *desk {
	t.Helper()
	viewtest.Use(mode)
	d := &desk{queue: dispatch.NewQueue()}
	d.Composer = NewComposer(ComposerOptions{
		Dispatch: d.queue,
		Send:     func(chat, text string, reply chats.Message) { d.sent = append(d.sent, chat+"|"+text+"|"+reply.ID) },
		Draft:    func(chat, text string) { d.drafts = append(d.drafts, chat+"|"+text) },
		Key:      func(k *fyne.KeyEvent) bool { d.keys = append(d.keys, k.Name); return true },
		Shortcut: func(s fyne.Shortcut) bool { _, ok := s.(*desktop.CustomShortcut); return ok },
	})
	t.Cleanup(d.Clear)
	d.window = test.NewTempWindow(t, container.NewBorder(nil, d.Composer, nil, nil))
	d.window.SetPadded(false)
	d.window.Resize(fyne.NewSize(560, 240))
	d.SetChat(chats.Chat{ID: "lobby", Name: "lobby", Kind: chats.Public})
	d.Focus()
	return d
}

func (d *desk) press(names ...fyne.KeyName) {
	for _, name := range names {
		d.entry.TypedKey(&fyne.KeyEvent{Name: name})
	}
}

func TestEnterSendsShiftEnterBreaks(t *testing.T) {
	d := newDesk(t, theme.Light)
	test.Type(d.entry, "one")
	d.entry.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	d.press(fyne.KeyReturn)
	d.entry.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	test.Type(d.entry, "two")
	if d.Text() != "one\ntwo" || len(d.sent) != 0 {
		t.Fatalf("%q, sent %q", d.Text(), d.sent)
	}
	d.press(fyne.KeyReturn)
	if d.Text() != "" || len(d.sent) != 1 || d.sent[0] != "lobby|one\ntwo|" {
		t.Errorf("%q, sent %q", d.Text(), d.sent)
	}
	if d.drafts = nil; d.rows != 1 {
		t.Error("the field stays high")
	}
}

func TestBlankIsNotSent(t *testing.T) {
	d := newDesk(t, theme.Light)
	if !d.send.Disabled() {
		t.Error("the button is enabled with nothing to send")
	}
	test.Type(d.entry, "  ")
	d.press(fyne.KeyEnter)
	if len(d.sent) != 0 || !d.send.Disabled() {
		t.Error("white space was sent")
	}
	test.Type(d.entry, "x")
	if d.send.Disabled() {
		t.Error("the button is disabled with something to send")
	}
	test.Tap(d.send)
	if len(d.sent) != 1 || d.sent[0] != "lobby|x|" {
		t.Errorf("sent %q", d.sent)
	}
}

func TestLimit(t *testing.T) {
	d := newDesk(t, theme.Light)
	d.SetText(strings.Repeat("ж", countFrom-1))
	if d.counter.Visible() {
		t.Error("counted too early")
	}
	d.SetText(strings.Repeat("ж", 4000))
	if !d.counter.Visible() || d.counter.Text != "96 left" || d.send.Disabled() {
		t.Errorf("%q", d.counter.Text)
	}
	d.SetText(strings.Repeat("ж", TextMax+12))
	d.press(fyne.KeyReturn)
	if d.counter.Text != "12 too many" || !d.send.Disabled() || len(d.sent) != 0 {
		t.Errorf("%q, sent %d", d.counter.Text, len(d.sent))
	}
}

func TestGrowsToSixRows(t *testing.T) {
	d := newDesk(t, theme.Light)
	one := d.MinSize().Height
	d.SetText("a\nb\nc")
	three := d.MinSize().Height
	d.SetText(strings.Repeat("line\n", 30))
	six := d.MinSize().Height
	if !(one < three && three < six) || d.rows != rowsMax {
		t.Errorf("heights %v, %v, %v, rows %d", one, three, six, d.rows)
	}
	d.SetText(strings.Repeat("wrapped words ", 20))
	if d.rows < 3 || d.rows > 5 {
		t.Errorf("a wrapped text takes %d rows", d.rows)
	}
}

func TestDraftsAreKeptPerChat(t *testing.T) {
	d := newDesk(t, theme.Light)
	test.Type(d.entry, "half a thou")
	d.SetChat(chats.Chat{ID: "other", Name: "other", Kind: chats.Public, Draft: "hello"})
	if len(d.drafts) != 1 || d.drafts[0] != "lobby|half a thou" || d.Text() != "hello" {
		t.Fatalf("drafts %q, text %q", d.drafts, d.Text())
	}
	test.Type(d.entry, "!")
	if d.Text() != "hello!" {
		t.Errorf("the cursor is not behind the draft: %q", d.Text())
	}
	d.press(fyne.KeyReturn)
	d.SetChat(chats.Chat{ID: "lobby", Name: "lobby"})
	if got := strings.Join(d.drafts, ","); got != "lobby|half a thou,other|" {
		t.Errorf("drafts %q", got)
	}
}

func TestDraftIsSavedSoon(t *testing.T) {
	d := newDesk(t, theme.Light)
	test.Type(d.entry, "abc")
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(10 * time.Second)
	for d.queue.Drain(); len(d.drafts) == 0; d.queue.Drain() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("the draft was not handed over")
		}
	}
	if len(d.drafts) != 1 || d.drafts[0] != "lobby|abc" {
		t.Errorf("%q", d.drafts)
	}
}

func TestReply(t *testing.T) {
	d := newDesk(t, theme.Light)
	m := say("07", 1, 0, "the **question**")
	d.Reply(m)
	if !d.bar.Visible() || d.quote.Text != "Reply to Bold Cedar Lark: the question" {
		t.Errorf("%q", d.quote.Text)
	}
	test.Type(d.entry, "answer")
	d.press(fyne.KeyReturn)
	if d.sent[0] != "lobby|answer|"+m.ID || d.bar.Visible() {
		t.Errorf("%q", d.sent)
	}
	d.Reply(m)
	d.press(fyne.KeyEscape)
	if d.bar.Visible() || len(d.keys) != 0 {
		t.Error("Esc does not end the reply")
	}
	foreign := m
	foreign.Chat = "other"
	if d.Reply(foreign); d.bar.Visible() {
		t.Error("a message of another chat is answered")
	}
}

func TestKeysForTheSurroundings(t *testing.T) {
	d := newDesk(t, theme.Light)
	d.press(fyne.KeyPageUp, fyne.KeyPageDown, fyne.KeyUp, fyne.KeyEscape)
	test.Type(d.entry, "x")
	d.press(fyne.KeyUp)
	if len(d.keys) != 4 {
		t.Errorf("handed over: %v", d.keys)
	}
	d.entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	if d.entry.SelectedText() != "x" {
		t.Error("the field lost its own shortcuts")
	}
	d.entry.TypedShortcut(&fyne.ShortcutCopy{Clipboard: fyne.CurrentApp().Clipboard()})
	if fyne.CurrentApp().Clipboard().Content() != "x" {
		t.Error("the field does not copy")
	}
}

func TestTypedElsewhere(t *testing.T) {
	d := newDesk(t, theme.Light)
	d.window.Canvas().Unfocus()
	d.Type('h')
	if d.Text() != "h" || d.window.Canvas().Focused() != d.entry {
		t.Error("the character is lost")
	}
	d.Clear()
	if !d.entry.Disabled() || d.Text() != "" {
		t.Error("a composer without a chat can be written in")
	}
}

func TestComposerGolden(t *testing.T) {
	for name, scene := range map[string]func(*desk){
		"empty": func(*desk) {},
		"text":  func(d *desk) { d.SetText("Two lines,\nand a second one") },
		"reply": func(d *desk) { d.Reply(say("07", 1, 0, "Where do we meet **tomorrow**?")); d.SetText("At the station") },
		"full":  func(d *desk) { d.SetText(strings.Repeat("much too long ", 300)) },
	} {
		for _, mode := range []theme.Mode{theme.Light, theme.Dark} {
			t.Run(name+"/"+string(mode), func(t *testing.T) {
				d := newDesk(t, mode)
				scene(d)
				d.window.Content().Refresh() // the real driver lays out anew when a least size changes
				test.AssertRendersToImage(t, "composer-"+name+"-"+string(mode)+".png", d.window.Canvas())
			})
		}
	}
}

// The draft of what is sent goes in the message's own transaction: a second one beside it could come first, and a crash
// between the two would lose the text.
func TestSendingLeavesTheDraftAlone(t *testing.T) {
	d := newDesk(t, theme.Light)
	test.Type(d.entry, "hello")
	d.save()
	d.drafts = nil
	d.press(fyne.KeyReturn)
	d.queue.Drain()
	if len(d.sent) != 1 || len(d.drafts) != 0 {
		t.Errorf("sent %v, drafts %v", d.sent, d.drafts)
	}
	d.save() // the delay is over
	if len(d.drafts) != 1 || d.drafts[0] != "lobby|" {
		t.Errorf("drafts %v", d.drafts)
	}
}

func TestRestore(t *testing.T) {
	d := newDesk(t, theme.Light)
	d.SetText("since")
	d.Restore("refused", chats.Message{ID: "0x01", Chat: "lobby"})
	if d.Text() != "refused\nsince" || d.reply.ID != "0x01" {
		t.Errorf("%q, answering %q", d.Text(), d.reply.ID)
	}
	d.Reply(chats.Message{ID: "0x02", Chat: "lobby"})
	d.Restore("another", chats.Message{ID: "0x03", Chat: "lobby"})
	if d.reply.ID != "0x02" {
		t.Error("what is answered now was taken away")
	}
}
