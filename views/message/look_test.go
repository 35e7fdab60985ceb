package message

import (
	"testing"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/views/message/messagetest"
	"sotto/views/theme"
)

// come adds messages of somebody else's, which nobody saw yet.
func (s *stage) come(list ...chats.Message) {
	s.source.Add(list...)
	s.source.Unread(list[0].ID)
	s.list.Put(list...)
	s.idle()
}

func TestNobodyLooks(t *testing.T) {
	s := newStage(t, theme.Light, conversation()).show(chats.Public)
	s.list.SetForeground(false)
	first, reads := say("e1", 1, 300, "first"), s.reads
	s.come(first, say("e2", 1, 301, "second"))
	s.window.Resize(fyne.NewSize(700, 560)) // lays out anew
	if s.reads != reads || s.list.unread == first.ID {
		t.Fatalf("read %d times, line above %q", s.reads-reads, s.list.unread)
	}
	s.list.SetForeground(true)
	s.list.SetForeground(true)
	s.until(func() bool { return s.reads > reads })
	if s.reads != reads+1 || s.list.unread != first.ID || !s.list.rows[first.ID].content.shape.unread {
		t.Errorf("read %d times, line above %q", s.reads-reads, s.list.unread)
	}
}

// Another chat may be opened before it is known what came.
func TestAnotherChatWhileLooking(t *testing.T) {
	s := newStage(t, theme.Light, conversation()).show(chats.Public)
	s.list.SetForeground(false)
	s.list.SetForeground(true)
	reads := s.reads
	s.list.SetChat(chats.Chat{ID: "lobby", Kind: chats.Public})
	s.until(func() bool { return s.list.loaded && s.reads == reads+1 })
}

// While an account catches up, much comes above the newest, which was reported as read, and some above all that is loaded.
func TestWhatIsNotLoadedIsReadToo(t *testing.T) {
	all := messagetest.History(500)
	s := newStage(t, theme.Light, all).show(chats.Public)
	s.idle()
	reads := s.reads
	above := all[10]
	above.ID, above.Seen, above.Outgoing = say("e1", 1, 1, "late").ID, false, false
	s.list.Put(above)
	if s.list.window.index(above.ID) >= 0 || s.reads != reads+1 {
		t.Errorf("read %d times when something came above all", s.reads-reads)
	}
	s.list.Resync()
	s.idle()
	if s.reads != reads+2 {
		t.Errorf("read %d times after a resync", s.reads-reads)
	}
}
