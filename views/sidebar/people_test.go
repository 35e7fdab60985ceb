package sidebar

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sotto/services/chats"
	"sotto/views/theme"
)

func TestTheRowOfAPerson(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	const key = "0x04c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee51ae168fea63dc339a3c58419466ceaeef7f632653266d0e1236431a950cfe52a"
	r := NewRow(theme.ColorNameRaised, nil)
	own := &chats.Message{Outgoing: true, State: chats.Delivered}
	for name, c := range map[string]struct {
		chat              chats.Chat
		face, mark, badge bool
	}{
		"channel":   {chats.Chat{ID: "lobby", Kind: chats.Public}, false, false, false},
		"person":    {chats.Chat{ID: key, Kind: chats.Private, Last: &chats.Message{}}, true, false, false},
		"own last":  {chats.Chat{ID: key, Kind: chats.Private, Last: own}, true, true, false},
		"unread":    {chats.Chat{ID: key, Kind: chats.Private, Last: own, Unread: 1}, true, false, true},
		"group":     {chats.Chat{ID: "a-" + key, Kind: chats.Group, Name: "Hikers", Last: &chats.Message{}}, true, false, false},
		"invited":   {chats.Chat{ID: "a-" + key, Kind: chats.Group, Name: "Hikers", Invited: true, Last: own}, true, false, true},
		"the app's": {chats.Chat{ID: key, Kind: chats.Private, Last: &chats.Message{Outgoing: true, System: true}}, true, false, false},
	} {
		r.Bind(c.chat, false, time.Now())
		if r.face.Visible() != c.face || r.sign.Visible() == c.face || r.mark.Visible() != c.mark || r.badge.Visible() != c.badge {
			t.Errorf("%s: face %v, sign %v, mark %v, badge %v", name, r.face.Visible(), r.sign.Visible(), r.mark.Visible(), r.badge.Visible())
		}
	}
	if r.Bind(chats.Chat{ID: key, Kind: chats.Private, Last: own}, false, time.Now()); r.mark.State() != chats.Delivered {
		t.Errorf("the mark says %s", r.mark.State())
	}
}

func TestTheLineOfRequests(t *testing.T) {
	p := newPane(t)
	if p.requests.Visible() {
		t.Error("it is there without requests")
	}
	p.SetRequests(2, 0, true)
	if !p.requests.Visible() || !p.requests.Chosen() || p.requests.count.Text() != "2" {
		t.Errorf("visible %v, chosen %v, %q", p.requests.Visible(), p.requests.Chosen(), p.requests.count.Text())
	}
	p.canvas.Focus(p.requests)
	p.requests.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if len(p.opened) != 1 || p.opened[0] != "requests" {
		t.Errorf("opened %v", p.opened)
	}
	if p.SetRequests(0, 1, false); !p.requests.Visible() || p.requests.badge.Visible() {
		t.Error("an own request has no line, or one with a number")
	}
	if p.SetRequests(0, 0, false); p.requests.Visible() {
		t.Error("it stays without requests")
	}
}
