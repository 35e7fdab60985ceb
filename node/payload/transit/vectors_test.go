package transit

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"testing"

	"sotto/node/vectortest"
)

// recorded is one message of the vectors.
type recorded struct {
	Name          string
	Transit       string
	TransitHex    string `json:"transit_hex"`
	Decoded       json.RawMessage
	DecodeError   string   `json:"decode_error"`
	Signatures    []string // of the membership updates
	SignedStrings []string `json:"signed_strings"`
	Signers       []string
}

// Every message: what it says, and of groups what was signed and by whom. The one that its own implementation could not read is
// read here.
func TestVectorMessages(t *testing.T) {
	var cases []recorded
	vectortest.Load(t, "legacy-transit.json", "messages", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			raw, err := hex.DecodeString(c.TransitHex)
			if err != nil || string(raw) != c.Transit {
				t.Fatalf("the vector contradicts itself: %v", err)
			}
			m, err := Decode(raw)
			if err != nil {
				t.Fatal(err)
			}
			switch m.Tag {
			case TagText:
				checkText(t, m.Text, c.Decoded)
			case TagPair:
				checkPair(t, m.Pair, c.Decoded)
			case TagContactRequest, TagContactUpdate:
				checkContact(t, m, c.Decoded)
			case TagMembership:
				checkMembership(t, m.Membership, c)
			default:
				t.Errorf("read as %q", m.Tag)
			}
		})
	}
}

// decoded reads what the vectors say into a struct.
func decoded(t *testing.T, raw json.RawMessage, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

func checkText(t *testing.T, got Text, raw json.RawMessage) {
	t.Helper()
	var want struct {
		Text        string
		ContentType string `json:"content_type"`
		MessageType string `json:"message_type"`
		Clock       uint64
		Timestamp   uint64
		Content     struct {
			ChatID  string `json:"chat_id"`
			Text    string
			ReplyTo string `json:"response-to"`
			Name    string
		}
	}
	decoded(t, raw, &want)
	if got != (Text{Text: want.Content.Text, ContentType: want.ContentType, ChatType: want.MessageType, Clock: want.Clock,
		Timestamp: want.Timestamp, ChatID: want.Content.ChatID, ReplyTo: want.Content.ReplyTo, Name: want.Content.Name}) {
		t.Errorf("read as %+v, want %+v", got, want)
	}
}

func checkPair(t *testing.T, got Pair, raw json.RawMessage) {
	t.Helper()
	var want struct{ InstallationID, DeviceType, Name, FCMToken string }
	decoded(t, raw, &want)
	if got != (Pair{want.InstallationID, want.DeviceType, want.Name, want.FCMToken}) {
		t.Errorf("read as %+v, want %+v", got, want)
	}
}

func checkContact(t *testing.T, m Message, raw json.RawMessage) {
	t.Helper()
	var want struct {
		Tag   Tag
		Value [5]any
	}
	decoded(t, raw, &want)
	if got := [4]any{m.Contact.Name, m.Contact.Image, m.Contact.Address, m.Contact.PushToken}; m.Tag != want.Tag || got != [4]any(want.Value[:4]) {
		t.Errorf("read as %+v, want %+v", m, want)
	}
}

func checkMembership(t *testing.T, m Membership, c recorded) {
	t.Helper()
	if c.DecodeError != "" { // the one with a text in it
		if m.Message == nil || m.Message.Text != "group hi" || m.Message.ChatType != "group-user-message" || m.Message.ChatID != m.ChatID {
			t.Errorf("the message in it is %+v", m.Message)
		}
	} else {
		var want struct {
			ChatID  string
			Updates []struct {
				ChatID, Signature string
				Events            []struct {
					Type       string
					ClockValue uint64
					Member     string
					Members    []string
					Name       string
				}
			}
		}
		decoded(t, c.Decoded, &want)
		as := Membership{ChatID: want.ChatID}
		for _, u := range want.Updates {
			update := Update{ChatID: u.ChatID, Signature: u.Signature}
			for _, e := range u.Events {
				update.Events = append(update.Events, Event{e.Type, e.ClockValue, e.Member, e.Members, e.Name})
			}
			as.Updates = append(as.Updates, update)
		}
		if !reflect.DeepEqual(m, as) {
			t.Errorf("read as %+v, want %+v", m, as)
		}
	}
	if err := m.Verify(); err != nil {
		t.Error(err)
	}
	for i, want := range c.Signers {
		u := m.Updates[i]
		signer, err := u.Signer()
		if err != nil || signer.String() != want || string(u.signed()) != c.SignedStrings[i] || u.Signature != c.Signatures[i] {
			t.Errorf("update %d: %v, %v, %s", i, signer, err, u.signed())
		}
	}
}
