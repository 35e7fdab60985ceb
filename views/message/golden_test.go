package message

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"sotto/services/chats"
	"sotto/views/message/messagetest"
	"sotto/views/theme"
)

// say makes one message; minutes count from nine in the morning.
func say(id string, who, minutes int, text string) chats.Message {
	at := noon.Add(-3*time.Hour + time.Duration(minutes)*time.Minute)
	return chats.Message{
		ID: "0x" + id, Chat: "lobby", Author: messagetest.Author(who), Text: text, ContentType: 1, Clock: uint64(at.UnixMilli()),
		Timestamp: at, State: chats.Sent, Outgoing: who == 0,
	}
}

// scenes are the golden images: what a person may meet.
var scenes = map[string]func(*stage){
	"empty": func(s *stage) { s.show(chats.Public) },
	"channel": func(s *stage) {
		s.source.Set(conversation())
		s.show(chats.Public)
	},
	"private": func(s *stage) {
		s.source.Set(dialogue())
		s.private()
	},
	"narrow": func(s *stage) {
		s.window.Resize(fyne.NewSize(420, 480))
		s.source.Set(dialogue())
		s.private()
	},
	"private-states": func(s *stage) {
		s.source.Set(states())
		s.private()
	},
	"private-hostile": func(s *stage) {
		s.source.Set(dialogue()[:2])
		s.chatWith(strings.Repeat("Wilhelmina\u202E ", 20))
	},
	"request": func(s *stage) {
		s.source.Set(dialogue()[1:2])
		s.list.SetReadOnly(true)
		s.private()
		s.list.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(300, 540)}})
	},
	"request-empty": func(s *stage) {
		s.list.SetReadOnly(true)
		s.private()
	},
	"private-empty": func(s *stage) { s.private() },
	"wide": func(s *stage) {
		s.window.Resize(fyne.NewSize(1300, 480))
		s.source.Set(conversation())
		s.show(chats.Group)
	},
	"group": func(s *stage) {
		s.source.Set(gathering())
		s.inGroup()
	},
	"states": func(s *stage) {
		s.source.Set(states())
		s.show(chats.Public)
	},
	"hostile": func(s *stage) {
		s.source.Set(hostile())
		s.show(chats.Public)
	},
	"gaps": func(s *stage) {
		s.source.Set(conversation())
		s.show(chats.Public)
		s.list.SetGaps(missing())
	},
	"gaps-asking": func(s *stage) {
		s.window.Resize(fyne.NewSize(420, 480))
		s.source.Set(conversation()[:4])
		s.show(chats.Public)
		s.list.SetGaps(missing())
		s.list.SetAsking(true)
	},
	"gaps-empty": func(s *stage) {
		s.show(chats.Public)
		s.list.SetGaps(missing()[:1])
	},
	"unread": func(s *stage) {
		all := messagetest.History(60)
		s.source.Set(all)
		s.source.Unread(all[30].ID)
		s.show(chats.Public)
	},
	"pill": func(s *stage) {
		all := messagetest.History(60)
		s.source.Set(all[:55])
		s.show(chats.Public)
		s.list.PageUp()
		for _, m := range all[55:] {
			m.Outgoing = false
			s.list.Put(m)
		}
	},
	"hover": func(s *stage) {
		s.source.Set(conversation())
		s.show(chats.Public)
		s.list.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(300, 400)}})
	},
	"selection": func(s *stage) {
		s.source.Set(conversation())
		s.show(chats.Public)
		r := s.list.rows["0x07"]
		s.list.marked = r
		r.body.selectRange(12, 130)
	},
}

