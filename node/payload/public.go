package payload

import (
	"crypto/ecdsa"
	"fmt"
	"time"

	"sotto/node/identity"
)

// Arrival is how a message reached us on a public chat's topic.
type Arrival struct {
	Chat   string             // name of the chat whose topic and key opened the Whisper message
	Signer identity.PublicKey // of the Whisper message; zero if it was not signed
	Sent   time.Time          // when the Whisper message was sent: its expiry less its time to live
}

// Public is a message of a public chat that passed every rule.
type Public struct {
	ID     ID
	Author identity.PublicKey
	Chat
	// Backdated tells that the clock lies more than MaxAhead before the time of sending: a message posted again, or one
	// inserted into the past. The two cannot be told apart, so it is a flag and no refusal.
	Backdated bool
}

// OpenPublic opens a message that came on a public chat's topic and holds it to every rule of Status spec 6/PAYLOADS,
// and to four more that the specification leaves out: the author must be the signer of the Whisper message, the chat must
// be the one whose topic it came on, its type must be that of public chats, and a payload must not stand under another
// message's type. The error wraps a Reason.
func OpenPublic(wrapped []byte, at Arrival) (Public, error) {
	if at.Signer.IsZero() {
		return Public{}, ReasonUnsigned
	}
	opened, err := Open(wrapped, at.Signer)
	switch {
	case err != nil:
		return Public{}, err
	case opened.Author != at.Signer:
		return Public{}, ReasonAuthor
	case opened.Type != TypeChat:
		return Public{}, fmt.Errorf("%w: %d", ReasonType, opened.Type)
	}
	chat, err := opened.chat(at.Chat, at.Sent)
	if err != nil {
		return Public{}, err
	}
	if err := chat.Validate(at.Sent); err != nil {
		return Public{}, err
	}
	switch {
	case chat.ChatType != ChatPublic:
		return Public{}, ReasonNotPublic
	case chat.ChatID != at.Chat:
		return Public{}, ReasonChat
	}
	return Public{
		ID:        opened.ID,
		Author:    opened.Author,
		Chat:      chat.trusting(at.Sent),
		Backdated: backdated(chat.Clock, at.Sent),
	}, nil
}

// trusting drops claims that nothing can be done with: an answer to what is no message id, an ENS name that is none. It
// bounds the shown time as the clock is bounded, and keeps it by the clock: a message must not stand among those of
// today and show yesterday's time. One that is posted again long after it was written has the clock of then, and keeps
// its time.
func (c Chat) trusting(sent time.Time) Chat {
	if _, err := ParseID(c.ReplyTo); err != nil {
		c.ReplyTo = ""
	}
	c.ENS = claimed(c.ENS)
	latest, ahead := millis(sent.Add(MaxAhead)), uint64(MaxAhead.Milliseconds())
	earliest := max(min(c.Clock, millis(sent)), ahead) - ahead
	c.Timestamp = min(max(c.Timestamp, earliest), latest)
	return c
}

// NextClock is the clock of an outgoing message: now, or one more than the last clock of the chat (0 if it has none),
// whichever is later. With OpenPublic's bound on incoming clocks it is at most two minutes and one step ahead.
func NextClock(now time.Time, last uint64) uint64 {
	return max(millis(now), last+1)
}

// NewText is an outgoing text for a public chat. The clock is NextClock's; replyTo is a message id or empty. The errors
// are those of CheckText, and ErrID.
func NewText(chat, text, replyTo string, clock uint64, now time.Time) (Chat, error) {
	return newText(ChatPublic, chat, text, replyTo, clock, now)
}

// newText is an outgoing text for a chat of any type.
func newText(kind ChatType, chat, text, replyTo string, clock uint64, now time.Time) (Chat, error) {
	if err := CheckText(text); err != nil {
		return Chat{}, err
	}
	if replyTo != "" {
		if _, err := ParseID(replyTo); err != nil {
			return Chat{}, err
		}
	}
	return Chat{
		Clock:     clock,
		Timestamp: millis(now),
		Text:      text,
		ReplyTo:   replyTo,
		ChatID:    chat,
		ChatType:  kind,
		Content:   ContentText,
	}, nil
}

// Seal encodes, signs and wraps an outgoing chat message. The id is the one that every receiver will compute.
func (c Chat) Seal(key *ecdsa.PrivateKey) (wrapped []byte, id ID, err error) {
	return encodeAndSeal(key, TypeChat, c.Encode)
}

// encodeAndSeal is seal for a message that is still to be encoded.
func encodeAndSeal(key *ecdsa.PrivateKey, kind Type, encode func() ([]byte, error)) (wrapped []byte, id ID, err error) {
	encoded, err := encode()
	if err != nil {
		return nil, ID{}, err
	}
	return seal(key, kind, encoded)
}

// seal signs and wraps an outgoing payload and computes its id.
func seal(key *ecdsa.PrivateKey, kind Type, encoded []byte) (wrapped []byte, id ID, err error) {
	wrapped, err = Wrap(key, kind, encoded)
	if err != nil {
		return nil, ID{}, err
	}
	return wrapped, IDOf(identity.KeyOf(&key.PublicKey), wrapped), nil
}
