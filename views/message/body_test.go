package message

import (
	"image"
	"net/url"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"sotto/services/chats"
	"sotto/views/message/messagetest"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// talk shows these texts, each of another person.
func talk(t *testing.T, change func(*Options), texts ...string) (*stage, []*row) {
	var all []chats.Message
	for i, text := range texts {
		all = append(all, say("0"+itoa(i+1), 1+i%3, i, text))
	}
	if change == nil {
		change = func(*Options) {}
	}
	s := newStage(t, theme.Light, all, change).show(chats.Public)
	var rows []*row
	for _, m := range all {
		rows = append(rows, s.list.rows[m.ID])
	}
	return s, rows
}

// at is the middle of the i-th character of a one-line body.
func (b *body) at(i int) fyne.Position {
	row := b.text.Rows[0]
	return fyne.NewPos((b.xOf(row, i)+b.xOf(row, i+1))/2, 5)
}

func click(b *body, p fyne.Position, modifier fyne.KeyModifier) {
	e := &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p}, Button: desktop.MouseButtonPrimary, Modifier: modifier}
	b.MouseDown(e)
	b.MouseUp(e)
}

func drag(b *body, from, to fyne.Position) {
	b.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: from}, Button: desktop.MouseButtonPrimary})
	b.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: to}, Dragged: fyne.NewDelta(to.X-from.X, to.Y-from.Y)})
	b.MouseUp(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: to}, Button: desktop.MouseButtonPrimary})
	b.DragEnd()
}

func TestSelectAndCopy(t *testing.T) {
	s, rows := talk(t, nil, "one two three", "another **bold** message")
	drag(rows[0].body, rows[0].body.at(4).SubtractXY(3, 0), rows[0].body.at(6).AddXY(3, 0))
	if got := s.list.SelectedText(); got != "two" {
		t.Fatalf("selected %q", got)
	}
	if s.window.Canvas().Focused() != s.list {
		t.Fatal("the list has not the keyboard, Ctrl+C goes elsewhere")
	}
	s.list.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "two" {
		t.Errorf("the clipboard has %q", got)
	}
	drag(rows[1].body, fyne.NewPos(-5, 5), fyne.NewPos(5000, 5000))
	if got := s.list.SelectedText(); got != "another bold message" {
		t.Errorf("selected %q", got)
	}
	if rows[0].body.SelectedText() != "" {
		t.Error("two selections")
	}
	s.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.list.SelectedText() != "" {
		t.Error("Esc does not end the selection")
	}
}

func TestSelectionSurvivesAChangedState(t *testing.T) {
	s, rows := talk(t, nil, "one two three")
	drag(rows[0].body, rows[0].body.at(0), rows[0].body.at(6))
	want := s.list.SelectedText()
	m := rows[0].content.msg
	m.Peers = 3
	s.list.Put(m)
	if got := s.list.SelectedText(); got != want || len(rows[0].body.marks) != 1 {
		t.Errorf("selected %q, want %q", got, want)
	}
	m.Text = "something else"
	s.list.Put(m)
	if s.list.SelectedText() != "" || len(rows[0].body.marks) != 0 {
		t.Error("the selection of the old text stays")
	}
}

func TestSelectionDoesNotMoveToAnotherMessage(t *testing.T) {
	s := newStage(t, theme.Light, messagetest.History(300)).show(chats.Public)
	s.idle()
	for _, r := range s.list.rows {
		r.body.selectRange(0, len(r.body.text.Runes))
	}
	for range 5 {
		s.list.PageUp()
		s.idle()
	}
	for _, r := range s.list.rows {
		if len(r.body.marks) > 0 {
			t.Fatal("a reused row shows the selection of its former message")
		}
	}
}

func TestClicksSelectWordAndAll(t *testing.T) {
	s, rows := talk(t, nil, "one two, three")
	b := rows[0].body
	click(b, b.at(5), 0)
	click(b, b.at(5), 0)
	if got := s.list.SelectedText(); got != "two" {
		t.Errorf("double click selects %q", got)
	}
	click(b, b.at(5), 0)
	if got := s.list.SelectedText(); got != "one two, three" {
		t.Errorf("triple click selects %q", got)
	}
}

