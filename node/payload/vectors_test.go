package payload

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
	"sotto/node/vectortest"
)

// recorded is one application message of the vectors.
type recorded struct {
	Name          string
	AuthorPrivate string `json:"author_private"`
	AuthorPublic  string `json:"author_public"`
	Fields        map[string]any
	Hash          string `json:"keccak256_of_payload"`
	ID            string `json:"message_id"`
	Payload       string `json:"payload_protobuf"`
	Signature     string
	Type          Type
	Wrapped       string
}

// Every application message: its wrapper byte for byte, who wrote it, its id; of chat messages also the fields and the
// payload byte for byte.
func TestVectorMessages(t *testing.T) {
	var cases []recorded
	vectortest.Load(t, "payloads.json", "messages", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			payload, wrapped := mustHex(t, c.Payload), mustHex(t, c.Wrapped)
			if got := hex.EncodeToString(crypto.Keccak256(payload)); got != c.Hash {
				t.Errorf("hash %s", got)
			}
			checkOpening(t, c, payload, wrapped)
			checkWrapping(t, c, payload, wrapped)
			if c.Type == TypeChat {
				checkChat(t, c, payload)
			}
		})
	}
}

func checkOpening(t *testing.T, c recorded, payload, wrapped []byte) {
	t.Helper()
	outer := keyOf(private(t, 0xbb)) // signer of the Whisper message, who counts for unsigned wrappers only
	opened, err := Open(wrapped, outer)
	if err != nil {
		t.Fatal(err)
	}
	if opened.Type != c.Type || !bytes.Equal(opened.Payload, payload) || opened.Signed != (c.Signature != "") {
		t.Errorf("opened as %+v", opened)
	}
	if !opened.Signed {
		if opened.Author != outer || opened.ID != IDOf(outer, wrapped) {
			t.Error("an unsigned message is not its bearer's")
		}
		return
	}
	if hex.EncodeToString(opened.Author[:]) != c.AuthorPublic || opened.ID.String() != c.ID {
		t.Errorf("author %v, id %v", opened.Author, opened.ID)
	}
}

func checkWrapping(t *testing.T, c recorded, payload, wrapped []byte) {
	t.Helper()
	if c.AuthorPrivate == "" {
		return
	}
	key, err := crypto.ToECDSA(mustHex(t, c.AuthorPrivate))
	if err != nil {
		t.Fatal(err)
	}
	if signature, err := identity.Sign(key, payload); err != nil || hex.EncodeToString(signature) != c.Signature {
		t.Errorf("signature %x, %v", signature, err)
	}
	if got, err := Wrap(key, c.Type, payload); err != nil || !bytes.Equal(got, wrapped) {
		t.Errorf("wrapped %x, %v", got, err)
	}
}

func checkChat(t *testing.T, c recorded, payload []byte) {
	t.Helper()
	chat, err := DecodeChat(payload)
	if err != nil {
		t.Fatal(err)
	}
	got := fieldsOf(t, chat)
	for name, want := range c.Fields {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if encoded, err := chat.Encode(); err != nil || !bytes.Equal(encoded, payload) {
		t.Errorf("encoded %x, %v", encoded, err)
	}
	if err := chat.Validate(time.UnixMilli(int64(chat.Timestamp))); err != nil {
		t.Errorf("refused: %v", err)
	}
}

// fieldsOf is the message under the names and in the JSON types of the vectors.
func fieldsOf(t *testing.T, c Chat) map[string]any {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"chat_id": c.ChatID, "clock": c.Clock, "timestamp": c.Timestamp, "text": c.Text, "ens_name": c.ENS,
		"response_to": c.ReplyTo, "message_type": c.ChatType, "content_type": c.Content,
		"sticker.hash": c.Sticker.Hash, "sticker.pack": c.Sticker.Pack,
		"image.payload": hex.EncodeToString(c.Image.Data), "image.type": c.Image.Format,
		"audio.payload": hex.EncodeToString(c.Audio.Data), "audio.type": c.Audio.Format,
		"duration_ms": c.Audio.Duration.Milliseconds(),
	})
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}
