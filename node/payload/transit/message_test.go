package transit

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"sotto/node/identity"
)

const (
	chatID = "6d5e0e1c-1f5b-4b0e-9d39-0a3cf1f0a8b3-0x04"
	update = `["^ ","~:chat-id","` + chatID + `","~:events",[["^ ","~:type","member-joined","~:clock-value",2,"~:member","0x04"]],"~:signature","00"]`
)

func TestDecode(t *testing.T) {
	for text, want := range map[string]Message{
		`["~#c7",[["^ ","~:text","hi","~:chat-id","status"],"text/plain","~:user-message",1,2]]`: {Tag: TagNewText,
			Text: Text{Text: "hi", ContentType: "text/plain", ChatType: "user-message", Clock: 1, Timestamp: 2, ChatID: "status"}},
		`["~#c4",["old","text/plain","~:user-message",1,2]]`: {Tag: TagText,
			Text: Text{Text: "old", ContentType: "text/plain", ChatType: "user-message", Clock: 1, Timestamp: 2}},
		`["~#c4",["old","text/plain","user-message","~i1",2,["^ ","~:text","new","~:response-to","a","~:response-to-v2","b","~:line-count",1]]]`: {
			Tag: TagText, Text: Text{Text: "new", ContentType: "text/plain", ChatType: "user-message", Clock: 1, Timestamp: 2, ReplyTo: "b"}},
		`["~#c4",[["^ ","~:hash","e30101","~:pack",3],"sticker","~:public-group-user-message",1,2]]`: {Tag: TagText,
			Text: Text{ContentType: "sticker", ChatType: "public-group-user-message", Clock: 1, Timestamp: 2, Hash: "e30101", Pack: 3}},
		`["~#c4",[[["~:command","~:ref"]],"command","~:user-message",1,2]]`: {Tag: TagText,
			Text: Text{ContentType: "command", ChatType: "user-message", Clock: 1, Timestamp: 2}},
		`["~#c3",["Ann",null,"0x0",null]]`:        {Tag: TagContactConfirmed, Contact: Contact{Name: "Ann", Address: "0x0"}},
		`["~#c5",["0x01","0x02"]]`:                {Tag: TagSeen, Seen: []string{"0x01", "0x02"}},
		`["~#c5",["~#set",["0x01"]]]`:             {Tag: TagSeen, Seen: []string{"0x01"}},
		`["~#p1",[["^ ","0x04",["^ "]],["^ "]]]`:  {Tag: TagSync, Sync: Sync{Contacts: 1, Account: true}},
		`["~#p1",[["~#list",[1,2]],null,["^ "]]]`: {Tag: TagSync, Sync: Sync{Contacts: 2, Chat: true}},
		`["~#p2",["id","ios","phone",null]]`:      {Tag: TagPair, Pair: Pair{Installation: "id", DeviceType: "ios", Name: "phone"}},
		`["~#g5",["` + chatID + `",[` + update + `],null]]`: {Tag: TagMembership, Membership: Membership{ChatID: chatID,
			Updates: []Update{{ChatID: chatID, Signature: "00", Events: []Event{{Type: "member-joined", Clock: 2, Member: "0x04"}}}}}},
	} {
		if got, err := Decode([]byte(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestDecodeRefusals(t *testing.T) {
	for text, want := range map[string]error{
		``:                           ErrMalformed,
		`["hi"]`:                     ErrMalformed,
		`"~#c4"`:                     ErrMalformed,
		`["~#c9",[]]`:                ErrTag,
		`["~#list",[]]`:              ErrTag,
		`["~#c4","hi"]`:              ErrMalformed,
		`["~#c4",["hi",7]]`:          ErrMalformed,
		`["~#c4",["hi","",7]]`:       ErrMalformed,
		`["~#c4",["hi","","",1.5]]`:  ErrMalformed,
		`["~#c4",["hi","","",-1]]`:   ErrMalformed,
		`["~#c4",["hi","","","1"]]`:  ErrMalformed,
		`["~#c4",["hi","","",1,[]]]`: ErrMalformed,
		`["~#c4",["hi","","",1,2,["^ ","~:text",7]]]`:               ErrMalformed,
		`["~#c4",["hi","","",1,2,["^ ","~:chat-id",["~#set",[]]]]]`: ErrMalformed,
		`["~#c2",[["^ "]]]`: ErrMalformed,
		`["~#c5",[7]]`:      ErrMalformed,
		`["~#c5",["^ "]]`:   ErrMalformed,
		`["~#c5",[""` + strings.Repeat(`,""`, mostSeen) + `]]`: ErrMalformed,
		`["~#p1",[7]]`:                    ErrMalformed,
		`["~#p2",[7]]`:                    ErrMalformed,
		`["~#g5",["` + chatID + `",[7]]]`: ErrMalformed,
		`["~#g5",["` + chatID + `",[["^ ","~:events",[7]]]]]`:                  ErrMalformed,
		`["~#g5",["` + chatID + `",[],"hi"]]`:                                  ErrMalformed,
		`["~#g5",["` + chatID + `",[],["~#c2",[]]]]`:                           ErrMalformed,
		`["~#g5",["",[["^ "]` + strings.Repeat(`,["^ "]`, mostUpdates) + `]]]`: ErrMalformed,
	} {
		if got, err := Decode([]byte(text)); !errors.Is(err, want) || !reflect.DeepEqual(got, Message{}) {
			t.Errorf("%.80s: %+v, %v", text, got, err)
		}
	}
}

func TestVerifyRefusals(t *testing.T) {
	event := []Event{{Type: "member-joined", Clock: 1}}
	for name, c := range map[string]struct {
		m    Membership
		want error
	}{
		"no group":         {Membership{Updates: []Update{{Events: event}}}, ErrMalformed},
		"no updates":       {Membership{ChatID: "a"}, ErrMalformed},
		"no events":        {Membership{ChatID: "a", Updates: []Update{{ChatID: "a"}}}, ErrMalformed},
		"another group":    {Membership{ChatID: "a", Updates: []Update{{ChatID: "b", Events: event}}}, ErrMalformed},
		"no signature":     {Membership{ChatID: "a", Updates: []Update{{ChatID: "a", Events: event}}}, identity.ErrSignature},
		"signature of not": {Membership{ChatID: "a", Updates: []Update{{ChatID: "a", Events: event, Signature: "xy"}}}, identity.ErrSignature},
	} {
		if err := c.m.Verify(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is signed is in the order of clocks and names, without what is empty, and as JavaScript writes it.
func TestSignedForm(t *testing.T) {
	u := Update{ChatID: "c", Events: []Event{
		{Type: "name-changed", Clock: 2, Name: "R&D <3"},
		{Type: "members-added", Clock: 1, Members: []string{"b", "a"}},
	}}
	want := `[[[["clock-value",1],["members",["a","b"]],["type","members-added"]],` +
		`[["clock-value",2],["name","R&D <3"],["type","name-changed"]]],"c"]`
	if got := string(u.signed()); got != want {
		t.Errorf("got %s", got)
	}
	if u.Events[0].Clock != 2 || u.Events[1].Members[0] != "b" {
		t.Error("the events themselves were put in order")
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		`["~#c4",["hi","text/plain","~:user-message",157130000012300,1571300000123,["^ ","~:chat-id","status","~:text","hi"]]]`,
		`["~#c7",[["^ ","~:text","hi"],"text/plain","~:user-message",1,2]]`,
		`["~#c2",["Ann","","0x0","",[]]]`, `["~#c5",["0x01"]]`, `["~#p1",[null,null,null]]`, `["~#p2",["id","ios","phone",null]]`,
		`["~#g5",["` + chatID + `",["~#list",[` + update + `]],["~#c4",["hi","","^0",1,2]]]]`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Decode(raw)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTag) || !reflect.DeepEqual(m, Message{}) {
				t.Errorf("%+v, %v", m, err)
			}
			return
		}
		if len(m.Membership.Updates) > mostUpdates || len(m.Seen) > mostSeen {
			t.Error("beyond the bounds")
		}
		if m.Tag == TagMembership {
			if err := m.Membership.Verify(); err != nil && !errors.Is(err, ErrMalformed) && !errors.Is(err, identity.ErrSignature) {
				t.Error(err)
			}
		}
	})
}
