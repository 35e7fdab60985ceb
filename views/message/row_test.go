package message

import (
	"strings"
	"testing"

	"sotto/services/chats"
	"sotto/views/message/messagetest"
	"sotto/views/theme"
)

// says is the text of the row of a message.
func (s *stage) says(id string) string {
	s.t.Helper()
	r := s.list.rows[id]
	if r == nil {
		s.t.Fatalf("message %s has no row", id)
	}
	return string(r.body.text.Runes)
}

// What was put into the past says so: whoever only reads what is new would miss it, and take it for older than it is.
func TestMessagesOutOfOrderSaySo(t *testing.T) {
	all := messagetest.History(5)
	all[3].Backdated = true
	s := newStage(t, theme.Light, all).show(chats.Public)
	if got := s.says(all[3].ID); !strings.HasSuffix(got, "\nSent later than its place here says.") {
		t.Errorf("it says %q", got)
	}
	if got := s.says(all[4].ID); strings.Contains(got, "Sent later") {
		t.Errorf("an ordinary one says %q", got)
	}
}

// Text of characters that show nothing would be an empty row with a name and a time.
func TestInvisibleTextIsNamed(t *testing.T) {
	all := messagetest.History(5)
	all[4].Text = "\u200b\u2060\u3164"
	s := newStage(t, theme.Light, all).show(chats.Public)
	if got := s.says(all[4].ID); got != "A message without visible text" {
		t.Errorf("it says %q", got)
	}
}