func conversation() []chats.Message {
	all := []chats.Message{
		say("01", 1, -24*60, "see you there"),
		say("02", 1, -24*60+2, "bring the maps"),
		say("03", 0, 1, "I have them, and coffee"),
		say("04", 2, 2, "😀"),
		say("05", 2, 3, "The **relay** is at `enode://ab12…@10.0.0.5:30303`, see https://example.org/maps and write to mailto:kay@example.org."),
		say("06", 3, 20, "ok"),
		say("07", 3, 21, "A longer message that has to be wrapped because it does not fit into one line of the window, however wide "+
			"that may be, so that one sees how lines follow each other and where *emphasis* stands ~~not~~."),
		say("08", 0, 30, "Yes"),
		say("09", 1, 31, ""),
		say("10", 0, 32, "Thanks, see you tomorrow at the station"),
	}
	all[5].ReplyTo = "0x05"
	all[7].ReplyTo = "0x07"
	all[8].Unsupported = "This message needs another app: sticker"
	all[5].Author.Claimed = "dusty.stateofus.eth"
	all[9].State = chats.Queued
	return all
}

// dialogue is a private conversation with what may stand in one.
func dialogue() []chats.Message {
	all := []chats.Message{
		say("01", 0, 0, "Hi Bold, this is Amber"),
		say("02", 1, 1, "Hello, who gave you my key?"),
		say("03", 0, 3, "The others, at the station"),
		say("04", 0, 5, "A new device of theirs appeared."),
		say("05", 0, 6, "A second new device of theirs appeared, which may be somebody else's who has their keys. Compare codes again before you "+
			"write what only they may read."),
		say("06", 1, 20, "That was me"),
		say("07", 1, 21, "I have a laptop now"),
		say("08", 0, 22, "Good to know"),
		say("09", 0, 23, "See you tomorrow"),
	}
	for i := range all {
		all[i].Chat, all[i].ForwardSecret = bold, i > 1
	}
	all[0].State, all[2].State, all[7].State, all[8].State = chats.Delivered, chats.Delivered, chats.Stored, chats.Queued
	all[2].ReplyTo, all[2].Quote = all[1].ID, &chats.Quote{Author: all[1].Author, Text: all[1].Text}
	all[3].System, all[4].System = true, true
	all[6].ReplyTo = "0xff"
	all[7].ReplyTo, all[7].Quote = all[2].ID, &chats.Quote{Author: all[2].Author, Text: "The **others**, at the station"}
	return all
}

// bold is the key of whom the private chats are with, and so these chats' id.
var bold = messagetest.Author(1).Key

func states() []chats.Message {
	var all []chats.Message
	for i, state := range []chats.State{chats.Queued, chats.Sent, chats.Accepted, chats.Stored, chats.Delivered, chats.Failed} {
		m := say("1"+string(rune('0'+i)), 0, i*10, "This one is "+string(state))
		m.State, m.ForwardSecret = state, true
		all = append(all, m)
	}
	return all
}

func hostile() []chats.Message {
	all := []chats.Message{
		say("20", 1, 0, "invoice\u202Egpj.exe and \x1b[31mred\x1b[0m"),
		say("21", 2, 1, "Z"+strings.Repeat("\u0321\u0353\u0308", 60)+"algo"),
		say("22", 3, 2, strings.Repeat("Donaudampfschifffahrt", 30)),
		say("23", 1, 3, "العربية وعبرית and CJK 你好世界"),
		say("24", 2, 4, "a\n\n\n\n\nb"),
		say("25", 1, 5, "not a link: javascript:alert(1) file:///etc/passwd https://a:b@c.org"),
	}
	all[1].Author.Pseudonym = "Amber\u202E\nQuiet " + strings.Repeat("very ", 40)
	all[1].Author.Claimed = strings.Repeat("claim", 40)
	all[5].Timestamp = time.Date(292277, 1, 1, 0, 0, 0, 0, time.UTC)
	return all
}

func TestGolden(t *testing.T) {
	for _, mode := range []theme.Mode{theme.Light, theme.Dark} {
		for name, scene := range scenes {
			t.Run(name+"/"+string(mode), func(t *testing.T) {
				s := newStage(t, mode, nil)
				scene(s)
				test.AssertRendersToImage(t, name+"-"+string(mode)+".png", s.window.Canvas())
			})
		}
	}
}
