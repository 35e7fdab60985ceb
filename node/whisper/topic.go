package whisper

import "encoding/hex"

// TopicLength is the length of a topic in bytes (EIP-627).
const TopicLength = 4

// Topic is the only thing an envelope says about its content in the open. Many names share one topic.
type Topic [TopicLength]byte

// TopicOf derives the topic of a name: the first four bytes of its Keccak-256 hash (Status spec 3/WHISPER-USAGE).
// The name is taken as it is; callers fold case where the name's kind asks for it.
func TopicOf(name string) Topic {
	h := HashOf([]byte(name))
	return Topic(h[:TopicLength])
}

// String is the topic in lower-case hex without prefix.
func (t Topic) String() string { return hex.EncodeToString(t[:]) }
