package message

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"sotto/services/chats"
	"sotto/views/message/messagetest"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// noteSays is what stands below a message.
func (s *stage) noteSays(id string) string {
	s.t.Helper()
	s.says(id) // it has a row
	var lines []string
	for _, line := range s.list.rows[id].note.lines {
		if line.Visible() {
			lines = append(lines, strings.TrimSpace(line.Text))
		}
	}
	return strings.Join(lines, " ")
}

func TestTheNoteOnForwardSecrecy(t *testing.T) {
	all := dialogue()
	s := newStage(t, theme.Light, all).private()
	for id, want := range map[string]string{
		"0x01": "This message had no forward secrecy: Bold's keys were not known yet.",
		"0x02": "This message had no forward secrecy: Bold did not know your keys yet.",
		"0x03": "",
		"0x04": "",
	} {
		if got := s.noteSays(id); got != want {
			t.Errorf("%s says %q, want %q", id, got, want)
		}
	}
	all[3].ForwardSecret = false // a line of the program
	s.list.Put(all[3])
	if got := s.noteSays("0x04"); got != "" {
		t.Errorf("a line of the program says %q", got)
	}
	s.list.SetName("Ben")
	if got := s.noteSays("0x01"); !strings.Contains(got, "Ben's keys") {
		t.Errorf("after a new name: %q", got)
	}
}

func TestChannelsHaveNoNotes(t *testing.T) {
	s := newStage(t, theme.Light, conversation()).show(chats.Public)
	for id := range s.list.rows {
		if got := s.noteSays(id); got != "" {
			t.Errorf("%s says %q", id, got)
		}
	}
}

func TestALineOfTheProgram(t *testing.T) {
	s := newStage(t, theme.Light, dialogue()).private()
	r := s.list.rows["0x04"]
	for name, o := range map[string]fyne.CanvasObject{"picture": r.picture, "name": r.name, "time": r.clock, "mark": r.mark.circle, "ground": r.ground} {
		if o.Visible() {
			t.Errorf("it has a %s", name)
		}
	}
	middle := r.body.Position().X + r.body.Size().Width/2
	if want := s.list.Size().Width / 2; middle < want-1 || middle > want+1 {
		t.Errorf("it stands around %v of %v", middle, s.list.Size().Width)
	}
	if r.AccessibilityLabel() != r.content.msg.Text {
		t.Errorf("it is read as %q", r.AccessibilityLabel())
	}
	for _, item := range s.list.Menu(r.content.msg).Items {
		if item.Label == "Reply" || strings.HasPrefix(item.Label, "Sent") {
			t.Errorf("its menu offers %q", item.Label)
		}
	}
	if !s.list.rows["0x06"].content.shape.header {
		t.Error("what follows has no header")
	}
	s.list.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: r.Position().AddXY(200, r.height/2)}})
	if s.list.actions.Visible() {
		t.Error("there are buttons over it")
	}
}

func TestQuotesThatCameWithTheMessage(t *testing.T) {
	s := newStage(t, theme.Light, dialogue()).private()
	for id, want := range map[string]string{
		"0x03": "Bold: Hello, who gave you my key?",
		"0x07": "The message this answers is not here.",
		"0x08": "You: The others, at the station",
	} {
		if got := s.list.rows[id].quoteText.Text; got != want {
			t.Errorf("%s quotes %q, want %q", id, got, want)
		}
	}
}

func TestAQuoteWithoutText(t *testing.T) {
	m := say("02", 1, 1, "nice")
	m.ReplyTo, m.Quote = "0x01", &chats.Quote{Author: messagetest.Author(2)}
	s := newStage(t, theme.Light, []chats.Message{m}).show(chats.Public)
	if got := s.list.rows[m.ID].quoteText.Text; got != "Calm Slate Otter: A message without visible text" {
		t.Errorf("it quotes %q", got)
	}
}

func TestNames(t *testing.T) {
	a := chats.Author{Key: "0x04aa", Pseudonym: "Amber Quiet Heron", Claimed: "Kay"}
	nick := a
	nick.Nickname = "Ben\u202e"
	private := chats.Chat{ID: a.Key, Kind: chats.Private, Name: "Kay"}
	for _, c := range []struct {
		chat   chats.Chat
		author chats.Author
		want   string
	}{
		{chats.Chat{ID: "lobby", Name: "lobby"}, a, "Amber Quiet Heron"},
		{chats.Chat{ID: "lobby", Name: "lobby"}, nick, "Ben"},
		{private, a, "Kay"},
		{private, chats.Author{Key: "0x04bb", Pseudonym: "Bold"}, "Bold"},
		{chats.Chat{ID: a.Key, Kind: chats.Private, Name: " you "}, a, "Amber Quiet Heron"},
		{chats.Chat{ID: a.Key, Kind: chats.Private}, chats.Author{Key: a.Key}, "0x04aa"},
	} {
		if got := nameIn(c.chat, c.author); got != c.want {
			t.Errorf("%+v in %+v: %q, want %q", c.author, c.chat, got, c.want)
		}
	}
	if claimed(nick) != "" || claimed(a) == "" {
		t.Error("a claim stands beside a nickname, or is hidden without one")
	}
}

func TestDelivered(t *testing.T) {
	for want, m := range map[string]chats.Message{
		"Delivered":                   {State: chats.Delivered},
		"Delivered to 1 of 2 devices": {State: chats.Delivered, Addressed: 2, DeliveredTo: 1},
		"Delivered to 3 of 3 devices": {State: chats.Delivered, Addressed: 3, DeliveredTo: 4},
		"Sent":                        {State: chats.Sent, Addressed: 2},
	} {
		if got := StateText(m); got != want {
			t.Errorf("%+v: %q", m, got)
		}
	}
}

