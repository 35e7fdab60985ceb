package payload

import (
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"sotto/node/payload/wire"
)

// Bounds of a chat message.
const (
	MaxText  = 4096            // Unicode code points
	MaxENS   = 255             // bytes of an ENS name; a longer claim is ignored
	MaxAhead = 2 * time.Minute // of the clock before the time when the Whisper message was sent
)

// Chat is a chat message (ChatMessage of Status spec 6/PAYLOADS).
type Chat struct {
	Clock     uint64 // Lamport clock in milliseconds: the order within a chat
	Timestamp uint64 // the author's clock, Unix milliseconds
	Text      string
	ReplyTo   string // id of the message that this one answers, "0x…", or empty
	ENS       string // the ENS name that the author claims; not verified
	ChatID    string
	ChatType  ChatType
	Content   ContentType
	Sticker   Sticker
	Image     Media
	Audio     Media
}

// Sticker names a picture of a sticker pack.
type Sticker struct {
	Hash string // hexadecimal content hash
	Pack int32
}

// Media is an image or a recording.
type Media struct {
	Data     []byte
	Format   int32         // of an image: 1 PNG, 2 JPEG, 3 WebP, 4 GIF; of a recording: 1 AAC, 2 AMR
	Duration time.Duration // of a recording
}

// lastChatField is the highest number of a field of ChatMessage that is known here.
const lastChatField protowire.Number = 11

// DecodeChat reads a chat message and refuses what is none: ReasonMalformed, ReasonFields. It judges no values.
func DecodeChat(payload []byte) (Chat, error) {
	var m wire.ChatMessage
	if err := decode(payload, &m, lastChatField); err != nil {
		return Chat{}, err
	}
	return chatOf(&m), nil
}

func chatOf(m *wire.ChatMessage) Chat {
	return Chat{
		Clock:     m.GetClock(),
		Timestamp: m.GetTimestamp(),
		Text:      m.GetText(),
		ReplyTo:   m.GetResponseTo(),
		ENS:       m.GetEnsName(),
		ChatID:    m.GetChatId(),
		ChatType:  ChatType(m.GetMessageType()),
		Content:   ContentType(m.GetContentType()),
		Sticker:   Sticker{m.GetSticker().GetHash(), m.GetSticker().GetPack()},
		Image:     Media{Data: m.GetImage().GetPayload(), Format: m.GetImage().GetType()},
		Audio: Media{
			Data:     m.GetAudio().GetPayload(),
			Format:   m.GetAudio().GetType(),
			Duration: milliseconds(m.GetAudio().GetDurationMs()),
		},
	}
}

// milliseconds is a duration out of an unbounded number: at most a day.
func milliseconds(n uint64) time.Duration {
	return time.Duration(min(n, uint64(24*time.Hour/time.Millisecond))) * time.Millisecond
}

// Encode is the message's protobuf. The error is ReasonBadText.
func (c Chat) Encode() ([]byte, error) { return marshal(c.protobuf()) }

// marshal is the one protobuf form of a message. The error is ReasonBadText.
func marshal(m proto.Message) ([]byte, error) {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, ReasonBadText
	}
	return encoded, nil
}

func (c Chat) protobuf() *wire.ChatMessage {
	m := &wire.ChatMessage{
		Clock:       c.Clock,
		Timestamp:   c.Timestamp,
		Text:        c.Text,
		ResponseTo:  c.ReplyTo,
		EnsName:     c.ENS,
		ChatId:      c.ChatID,
		MessageType: int32(c.ChatType),
		ContentType: int32(c.Content),
	}
	switch c.Content {
	case ContentSticker:
		m.Content = &wire.ChatMessage_Sticker{Sticker: &wire.StickerMessage{Hash: c.Sticker.Hash, Pack: c.Sticker.Pack}}
	case ContentImage:
		m.Content = &wire.ChatMessage_Image{Image: &wire.ImageMessage{Payload: c.Image.Data, Type: c.Image.Format}}
	case ContentAudio:
		m.Content = &wire.ChatMessage_Audio{Audio: &wire.AudioMessage{
			Payload: c.Audio.Data, Type: c.Audio.Format, DurationMs: uint64(c.Audio.Duration / time.Millisecond),
		}}
	}
	return m
}

// Validate judges a chat message that came in a Whisper message sent at the given time (Status spec 6/PAYLOADS). It
// returns the Reason of the first rule that the message breaks. Old clocks are allowed; see Public.Backdated.
func (c Chat) Validate(sent time.Time) error {
	if err := checkClock(c.Clock, sent); err != nil {
		return err
	}
	switch {
	case c.Timestamp == 0:
		return ReasonNoTime
	case c.ChatID == "":
		return ReasonNoChat
	case c.ChatType == ChatUnknown || c.ChatType == ChatSystem:
		return ReasonChatType
	}
	if err := CheckText(c.Text); err != nil {
		return err
	}
	return c.validateContent()
}

// checkClock judges the clock of any message that came in a Whisper message sent at the given time: ReasonNoClock,
// ReasonFuture. A clock from far ahead would stand above everything that is said for years.
func checkClock(clock uint64, sent time.Time) error {
	switch {
	case clock == 0:
		return ReasonNoClock
	case clock > millis(sent.Add(MaxAhead)):
		return ReasonFuture
	}
	return nil
}

// backdated tells that a clock lies more than MaxAhead before the time of sending.
func backdated(clock uint64, sent time.Time) bool { return clock < millis(sent.Add(-MaxAhead)) }

// CheckText judges the text of any chat message: ReasonBlank, ReasonTooLong, ReasonBadText.
func CheckText(text string) error {
	switch {
	case len(text) > MaxText*utf8.UTFMax || utf8.RuneCountInString(text) > MaxText:
		return ReasonTooLong
	case !utf8.ValidString(text):
		return ReasonBadText
	case strings.TrimSpace(text) == "":
		return ReasonBlank
	}
	return nil
}

func (c Chat) validateContent() error {
	switch c.Content {
	case ContentUnknown, ContentTransaction, ContentSystem: // deployed clients take the last, and show what is not theirs as their own
		return ReasonContent
	case ContentSticker:
		if c.Sticker.Hash == "" {
			return ReasonNoSticker
		}
	case ContentImage:
		if len(c.Image.Data) == 0 || c.Image.Format == 0 {
			return ReasonNoImage
		}
	case ContentAudio:
		if len(c.Audio.Data) == 0 || c.Audio.Format == 0 {
			return ReasonNoAudio
		}
	}
	return nil
}

// millis is t in Unix milliseconds, the unit of clocks; 0 before 1970.
func millis(t time.Time) uint64 { return uint64(max(t.UnixMilli(), 0)) }
