package message

import (
	"strings"
	"testing"

	"sotto/services/chats"
	"sotto/views/message/messagetest"
	"sotto/views/theme"
)

// hikers is the id of the private group of these tests.
var hikers = "4f0c2a4e-7e31-4cf4-a5f4-0d6a3f1c9e11-" + messagetest.Author(1).Key

// inGroup opens the group.
func (s *stage) inGroup() *stage {
	s.t.Helper()
	s.source.SetChat(hikers)
	s.list.SetChat(chats.Chat{ID: hikers, Name: "Hike group", Kind: chats.Group, Member: true, GroupOf: 10})
	s.until(func() bool { return s.list.loaded })
	return s
}

// gathering is a conversation in a group with what may stand in one.
func gathering() []chats.Message {
	all := []chats.Message{
		say("01", 1, 0, "Bold Cedar Lark made the group"),
		say("02", 1, 1, "Who comes along on Friday?"),
		say("03", 2, 2, "I do, if somebody has a seat left in their car"),
		say("04", 1, 3, "You were added by Bold Cedar Lark"),
		say("05", 0, 4, "I have two seats"),
		say("06", 0, 5, "and a roof rack"),
		say("07", 0, 15, "We leave at eight"),
		say("08", 3, 20, "Fine with me"),
		say("09", 0, 30, "Then that is settled"),
	}
	by := messagetest.Author(1)
	for i := range all {
		all[i].Chat, all[i].Addressed = hikers, 9
	}
	all[0].System, all[3].System = true, true
	all[3].Unsupported = "This message needs another app: system message" // says nothing where the line is ours
	all[1].HandedBy, all[2].HandedBy = &by, &by
	all[4].State, all[4].DeliveredTo = chats.Delivered, 9
	all[5].State, all[5].DeliveredTo = chats.Delivered, 7
	all[8].State = chats.Queued
	return all
}

func TestNotesOfAGroup(t *testing.T) {
	s := newStage(t, theme.Light, gathering()).inGroup()
	for id, want := range map[string]string{
		"0x02": "Handed over by Bold Cedar Lark",
		"0x04": "",
		"0x05": "Delivered to all 9",
		"0x06": "Delivered to 7 of 9",
		"0x07": "Delivered to none of 9 yet",
		"0x08": "",
		"0x09": "Waiting for a connection",
	} {
		if got := s.noteSays(id); got != want {
			t.Errorf("%s says %q, want %q", id, got, want)
		}
	}
}

func TestAGroupsRowKeepsItsHeightWhenMoreHaveIt(t *testing.T) {
	s := newStage(t, theme.Light, gathering()).inGroup()
	s.says("0x09")
	before := s.list.rows["0x09"].height
	for _, change := range []func(m *chats.Message){
		func(m *chats.Message) { m.State = chats.Sent },
		func(m *chats.Message) { m.State, m.DeliveredTo = chats.Delivered, 3 },
		func(m *chats.Message) { m.DeliveredTo = 9 },
		func(m *chats.Message) { m.State = chats.Failed },
	} {
		m := gathering()[8]
		change(&m)
		s.list.Put(m)
		s.says("0x09")
		if got := s.list.rows["0x09"].height; got != before {
			t.Errorf("%+v: %v high, before %v", m.State, got, before)
		}
	}
}

func TestTheMarkOfAGroupWaitsForEverybody(t *testing.T) {
	m := gathering()[5]
	if got := Marked(m); got != chats.Sent {
		t.Errorf("7 of 9: %s", got)
	}
	m.DeliveredTo = 9
	if got := Marked(m); got != chats.Delivered {
		t.Errorf("all: %s", got)
	}
	m.Chat, m.DeliveredTo = bold, 1
	if got := Marked(m); got != chats.Delivered {
		t.Errorf("one of somebody's devices: %s", got)
	}
}

func TestWordsOfDelivery(t *testing.T) {
	for want, m := range map[string]chats.Message{
		"Delivered to 7 of 9":         {Chat: hikers, State: chats.Delivered, Addressed: 9, DeliveredTo: 7},
		"Delivered to all 9":          {Chat: hikers, State: chats.Delivered, Addressed: 9, DeliveredTo: 9},
		"Delivered":                   {Chat: hikers, State: chats.Delivered, Addressed: 1, DeliveredTo: 1},
		"Delivered to 1 of 2 devices": {Chat: bold, State: chats.Delivered, Addressed: 2, DeliveredTo: 1},
	} {
		if got := StateText(m); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := groupText(chats.Message{Chat: hikers, State: chats.Sent, Addressed: 1}); got != "Not delivered yet" {
		t.Errorf("for one: %q", got)
	}
}

func TestHandedOverIsInTheDetails(t *testing.T) {
	if got := Details(gathering()[1]); !strings.Contains(got, "Handed over by: "+messagetest.Author(1).Key) {
		t.Errorf("they say %q", got)
	}
	own := chats.Message{HandedBy: &chats.Author{Key: "0x04aa", Nickname: "Kay"}}
	if got := handedBy(own, "0x04aa"); got != "you" {
		t.Errorf("by oneself: %q", got)
	}
}
