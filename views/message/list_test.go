package message

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"sotto/services/chats"
	"sotto/views/message/messagetest"
	"sotto/views/theme"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// seen is what is in view, from the top: ids and upper edges.
func (s *stage) seen() (ids []string, tops []float32) {
	rows := slices.Clone(s.list.layer.rows)
	slices.Reverse(rows)
	for _, o := range rows {
		ids = append(ids, o.(*row).content.msg.ID)
		tops = append(tops, o.Position().Y)
	}
	return ids, tops
}

// topOf is where a message's row begins, NaN-like far away when it is not in view.
func (s *stage) topOf(id string) float32 {
	if r, ok := s.list.rows[id]; ok {
		return r.Position().Y
	}
	return -1e6
}

// consistent fails when the rows in view are not consecutive messages of the source, each directly under the other.
func (s *stage) consistent(t interface{ Fatalf(string, ...any) }) {
	ids, tops := s.seen()
	for i := range ids {
		if i == 0 {
			continue
		}
		if s.source.Index(ids[i]) != s.source.Index(ids[i-1])+1 {
			t.Fatalf("%s follows %s", ids[i], ids[i-1])
		}
		if want := tops[i-1] + s.list.rows[ids[i-1]].height; tops[i]-want > 0.1 || want-tops[i] > 0.1 {
			t.Fatalf("row %s at %v, want %v", ids[i], tops[i], want)
		}
	}
	if n := len(s.list.window.items); n > windowMax {
		t.Fatalf("%d messages in memory", n)
	}
	if !slices.IsSortedFunc(s.list.window.items, byPlace) {
		t.Fatalf("the window is out of order")
	}
}

func TestOpensAtTheEnd(t *testing.T) {
	all := messagetest.History(1000)
	s := newStage(t, theme.Light, all).show(chats.Public)
	ids, tops := s.seen()
	last := ids[len(ids)-1]
	if last != all[999].ID || !s.list.AtEnd() || s.reads != 1 {
		t.Fatalf("lowest is %s, at end %v, read %d times", last, s.list.AtEnd(), s.reads)
	}
	if bottom := tops[len(tops)-1] + s.list.rows[last].height; bottom != s.list.view() {
		t.Errorf("the last row ends at %v of %v", bottom, s.list.view())
	}
	s.consistent(t)
}

func TestOpensAtTheFirstUnread(t *testing.T) {
	all := messagetest.History(1000)
	s := newStage(t, theme.Light, all)
	s.source.Unread(all[500].ID)
	s.show(chats.Public)
	want := s.list.view() * revealAt
	if got := s.topOf(all[500].ID); got < want-1 || got > want+1 {
		t.Errorf("the first unread row stands at %v, want %v", got, want)
	}
	if r := s.list.rows[all[500].ID]; r == nil || !r.content.shape.unread {
		t.Error("the line is missing")
	}
	if s.list.AtEnd() || s.reads != 0 {
		t.Error("it was read before it was seen")
	}
	s.consistent(t)
}

// Another person's clock may be behind: their message stands above the newest one, and is seen all the same.
func TestWhatComesAboveTheNewestIsReadToo(t *testing.T) {
	all := messagetest.History(20)
	s := newStage(t, theme.Light, all).show(chats.Public)
	late := all[10]
	late.ID, late.Clock, late.Seen, late.Outgoing = "0x"+strings.Repeat("ab", 32), all[18].Clock, false, false
	s.list.Put(late)
	if s.reads != 2 {
		t.Errorf("read %d times", s.reads)
	}
	s.list.Put(late)
	if s.reads != 2 {
		t.Errorf("the same once more: read %d times", s.reads)
	}
}

// A list that is not laid out yet when its chat is opened must find the place all the same.
func TestOpensBeforeItHasASize(t *testing.T) {
	all := messagetest.History(300)
	s := newStage(t, theme.Light, all)
	s.source.Unread(all[150].ID)
	s.list.Resize(fyne.NewSize(0, 0))
	s.show(chats.Public)
	s.list.Resize(fyne.NewSize(600, 500))
	s.idle()
	if got, want := s.topOf(all[150].ID), s.list.view()*revealAt; got < want-1 || got > want+1 {
		t.Errorf("the first unread row stands at %v, want %v", got, want)
	}
}

func TestSticksToTheEnd(t *testing.T) {
	all := messagetest.History(120)
	s := newStage(t, theme.Light, all[:100]).show(chats.Public)
	s.source.Add(all[100:]...)
	s.list.Put(all[100:110]...)
	if ids, _ := s.seen(); ids[len(ids)-1] != all[109].ID {
		t.Fatal("the list did not follow")
	}
	s.list.scrollBy(400)
	ids, tops := s.seen()
	for _, m := range all[110:] {
		m.Outgoing = false
		s.list.Put(m)
	}
	after, same := s.seen()
	if !slices.Equal(ids, after) || !slices.Equal(tops, same) {
		t.Error("the view moved")
	}
	if !s.list.pill.Visible() || s.list.pill.text.Text != "10 new messages" {
		t.Errorf("the pill says %q", s.list.pill.text.Text)
	}
	s.list.pill.Tapped(nil)
	if ids, _ := s.seen(); ids[len(ids)-1] != all[119].ID || s.list.pill.Visible() {
		t.Error("the pill did not lead to the end")
	}
}

