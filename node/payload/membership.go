package payload

import (
	"crypto/ecdsa"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/payload/group"
	"sotto/node/payload/wire"
)

// MaxEvents is the most events that one membership update brings.
const MaxEvents = group.MaxUpdate

// DigestLength is the size in bytes of the digest that clients of our kind send beside a group's events.
const DigestLength = 16

// Membership is what travels between the members of a private group: signed events and, where somebody says something, the
// text beside those that show that they may (MembershipUpdateMessage of Status spec 6/PAYLOADS).
type Membership struct {
	ChatID string
	Events [][]byte // as they travel; for package group to read. Whoever sends them need not be their author
	Text   *Chat    // nil where only events are told
	// Reaction is nil where there is none. Never both a text and a reaction.
	Reaction *Reaction
	// Digest is group.Digest of all that the sender has, of DigestLength bytes. It is ours; deployed clients neither read
	// nor write it, and then it is empty, as where it has another length.
	Digest []byte
}

// Reaction is an emoji in answer to a message (EmojiReaction of Status spec 6/PAYLOADS). It is read and not shown.
type Reaction struct {
	Clock     uint64
	ChatID    string
	MessageID string
	ChatType  ChatType
	Emoji     int32 // 1 love, 2 thumbs up, 3 thumbs down, 4 laugh, 5 sad, 6 angry
	Retracted bool
}

// The highest numbers of fields that are known here.
const (
	lastMembershipField protowire.Number = 4
	lastReactionField   protowire.Number = 6
)

// DecodeMembership reads a membership update and refuses what is none: ReasonOversized, ReasonMalformed, ReasonFields,
// ReasonTooMany. It judges no values, and reads no events.
func DecodeMembership(payload []byte) (Membership, error) {
	var m wire.MembershipUpdateMessage
	if err := decode(payload, &m, lastMembershipField); err != nil {
		return Membership{}, err
	}
	if len(m.GetEvents()) > MaxEvents {
		return Membership{}, ReasonTooMany
	}
	update := Membership{ChatID: m.GetChatId(), Events: m.GetEvents()}
	if len(m.GetDigest()) == DigestLength {
		update.Digest = m.GetDigest()
	}
	if text := m.GetMessage(); text != nil {
		if hasFieldUpTo(text, lastChatField) {
			return Membership{}, ReasonFields
		}
		chat := chatOf(text)
		update.Text = &chat
	}
	if reaction := m.GetEmojiReaction(); reaction != nil {
		if hasFieldUpTo(reaction, lastReactionField) {
			return Membership{}, ReasonFields
		}
		update.Reaction = reactionOf(reaction)
	}
	return update, nil
}

func reactionOf(m *wire.EmojiReaction) *Reaction {
	return &Reaction{
		Clock:     m.GetClock(),
		ChatID:    m.GetChatId(),
		MessageID: m.GetMessageId(),
		ChatType:  ChatType(m.GetMessageType()),
		Emoji:     m.GetType(),
		Retracted: m.GetRetracted(),
	}
}

// Encode is the update's protobuf. The error is ReasonBadText, or ReasonTooMany.
func (u Membership) Encode() ([]byte, error) {
	if len(u.Events) > MaxEvents {
		return nil, ReasonTooMany
	}
	m := wire.MembershipUpdateMessage{ChatId: u.ChatID, Events: u.Events, Digest: u.Digest}
	switch {
	case u.Text != nil:
		m.ChatEntity = &wire.MembershipUpdateMessage_Message{Message: u.Text.protobuf()}
	case u.Reaction != nil:
		m.ChatEntity = &wire.MembershipUpdateMessage_EmojiReaction{EmojiReaction: &wire.EmojiReaction{
			Clock: u.Reaction.Clock, ChatId: u.Reaction.ChatID, MessageId: u.Reaction.MessageID,
			MessageType: int32(u.Reaction.ChatType), Type: u.Reaction.Emoji, Retracted: u.Reaction.Retracted,
		}}
	}
	return marshal(&m)
}

// Seal encodes, signs and wraps an outgoing update. The id is the one that every receiver will compute, and so the bytes
// must be the same for every receiver.
func (u Membership) Seal(key *ecdsa.PrivateKey) (wrapped []byte, id ID, err error) {
	return encodeAndSeal(key, TypeMembership, u.Encode)
}

// Validate judges an update that came in a Whisper message sent at the given time. It returns the Reason of the first rule
// that the update breaks: ReasonGroupID, ReasonReaction, ReasonGroup, or one of Chat.Validate. Each event is judged on its
// own, by package group.
func (u Membership) Validate(sent time.Time) error {
	if _, err := group.Creator(u.ChatID); err != nil {
		return ReasonGroupID
	}
	switch {
	case u.Reaction != nil:
		return ReasonReaction
	case u.Text == nil:
		return nil
	}
	if err := u.Text.Validate(sent); err != nil {
		return err
	}
	if u.Text.ChatType != ChatGroup || u.Text.ChatID != u.ChatID {
		return ReasonGroup
	}
	return nil
}

// NewGroupText is an outgoing text to a group. The clock is NextClock's; replyTo is a message id or empty. The errors are
// those of CheckText, and ErrID.
func NewGroupText(chat, text, replyTo string, clock uint64, now time.Time) (Chat, error) {
	return newText(ChatGroup, chat, text, replyTo, clock, now)
}

// RawEvents is events as Membership carries them.
func RawEvents(events []group.Event) [][]byte {
	raw := make([][]byte, 0, len(events))
	for _, e := range events {
		raw = append(raw, e.Raw)
	}
	return raw
}