// Own messages stand on the right; however far one got, nothing moves.
func TestNoRowJumpsInAPrivateChat(t *testing.T) {
	all := dialogue()
	s := newStage(t, theme.Light, all).private()
	ids, tops := s.seen()
	for _, state := range []chats.State{chats.Queued, chats.Sent, chats.Accepted, chats.Stored, chats.Delivered, chats.Failed} {
		for _, id := range ids {
			m := s.list.window.items[s.list.window.index(id)]
			if m.Outgoing && !m.System {
				m.State, m.Addressed, m.DeliveredTo, m.FailureReason = state, 2, 1, "nobody took it"
				s.list.Put(m)
			}
		}
		if _, after := s.seen(); !slices.Equal(tops, after) {
			t.Fatalf("a row jumped when its state became %s", state)
		}
	}
	for _, id := range ids {
		r := s.list.rows[id]
		if right := r.ground.Position().X+r.ground.Size().Width > 600; r.content.msg.Outgoing != right && !r.content.msg.System {
			t.Errorf("%s stands right: %v", id, right)
		}
	}
}

func TestNothingIsAnsweredInARequest(t *testing.T) {
	all := dialogue()
	answered := 0
	s := newStage(t, theme.Light, all, func(o *Options) { o.Reply = func(chats.Message) { answered++ } })
	s.list.SetReadOnly(true)
	s.private()
	for _, item := range s.list.Menu(all[1]).Items {
		if item.Label == "Reply" {
			t.Error("the menu offers an answer")
		}
	}
	r := s.list.rows["0x02"]
	s.list.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: r.Position().AddXY(200, r.height-4)}})
	if s.list.actions.Size().Width != actionWidth || s.list.actions.icons[0].Visible() {
		t.Fatalf("the buttons are %v wide", s.list.actions.Size().Width)
	}
	s.list.actions.Tapped(&fyne.PointEvent{Position: fyne.NewPos(5, 5)})
	if answered != 0 || s.window.Canvas().Overlays().Top() == nil {
		t.Error("the only button is not the menu's")
	}
	s.window.Canvas().Overlays().Remove(s.window.Canvas().Overlays().Top())
	s.list.SetReadOnly(false)
	s.list.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: r.Position().AddXY(200, r.height-4)}})
	s.list.actions.Tapped(&fyne.PointEvent{Position: fyne.NewPos(5, 5)})
	if answered != 1 {
		t.Error("afterwards nothing can be answered")
	}
}

func TestPressingAnAuthor(t *testing.T) {
	var pressed []string
	s := newStage(t, theme.Light, conversation(), func(o *Options) {
		o.Author = func(a chats.Author) { pressed = append(pressed, Name(a)) }
	}).show(chats.Public)
	r := s.list.rows["0x06"]
	picture, name := r.picture.Position().AddXY(10, 10), r.name.Position().AddXY(10, 5)
	beside := fyne.NewPos(r.name.Position().X+r.name.Size().Width+200, name.Y)
	for _, at := range []fyne.Position{picture, name, beside, r.body.Position().AddXY(-20, 40), {}} {
		r.Tapped(&fyne.PointEvent{Position: at})
	}
	s.list.rows["0x07"].Tapped(&fyne.PointEvent{Position: picture}) // has no header
	if !slices.Equal(pressed, []string{"Dusty Olive Wren", "Dusty Olive Wren"}) {
		t.Errorf("pressed %v", pressed)
	}
}

func TestMoreInTheMenu(t *testing.T) {
	s := newStage(t, theme.Light, conversation(), func(o *Options) {
		o.Items = func(m chats.Message) []*fyne.MenuItem {
			if m.Outgoing {
				return nil
			}
			return []*fyne.MenuItem{fyne.NewMenuItem("Write", nil)}
		}
	}).show(chats.Public)
	items := s.list.Menu(conversation()[0]).Items
	if items[len(items)-1].Label != "Write" || !items[len(items)-2].IsSeparator {
		t.Error("what else there is does not stand at the end, apart")
	}
	if items = s.list.Menu(conversation()[2]).Items; items[len(items)-1].Label != "Copy message details" {
		t.Error("a line without items below")
	}
}

func TestTheMarkByItself(t *testing.T) {
	viewtest.Use(theme.Light)
	k := NewStateMark()
	visible := func() (n int) {
		for _, o := range test.WidgetRenderer(k).Objects() {
			if o.Visible() {
				n++
			}
		}
		return n
	}
	if visible() != 0 {
		t.Error("it shows a state before it has one")
	}
	for _, state := range []chats.State{chats.Queued, chats.Delivered, chats.Failed} {
		if k.SetState(state); k.State() != state || visible() != 3 {
			t.Errorf("%s: %d shapes", state, visible())
		}
	}
	light := test.WidgetRenderer(k).Objects()[0].(*canvas.Circle).FillColor
	viewtest.Use(theme.Dark)
	k.Refresh()
	if test.WidgetRenderer(k).Objects()[0].(*canvas.Circle).FillColor == light {
		t.Error("it does not follow the theme")
	}
}

func TestANewNameInTheComposer(t *testing.T) {
	d := newDesk(t, theme.Light)
	d.SetChat(chats.Chat{ID: bold, Kind: chats.Private, Name: "Bold"})
	d.SetText("half")
	d.Rename(chats.Chat{ID: bold, Kind: chats.Private, Name: "Ben"})
	d.Rename(chats.Chat{ID: "other", Name: "Nobody"})
	if d.Text() != "half" || d.entry.PlaceHolder != "Write to Ben" {
		t.Errorf("%q, %q", d.Text(), d.entry.PlaceHolder)
	}
}
