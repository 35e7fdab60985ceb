package payload

import "strconv"

// Type is the type of an application message, as its wrapper tells it. The signature does not cover it.
type Type int32

// Types of application messages. TypeSync, TypeSyncAccount and TypeReaction are known by name only. The last two are ours,
// with numbers that deployed clients do not know and skip.
const (
	TypeUnknown     Type = 0
	TypeChat        Type = 1
	TypeContact     Type = 2
	TypeMembership  Type = 3
	TypePair        Type = 4
	TypeSync        Type = 5
	TypeSyncContact Type = 12
	TypeSyncAccount Type = 13
	TypeSyncChat    Type = 14
	TypeContactCode Type = 15
	TypeReaction    Type = 22
	TypeInvitation  Type = 23
	TypeSyncState   Type = 1001
	TypeHandedOver  Type = 1002
)

// ChatType is what sort of chat a message is meant for.
type ChatType int32

// Types of chats. A message of type ChatSystem is made locally and never travels.
const (
	ChatUnknown ChatType = 0
	ChatPrivate ChatType = 1
	ChatPublic  ChatType = 2
	ChatGroup   ChatType = 3
	ChatSystem  ChatType = 4
)

// ContentType is what sort of thing a chat message is.
type ContentType int32

// Types of content. ContentTransaction and ContentSystem are made locally and never travel.
const (
	ContentUnknown     ContentType = 0
	ContentText        ContentType = 1
	ContentSticker     ContentType = 2
	ContentStatus      ContentType = 3
	ContentEmoji       ContentType = 4
	ContentTransaction ContentType = 5
	ContentSystem      ContentType = 6
	ContentImage       ContentType = 7
	ContentAudio       ContentType = 8
	ContentCommunity   ContentType = 9
)

// Supported tells whether the text of a message of this content type is what its author said. For the others the text is
// only a sentence about an app that can show more, and Unsupported gives the line to show in its place.
func (c ContentType) Supported() bool {
	return c == ContentText || c == ContentStatus || c == ContentEmoji
}

// Unsupported is the neutral line that stands for a message whose content Sotto does not show. It is empty for supported
// content.
func (c ContentType) Unsupported() string {
	if c.Supported() {
		return ""
	}
	return "This message needs another app: " + c.String()
}

// String names the type in a word or two for people.
func (c ContentType) String() string {
	switch c {
	case ContentText:
		return "text"
	case ContentSticker:
		return "sticker"
	case ContentStatus:
		return "status"
	case ContentEmoji:
		return "emoji"
	case ContentTransaction:
		return "transaction"
	case ContentSystem:
		return "system message"
	case ContentImage:
		return "image"
	case ContentAudio:
		return "voice message"
	case ContentCommunity:
		return "community invitation"
	}
	return "content of kind " + strconv.Itoa(int(c))
}
