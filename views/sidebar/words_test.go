package sidebar

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/services/network"
	"sotto/views/icon"
	"sotto/views/theme"
)

func TestWhen(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 41, 0, 0, time.Local) // a Sunday
	for _, c := range []struct {
		at   time.Time
		says string
	}{
		{now.Add(-time.Minute), "12:40"},
		{now.Add(time.Hour), "13:41"}, // somebody's clock is ahead
		{now.AddDate(1, 0, 0), "22 Nov 2027"},
		{time.Date(2026, 11, 22, 0, 0, 0, 0, time.Local), "00:00"},
		{time.Date(2026, 11, 21, 23, 59, 0, 0, time.Local), "Yest."},
		{now.AddDate(0, 0, -3), "Thu"},
		{now.AddDate(0, 0, -7), "15 Nov"},
		{now.AddDate(-1, 0, 0), "22 Nov 2025"},
	} {
		if got := When(c.at, now); got != c.says {
			t.Errorf("%v: %q, want %q", c.at, got, c.says)
		}
	}
}

func TestSentence(t *testing.T) {
	over := network.Degraded{Text: "It was.", Until: time.Unix(1, 0)}
	lasts := network.Degraded{Text: "It is."}
	for _, c := range []struct {
		status   network.Status
		degraded []network.Degraded
		says     string
		sign     icon.Name
		colour   fyne.ThemeColorName
	}{
		{network.Status{}, nil, "Offline", icon.Ring, theme.ColorNameTinted},
		{network.Status{State: network.Offline}, nil, "Offline", icon.Ring, theme.ColorNameTinted},
		{network.Status{State: network.Connecting}, nil, "No node known yet", icon.Ring, theme.ColorNameAttention},
		{network.Status{State: network.Connecting, Known: make([]string, 1)}, nil, "Connecting…", icon.Ring, theme.ColorNameAttention},
		{network.Status{State: network.Online, Peers: make([]network.Peer, 1)}, nil, "1 peer", icon.Dot, theme.ColorNameGood},
		{network.Status{State: network.Online, Peers: make([]network.Peer, 7)}, []network.Degraded{over}, "7 peers", icon.Dot, theme.ColorNameGood},
		{network.Status{State: network.Online, Peers: make([]network.Peer, 7)}, []network.Degraded{over, lasts}, "It is.", icon.Attention, theme.ColorNameAttention},
	} {
		says, sign, colour := Sentence(c.status, c.degraded)
		if says != c.says || sign != c.sign || colour != c.colour {
			t.Errorf("%+v: %q %s %s", c.status, says, sign, colour)
		}
	}
}

func TestPreview(t *testing.T) {
	last := &chats.Message{Text: "hello", Author: chats.Author{Pseudonym: "Amber Quiet Heron"}}
	sly := &chats.Message{Text: "a\u202eb\nc", Author: chats.Author{Pseudonym: "Amber Quiet Heron", Claimed: "You"}}
	for _, c := range []struct {
		chat   chats.Chat
		chosen bool
		says   string
	}{
		{chats.Chat{}, false, "Nothing here yet"},
		{chats.Chat{Last: last}, false, "Amber: hello"},
		{chats.Chat{Last: sly}, false, "Amber: ab c"},
		{chats.Chat{Last: last, Draft: " not yet "}, false, "Draft: not yet"},
		{chats.Chat{Last: last, Draft: "not yet"}, true, "Amber: hello"},
		{chats.Chat{Last: &chats.Message{Text: "hi", Outgoing: true}}, false, "You: hi"},
		{chats.Chat{Last: &chats.Message{Text: "hi", Author: chats.Author{Nickname: "Ben", Pseudonym: "Amber Quiet Heron"}}}, false, "Ben: hi"},
		{chats.Chat{Last: last, Kind: chats.Private}, false, "hello"},
		{chats.Chat{Last: &chats.Message{Text: "hi", Outgoing: true}, Kind: chats.Private}, false, "You: hi"},
		{chats.Chat{Last: &chats.Message{Text: "A new device appeared.", System: true, Outgoing: true}, Kind: chats.Private}, false,
			"A new device appeared."},
		{chats.Chat{Last: &chats.Message{Text: "Bruno joined", System: true, Unsupported: "This message needs another app"}, Kind: chats.Group}, false,
			"Bruno joined"},
		{chats.Chat{Last: &chats.Message{Text: "You were added by Bruno", System: true}, Kind: chats.Group, Invited: true}, false,
			"Invitation · You were added by Bruno"},
		{chats.Chat{Kind: chats.Group, Invited: true}, true, "Invitation"},
		{chats.Chat{Last: last, Kind: chats.Group, Member: true}, false, "Amber: hello"},
		{chats.Chat{Last: &chats.Message{Unsupported: "This message needs another app: sticker"}}, false,
			"Somebody: This message needs another app: sticker"},
	} {
		if got, _ := preview(c.chat, c.chosen); got != c.says {
			t.Errorf("%+v: %q", c.chat, got)
		}
	}
	if unread(1000) != "999+" || unread(7) != "7" {
		t.Error("unread counts are written wrong")
	}
}

func TestTitle(t *testing.T) {
	for want, c := range map[string]chats.Chat{
		"#lobby":   {Kind: chats.Public, Name: "lobby"},
		"Ben":      {Kind: chats.Private, Name: " B\u202een\n"},
		"Somebody": {Kind: chats.Private, Name: "\u200b"},
		"Hikers":   {Kind: chats.Group, Name: "Hikers"},

		"A group without a name": {Kind: chats.Group, Name: "\u200b"},
	} {
		if got := Title(c); got != want {
			t.Errorf("%+v: %q, want %q", c, got, want)
		}
	}
}