func TestOwnMessageLeadsToTheEnd(t *testing.T) {
	all := messagetest.History(500)
	s := newStage(t, theme.Light, all[:499]).show(chats.Public)
	for range 30 {
		s.list.PageUp()
		s.idle()
	}
	own := all[499]
	own.Outgoing, own.State = true, chats.Queued
	s.source.Add(own)
	s.list.Put(own)
	s.idle()
	if ids, _ := s.seen(); ids[len(ids)-1] != own.ID {
		t.Error("the own message is not in view")
	}
}

func TestChangedState(t *testing.T) {
	all := messagetest.History(60)
	s := newStage(t, theme.Light, all).show(chats.Public)
	ids, tops := s.seen()
	for _, state := range []chats.State{chats.Queued, chats.Sent, chats.Stored, chats.Delivered, chats.Failed} {
		for _, id := range ids {
			m := all[s.source.Index(id)]
			m.State = state
			s.list.Put(m)
		}
		if _, after := s.seen(); !slices.Equal(tops, after) {
			t.Fatalf("a row jumped when its state became %s", state)
		}
		if s.list.rows[ids[0]].content.msg.State != state {
			t.Fatal("the state is not shown")
		}
	}
}

func TestChangedText(t *testing.T) {
	all := messagetest.History(60)
	s := newStage(t, theme.Light, all).show(chats.Public)
	ids, _ := s.seen()
	m := all[s.source.Index(ids[2])]
	m.Text = "one\ntwo\nthree\nfour\nfive\nsix\nseven"
	below := s.topOf(ids[4])
	s.list.Put(m)
	if s.topOf(ids[4]) != below {
		t.Error("what stands below the changed message moved")
	}
	s.consistent(t)
}

func TestDuplicatesAndForeignChats(t *testing.T) {
	all := messagetest.History(50)
	s := newStage(t, theme.Light, all).show(chats.Public)
	foreign := say("ff", 1, 0, "elsewhere")
	foreign.Chat = "other"
	s.list.Put(append(slices.Clone(all), foreign)...)
	if n := len(s.list.window.items); n != 50 {
		t.Errorf("%d messages", n)
	}
	s.consistent(t)
}

func TestLateMessageTakesItsPlace(t *testing.T) {
	all := messagetest.History(300)
	late := all[280]
	s := newStage(t, theme.Light, slices.Delete(slices.Clone(all), 280, 281)).show(chats.Public)
	s.source.Set(all)
	s.list.Put(late)
	s.consistent(t)
}

func TestKeys(t *testing.T) {
	all := messagetest.History(1000)
	typed := ""
	s := newStage(t, theme.Light, all, func(o *Options) { o.Typed = func(r rune) { typed += string(r) } }).show(chats.Public)
	key := func(name fyne.KeyName) { s.list.TypedKey(&fyne.KeyEvent{Name: name}); s.idle() }
	key(fyne.KeyPageUp)
	if s.list.AtEnd() {
		t.Error("PgUp does nothing")
	}
	s.list.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyHome, Modifier: fyne.KeyModifierShortcutDefault})
	s.idle()
	if ids, _ := s.seen(); ids[0] != all[0].ID {
		t.Error("Ctrl+Home does not lead to the start")
	}
	key(fyne.KeyPageDown)
	if !s.list.Key(&fyne.KeyEvent{Name: fyne.KeyUp}) || s.list.Key(&fyne.KeyEvent{Name: fyne.KeyF1}) {
		t.Error("the composer's keys do not come through")
	}
	s.list.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyEnd, Modifier: fyne.KeyModifierShortcutDefault})
	s.idle()
	if !s.list.AtEnd() {
		t.Error("Ctrl+End does not lead to the end")
	}
	if s.list.TypedRune('x'); typed != "x" {
		t.Error("what is typed is lost")
	}
}

func TestArrowsGoFromMessageToMessage(t *testing.T) {
	all := messagetest.History(500)
	s := newStage(t, theme.Light, all).show(chats.Public)
	s.idle()
	s.window.Canvas().Focus(s.list)
	for i := 499; i > 300; i-- {
		s.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyUp})
		s.idle()
		r := s.list.rows[all[i].ID]
		if s.list.current != all[i].ID || r == nil || s.list.actions.row != r || r.Position().Y < 0 && r.height < s.list.view() {
			t.Fatalf("message %d is not the current one in view", i)
		}
	}
	s.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	if s.list.current != all[302].ID {
		t.Error("down does not go back")
	}
	s.consistent(t)
	s.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if s.window.Canvas().Overlays().Top() == nil {
		t.Error("Enter opens no menu")
	}
	s.list.FocusLost()
	if s.list.current != "" || s.list.actions.Visible() {
		t.Error("the buttons stay")
	}
}

