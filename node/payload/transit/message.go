package transit

import (
	"cmp"
	"errors"
)

// ErrTag tells that a well-formed message is of no kind that is known here.
var ErrTag = errors.New("transit: unknown tag")

// Tag says what kind a message is.
type Tag string

// The kinds of messages.
const (
	TagContactRequest   Tag = "c2" // Contact
	TagContactConfirmed Tag = "c3" // Contact
	TagText             Tag = "c4" // Text
	TagSeen             Tag = "c5" // Seen
	TagContactUpdate    Tag = "c6" // Contact
	TagNewText          Tag = "c7" // Text, in a form that few clients wrote
	TagMembership       Tag = "g5" // Membership
	TagSync             Tag = "p1" // Sync
	TagPair             Tag = "p2" // Pair
)

// Bounds of the lists in messages.
const (
	mostSeen     = 4096
	mostContacts = 4096
)

// Message is one message; its Tag says which of the other fields is set.
type Message struct {
	Tag        Tag
	Text       Text
	Contact    Contact
	Seen       []string // ids of messages
	Membership Membership
	Sync       Sync
	Pair       Pair
}

// Text is what somebody said. Nothing in it was judged.
type Text struct {
	Text        string
	ContentType string // "text/plain", "sticker", "status", "emoji", "command", …
	ChatType    string // "user-message", "public-group-user-message", "group-user-message"
	Clock       uint64 // in hundredths of a millisecond, or in milliseconds
	Timestamp   uint64 // the author's clock, Unix milliseconds
	ChatID      string // empty in what the oldest clients wrote
	ReplyTo     string // id of the message that this one answers
	Name        string // the ENS name that the author claims
	Hash        string // of a sticker
	Pack        uint64 // of a sticker
}

// Contact is what somebody tells a contact about themselves.
type Contact struct {
	Name      string
	Image     string // data URI, or base64
	Address   string // of a wallet
	PushToken string
}

// Sync is what a device told another one of the same person. Of its contents only the shape was read.
type Sync struct {
	Contacts      int
	Account, Chat bool // whether there is something about them
}

// Pair is how a device told the others of the same person that it is there.
type Pair struct {
	Installation string
	DeviceType   string
	Name         string
	PushToken    string
}

// Decode reads a message. The errors are ErrMalformed and ErrTag.
func Decode(payload []byte) (Message, error) {
	v, err := read(payload)
	if err != nil {
		return Message{}, err
	}
	t, ok := v.(tagged)
	if !ok {
		return Message{}, ErrMalformed
	}
	var c check
	m := Message{Tag: Tag(t.tag)}
	switch m.Tag {
	case TagText, TagNewText:
		m.Text = c.message(t.value)
	case TagContactRequest, TagContactConfirmed, TagContactUpdate:
		m.Contact = c.contact(c.list(t.value, maxValues))
	case TagSeen:
		m.Seen = c.texts(t.value, mostSeen)
	case TagMembership:
		m.Membership = c.membership(c.list(t.value, maxValues))
	case TagSync:
		m.Sync = c.sync(c.list(t.value, maxValues))
	case TagPair:
		m.Pair = c.pair(c.list(t.value, maxValues))
	default:
		return Message{}, ErrTag
	}
	if c.failed {
		return Message{}, ErrMalformed
	}
	return m, nil
}

// message takes a text apart: content, its type, type of the chat, clock, timestamp, content again. What stands in the first
// place is the plain text where the last one holds more, and otherwise the content itself.
func (c *check) message(v any) Text {
	list := c.list(v, maxValues)
	t := Text{
		ContentType: c.text(at(list, 1)),
		ChatType:    c.name(at(list, 2)),
		Clock:       c.number(at(list, 3)),
		Timestamp:   c.number(at(list, 4)),
	}
	first := at(list, 0)
	t.Text, _ = first.(string)
	content, ok := at(list, 5).(mapping)
	if !ok {
		content, _ = first.(mapping)
	}
	if text := content["text"]; text != nil {
		t.Text = c.text(text)
	}
	t.ChatID, t.Name = c.text(content["chat-id"]), c.text(content["name"])
	t.ReplyTo = cmp.Or(c.text(content["response-to-v2"]), c.text(content["response-to"]))
	t.Hash, t.Pack = c.text(content["hash"]), c.number(content["pack"])
	return t
}

func (c *check) contact(list []any) Contact {
	return Contact{
		Name:      c.text(at(list, 0)),
		Image:     c.text(at(list, 1)),
		Address:   c.text(at(list, 2)),
		PushToken: c.text(at(list, 3)),
	}
}

func (c *check) sync(list []any) (s Sync) {
	if m, ok := at(list, 0).(mapping); ok {
		s.Contacts = len(m)
	} else {
		s.Contacts = len(c.list(at(list, 0), mostContacts))
	}
	s.Account, s.Chat = at(list, 1) != nil, at(list, 2) != nil
	return s
}

func (c *check) pair(list []any) Pair {
	return Pair{
		Installation: c.text(at(list, 0)),
		DeviceType:   c.text(at(list, 1)),
		Name:         c.text(at(list, 2)),
		PushToken:    c.text(at(list, 3)),
	}
}