func TestShiftClickExtends(t *testing.T) {
	s, rows := talk(t, nil, "one two three")
	b := rows[0].body
	click(b, b.at(4).SubtractXY(3, 0), 0)
	click(b, b.at(8).SubtractXY(3, 0), fyne.KeyModifierShift)
	if got := s.list.SelectedText(); got != "two " {
		t.Errorf("selected %q", got)
	}
}

func TestLinksOpen(t *testing.T) {
	var opened []string
	_, rows := talk(t, func(o *Options) { o.OpenURL = func(u *url.URL) { opened = append(opened, u.String()) } },
		"see https://example.org/x?y=z now", "see javascript:alert(1) or file:///etc/passwd", "mailto:kay@example.org")
	for _, r := range rows {
		for i := range r.body.text.Runes {
			r.body.clicks = 0
			click(r.body, r.body.at(i), 0)
		}
	}
	for _, u := range opened {
		if u != "https://example.org/x?y=z" && u != "mailto:kay@example.org" {
			t.Errorf("opened %q", u)
		}
	}
	if len(opened) != 25+22 {
		t.Errorf("%d characters are links", len(opened))
	}
	rows[0].body.hover = rows[0].body.at(6)
	if rows[0].body.Cursor() != desktop.PointerCursor {
		t.Error("a link does not look like one")
	}
	rows[0].body.hover = rows[0].body.at(0)
	if rows[0].body.Cursor() != desktop.TextCursor {
		t.Error("text does not look like text")
	}
}

func TestDraggingOverALinkDoesNotOpenIt(t *testing.T) {
	opened := 0
	_, rows := talk(t, func(o *Options) { o.OpenURL = func(*url.URL) { opened++ } }, "https://example.org/abc")
	b := rows[0].body
	drag(b, b.at(2), b.at(9))
	if opened != 0 {
		t.Error("it opened")
	}
}

func TestMenu(t *testing.T) {
	var replied, retried string
	s, rows := talk(t, func(o *Options) {
		o.Reply = func(m chats.Message) { replied = m.ID }
		o.Retry = func(m chats.Message) { retried = m.ID }
	}, "some\u202E text")
	m := rows[0].content.msg
	labels := func(m chats.Message) string {
		var out []string
		for _, item := range s.list.Menu(m).Items {
			out = append(out, item.Label)
		}
		return strings.Join(out, "|")
	}
	if got := labels(m); got != "Reply|Copy text|Copy message details" {
		t.Error(got)
	}
	click(rows[0].body, rows[0].body.at(1), 0)
	click(rows[0].body, rows[0].body.at(1), 0)
	if got := labels(m); got != "Reply|Copy selection|Copy text|Copy message details" {
		t.Error(got)
	}
	failed := m
	failed.Outgoing, failed.State, failed.FailureReason = true, chats.Failed, "no peer took it"
	if got := labels(failed); got != "Not sent: no peer took it||Try again|Reply|Copy selection|Copy text|Copy message details" {
		t.Error(got)
	}
	for _, item := range s.list.Menu(failed).Items {
		if item.Action != nil {
			item.Action()
		}
		if item.Label == "Copy text" && fyne.CurrentApp().Clipboard().Content() != "some text" {
			t.Errorf("copied %q", fyne.CurrentApp().Clipboard().Content())
		}
	}
	if replied != m.ID || retried != m.ID || !strings.Contains(fyne.CurrentApp().Clipboard().Content(), m.Author.Key) {
		t.Error("an item does nothing")
	}
	test.TapSecondaryAt(rows[0].body, fyne.NewPos(5, 5))
	if s.window.Canvas().Overlays().Top() == nil {
		t.Error("the right button on the text opens no menu")
	}
}

