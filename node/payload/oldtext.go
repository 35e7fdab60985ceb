package payload

import (
	"math"
	"time"

	"sotto/node/payload/transit"
)

// chat reads a chat message in either format. here is the chat in which it came: the oldest messages do not say where they
// belong, and have no signature but that of the Whisper message that brought them, so that nobody can have passed them on.
func (o Opened) chat(here string, sent time.Time) (Chat, error) {
	if o.old == nil {
		return DecodeChat(o.Payload)
	}
	c, err := chatOfOld(o.old.Text, sent)
	if o.bare && c.ChatID == "" {
		c.ChatID = here
	}
	return c, err
}

// Chats and contents of 2019. Others were made locally, or were commands to a wallet.
var (
	oldChatTypes = map[string]ChatType{
		"user-message":              ChatPrivate,
		"public-group-user-message": ChatPublic,
		"group-user-message":        ChatGroup,
	}
	oldContents = map[string]ContentType{
		"text/plain": ContentText,
		"sticker":    ContentSticker,
		"status":     ContentStatus,
		"emoji":      ContentEmoji,
	}
)

// chatOfOld is a text of 2019 as one of today: ReasonContent, ReasonOldGroup.
func chatOfOld(t transit.Text, sent time.Time) (Chat, error) {
	c := Chat{
		Clock:     oldClock(t.Clock, sent),
		Timestamp: t.Timestamp,
		Text:      t.Text,
		ReplyTo:   t.ReplyTo,
		ENS:       t.Name,
		ChatID:    t.ChatID,
		ChatType:  oldChatTypes[t.ChatType],
		Content:   oldContents[t.ContentType],
		Sticker:   Sticker{Hash: t.Hash, Pack: int32(min(t.Pack, math.MaxInt32))},
	}
	if c.Content == ContentSticker && c.Text == "" {
		c.Text = c.Content.Unsupported() // today's stickers have a sentence for older apps
	}
	switch {
	case c.ChatType == ChatGroup:
		return Chat{}, ReasonOldGroup
	case c.Content == ContentUnknown:
		return Chat{}, ReasonContent
	}
	return c, nil
}

// What the clocks of 2019 count in. The first apps counted hundredths of a millisecond; later ones counted milliseconds, but
// only in chats in which nobody had counted hundredths before. Milliseconds since 1970 have more digits than oldLeast only from
// the year 2286 on, hundredths had them in 1973.
const (
	oldLeast  = 10_000_000_000_000
	oldPerMS  = 100
	oldSteps  = 9
	oldFuture = 31 * 24 * time.Hour
)

// oldClock is a clock of 2019 in milliseconds, the unit of today's, among which it then has its place.
//
// Hundredths that are no more than steps of one would fall together: an app whose time was behind wrote clocks one apart for
// what was said in one go. So up to oldSteps of them count as milliseconds. That changes no other order: an answer was ten
// milliseconds and more after what it answered, and where the time was right each clock began at a whole millisecond.
//
// In the chats of 2019 a clock may be ahead of the time by as much as oldFuture, its own bound: one wrong clock drew
// everybody's along. Such a message is no forgery and not refused, but it does not stand above everything until then either:
// its clock counts as the latest that may be. Beyond that it stays as it is, for checkClock to refuse.
func oldClock(clock uint64, sent time.Time) uint64 {
	if clock >= oldLeast {
		clock = clock/oldPerMS + min(clock%oldPerMS, oldSteps)
	}
	if latest := millis(sent.Add(MaxAhead)); clock <= millis(sent.Add(oldFuture)) {
		return min(clock, latest)
	}
	return clock
}