func TestAPressTakesTheKeyboard(t *testing.T) {
	s := newStage(t, theme.Light, messagetest.History(3)).show(chats.Public)
	test.TapCanvas(s.window.Canvas(), fyne.NewPos(20, 10)) // above the messages
	if s.window.Canvas().Focused() != s.list {
		t.Error("a press on the empty part does not")
	}
	s.window.Canvas().Unfocus()
	for _, r := range s.list.rows {
		test.TapAt(r, fyne.NewPos(700, r.height-2))
	}
	if s.window.Canvas().Focused() != s.list {
		t.Error("a press beside a message does not")
	}
}

func TestWheelAndBar(t *testing.T) {
	s := newStage(t, theme.Light, messagetest.History(1000)).show(chats.Public)
	s.idle()
	test.Scroll(s.window.Canvas(), fyne.NewPos(300, 200), 0, 100)
	if s.list.AtEnd() {
		t.Error("the wheel does nothing")
	}
	s.consistent(t)
	b := s.list.bar
	y, h := b.span()
	if y <= 0 || y+h >= b.Size().Height {
		t.Errorf("the thumb stands at %v to %v of %v", y, y+h, b.Size().Height)
	}
	b.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(5, y+h/2-100)}, Dragged: fyne.NewDelta(0, -100)})
	if moved, _ := b.span(); moved > y-80 || moved < y-120 {
		t.Errorf("the thumb went from %v to %v", y, moved)
	}
	b.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(5, 2000)}, Dragged: fyne.NewDelta(0, 2000)})
	b.DragEnd()
	if !s.list.AtEnd() {
		t.Error("the thumb at the lower end is not the end")
	}
	b.Tapped(&fyne.PointEvent{Position: fyne.NewPos(5, 0)})
	s.idle()
	s.consistent(t)
}

func TestDays(t *testing.T) {
	for day, want := range map[int]string{0: "Today", -1: "Yesterday", -2: "Friday", -6: "Monday", -7: "Sunday 15 November", 1: "Monday 23 November"} {
		if got := DayName(noon.AddDate(0, 0, day), noon); got != want {
			t.Errorf("%d days: %q, want %q", day, got, want)
		}
	}
	if got := DayName(noon.AddDate(-1, 0, 0), noon); got != "22 November 2025" {
		t.Error(got)
	}
	if got := DayName(time.Unix(1<<60, 0), noon); got != "Unknown day" {
		t.Error(got)
	}
}

func TestGrouping(t *testing.T) {
	first := say("01", 1, 0, "a")
	for _, c := range []struct {
		m    chats.Message
		want bool
	}{
		{say("02", 1, 4, "b"), false}, {say("02", 1, 6, "b"), true}, {say("02", 2, 1, "b"), true}, {say("02", 1, -30, "b"), true},
	} {
		if got := shapeOf(&first, &c.m, false, time.UTC).header; got != c.want {
			t.Errorf("%v: header %v", c.m.Timestamp, got)
		}
	}
	m := say("02", 1, 1, "b")
	if s := shapeOf(&first, &m, true, time.UTC); !s.header || !s.unread {
		t.Error("the line does not begin a group")
	}
}

func ExampleDetails() {
	m := say("01", 1, 0, "hello")
	m.Outgoing, m.Peers = true, 3
	m.Author.Key = "0x04ab"
	fmt.Println(Details(m))
	// Output:
	// Message: 0x01
	// Chat: lobby
	// Author: Bold Cedar Lark
	// Key: 0x04ab
	// Time: 2026-11-22T09:00:00Z
	// Clock: 1795338000000
	// State: Sent to 3 peers
}

// What the list has no use for is the window's: there Enter and Backspace find the composer.
func TestKeysForTheWindow(t *testing.T) {
	s := newStage(t, theme.Light, conversation()).show(chats.Public)
	var window []fyne.KeyName
	s.window.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { window = append(window, k.Name) })
	s.list.focus()
	for _, key := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyBackspace, fyne.KeyPageUp, fyne.KeyUp, fyne.KeyReturn} {
		s.list.TypedKey(&fyne.KeyEvent{Name: key})
	}
	if !slices.Equal(window, []fyne.KeyName{fyne.KeyReturn, fyne.KeyBackspace}) {
		t.Errorf("the window got %v", window)
	}
	if s.window.Canvas().Overlays().Top() == nil {
		t.Error("Enter on a message opens no menu")
	}
}