func TestStateText(t *testing.T) {
	m := say("01", 0, 0, "x")
	for want, change := range map[string]func(*chats.Message){
		"Sent":                     func(*chats.Message) {},
		"Sent to 1 peer":           func(m *chats.Message) { m.Peers = 1 },
		"Sent to 4 peers":          func(m *chats.Message) { m.Peers = 4 },
		"Sent, not confirmed":      func(m *chats.Message) { m.Unconfirmed = true },
		"Waiting for a connection": func(m *chats.Message) { m.State = chats.Queued },
		"Not sent":                 func(m *chats.Message) { m.State = chats.Failed },
		"Delivered":                func(m *chats.Message) { m.State = chats.Delivered },
		"Stored by a mailserver":   func(m *chats.Message) { m.State = chats.Stored },
	} {
		one := m
		change(&one)
		if got := StateText(one); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestHoverButtons(t *testing.T) {
	replied := ""
	s, rows := talk(t, func(o *Options) { o.Reply = func(m chats.Message) { replied = m.ID } }, "one", "two", "three")
	point := func(p fyne.Position) {
		s.list.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p}})
	}
	point(rows[1].Position().AddXY(100, rows[1].height-4))
	if !s.list.actions.Visible() || s.list.actions.row != rows[1] {
		t.Fatal("no buttons over the message under the pointer")
	}
	button := s.list.actions.Position().AddXY(5, 5) // it reaches into the row above
	point(button)
	if s.list.actions.row != rows[1] || s.list.actions.over() != 0 {
		t.Fatal("the buttons flee the pointer")
	}
	s.list.actions.Tapped(&fyne.PointEvent{Position: fyne.NewPos(5, 5)})
	if replied != rows[1].content.msg.ID {
		t.Error("the button does not reply")
	}
	s.list.MouseOut()
	if s.list.actions.Visible() {
		t.Error("the buttons stay when the pointer leaves")
	}
}

func TestQuotationLeadsToItsMessage(t *testing.T) {
	all := messagetest.History(900)
	reply := all[899]
	reply.Outgoing, reply.ReplyTo = false, all[10].ID
	all[899] = reply
	s := newStage(t, theme.Light, all).show(chats.Public)
	s.idle()
	r := s.list.rows[reply.ID]
	if !strings.HasPrefix(r.quoteText.Text, Name(all[10].Author)+": ") {
		t.Errorf("the quotation says %q", r.quoteText.Text)
	}
	r.Tapped(&fyne.PointEvent{Position: fyne.NewPos(100, (r.quoteFrom+r.quoteTo)/2)})
	s.idle()
	if _, ok := s.list.rows[all[10].ID]; !ok {
		t.Error("what is quoted is not shown")
	}
}

func TestQuotationOfAnotherChatIsNotShown(t *testing.T) {
	elsewhere := say("01", 1, 0, "a secret of another chat")
	elsewhere.Chat = "other"
	m := say("02", 2, 1, "well")
	m.ReplyTo = elsewhere.ID
	s := newStage(t, theme.Light, []chats.Message{m}).show(chats.Public)
	s.source.Add(elsewhere)
	s.list.Resync()
	s.idle()
	if got := s.list.rows[m.ID].quoteText.Text; got != "The message this answers is not here." {
		t.Errorf("the quotation says %q", got)
	}
}

func TestLongWordOf4096StaysInItsRow(t *testing.T) {
	_, rows := talk(t, nil, strings.Repeat("W", 4096))
	for _, row := range rows[0].body.text.Rows {
		if row.Width > 680 {
			t.Fatalf("a line is %v wide", row.Width)
		}
	}
	_, w := column(rows[0].width)
	if rows[0].body.Position().X+rows[0].body.Size().Width > w {
		t.Error("it leaves the column")
	}
}

func TestAThemeChangeRecolours(t *testing.T) {
	s, rows := talk(t, nil, "text")
	before := rows[0].body.texts[0].Color
	viewtest.Use(theme.Dark)
	s.list.Refresh()
	if rows[0].body.texts[0].Color == before {
		t.Error("the old colour stays")
	}
}

func TestAnAuthorWithoutPictureGetsNoOther(t *testing.T) {
	known := say("01", 1, 0, "a")
	s := newStage(t, theme.Light, []chats.Message{known}, func(o *Options) {
		o.Picture = func(key string) image.Image {
			if key == known.Author.Key {
				return messagetest.Picture(key)
			}
			return nil
		}
	}).show(chats.Public)
	r := s.list.rows[known.ID]
	other := known
	other.Author.Key = "not a key"
	r.bind(content{msg: other, shape: shape{header: true}}, 700)
	if r.picture.Visible() || !r.frame.Visible() {
		t.Error("a reused row shows another person's picture")
	}
}

func TestRowSpeaks(t *testing.T) {
	_, rows := talk(t, nil, "hello")
	if got := rows[0].AccessibilityLabel(); got != "Bold Cedar Lark, 09:00: hello" {
		t.Error(got)
	}
}
