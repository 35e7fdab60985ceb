package payload

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/hex"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
	"sotto/node/payload/group"
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

// Every application message: its wrapper byte for byte, who wrote it, its id; of the types that are read here also the
// fields and the payload byte for byte, and whether it is taken where it belongs. The others are refused by their type.
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
			switch c.Type {
			case TypeChat:
				checkChat(t, c, payload)
			case TypeContact:
				checkContactUpdate(t, c, payload)
			case TypeContactCode:
				checkContactCode(t, c, payload)
			case TypeInvitation:
				checkInvitation(t, c, payload)
			case TypeSyncContact:
				checkSyncContact(t, c, payload)
			case TypeSyncChat:
				checkSyncChat(t, c, payload)
			}
			checkPrivate(t, c, wrapped)
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
	checkFields(t, c, chatFields(chat))
	if encoded, err := chat.Encode(); err != nil || !bytes.Equal(encoded, payload) {
		t.Errorf("encoded %x, %v", encoded, err)
	}
	if err := chat.Validate(time.UnixMilli(int64(chat.Timestamp))); err != nil {
		t.Errorf("refused: %v", err)
	}
}

func checkContactUpdate(t *testing.T, c recorded, payload []byte) {
	t.Helper()
	update, err := DecodeContactUpdate(payload)
	if err != nil {
		t.Fatal(err)
	}
	checkFields(t, c, map[string]any{"clock": update.Clock, "ens_name": update.Name, "profile_image": update.Image})
	if encoded, err := update.Encode(); err != nil || !bytes.Equal(encoded, payload) {
		t.Errorf("encoded %x, %v", encoded, err)
	}
}

func checkContactCode(t *testing.T, c recorded, payload []byte) {
	t.Helper()
	if code, err := DecodeContactCode(payload); err != nil || code != (ContactCode{}) {
		t.Errorf("read as %+v, %v", code, err)
	}
	key, err := crypto.ToECDSA(mustHex(t, c.AuthorPrivate))
	if err != nil {
		t.Fatal(err)
	}
	if got, id, err := SealContactCode(key); err != nil || hex.EncodeToString(got) != c.Wrapped || id.String() != c.ID {
		t.Errorf("sealed %x, %v", got, err)
	}
	if _, err := OpenContactCode(mustHex(t, c.Wrapped), keyOf(key), keyOf(key)); err != nil {
		t.Errorf("refused: %v", err)
	}
}

func checkInvitation(t *testing.T, c recorded, payload []byte) {
	t.Helper()
	invitation, err := DecodeInvitation(payload)
	if err != nil || invitation.State != InvitationRequest || invitation.Text != "let me in" {
		t.Errorf("read as %+v, %v", invitation, err)
	}
	checkEncoded(t, invitation, payload)
	checkSealed(t, c, invitation)
}

func checkSyncContact(t *testing.T, c recorded, payload []byte) {
	t.Helper()
	contact, err := DecodeSyncContact(payload)
	if err != nil || contact.Updated != 5 || !slices.Equal(contact.Tags, []string{TagAdded}) || contact.Name != "bob.stateofus.eth" {
		t.Errorf("read as %+v, %v", contact, err)
	}
	checkFields(t, c, map[string]any{"id": contact.Key.String(), "local_nickname": contact.Nickname})
	checkEncoded(t, contact, payload)
	checkSealed(t, c, contact)
}

func checkSyncChat(t *testing.T, c recorded, payload []byte) {
	t.Helper()
	chat, err := DecodeSyncChat(payload)
	if err != nil {
		t.Fatal(err)
	}
	checkFields(t, c, map[string]any{"id": chat.Name})
	checkEncoded(t, chat, payload)
	checkSealed(t, c, chat)
}

func checkEncoded(t *testing.T, message interface{ Encode() ([]byte, error) }, want []byte) {
	t.Helper()
	if encoded, err := message.Encode(); err != nil || !bytes.Equal(encoded, want) {
		t.Errorf("encoded %x, %v", encoded, err)
	}
}

// sealer is any message that can be signed.
type sealer interface {
	Seal(key *ecdsa.PrivateKey) ([]byte, ID, error)
}

func checkSealed(t *testing.T, c recorded, message sealer) {
	t.Helper()
	key, err := crypto.ToECDSA(mustHex(t, c.AuthorPrivate))
	if err != nil {
		t.Fatal(err)
	}
	if wrapped, id, err := message.Seal(key); err != nil || hex.EncodeToString(wrapped) != c.Wrapped || id.String() != c.ID {
		t.Errorf("sealed %x, %v", wrapped, err)
	}
}

// A group's text and reaction: the wrapper and the update in it byte for byte, the events in it, and that the author of the
// text may write it by them.
func TestVectorGroupMessages(t *testing.T) {
	var cases []recorded
	vectortest.Load(t, "group.json", "messages", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			payload, wrapped := mustHex(t, c.Payload), mustHex(t, c.Wrapped)
			checkOpening(t, c, payload, wrapped)
			checkWrapping(t, c, payload, wrapped)
			update, err := DecodeMembership(payload)
			if err != nil {
				t.Fatal(err)
			}
			checkEncoded(t, update, payload)
			author, err := identity.DecodePublicKey(mustHex(t, c.AuthorPublic))
			if err != nil {
				t.Fatal(err)
			}
			at := PrivateArrival{Self: keyOf(private(t, 0xbb)), Signer: author, Sent: time.UnixMilli(1605787200010)}
			in, err := OpenPrivate(wrapped, at)
			if update.Reaction != nil {
				if ReasonOf(err) != ReasonReaction || update.Reaction.Emoji != 1 || update.Reaction.ChatType != ChatGroup ||
					update.Reaction.Retracted || update.Reaction.ChatID != update.ChatID || update.Reaction.MessageID == "" {
					t.Errorf("a reaction %+v: %v", update.Reaction, err)
				}
				return
			}
			if err != nil || in.Membership.Text == nil || in.Membership.Text.Text != "group text" {
				t.Fatalf("opened as %+v, %v", in, err)
			}
			checkAdmitted(t, in.Membership, author, at.Sent)
		})
	}
}

// checkAdmitted holds that by the events beside a text its author may write it.
func checkAdmitted(t *testing.T, update Membership, author identity.PublicKey, sent time.Time) {
	t.Helper()
	var events []group.Event
	for _, raw := range update.Events {
		e, err := group.DecodeEvent(update.ChatID, raw)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	state, ignored := group.Replay(update.ChatID, events)
	if err := state.Admits(author, update.Text.Clock, sent); err != nil || len(ignored) > 0 || len(events) != 3 {
		t.Errorf("%v, ignoring %v", err, ignored)
	}
}

// checkPrivate lets the message come encrypted for whom it names, or for Bob if it names nobody. What devices tell each other
// comes from one of Bob's own, and from somebody else.
func checkPrivate(t *testing.T, c recorded, wrapped []byte) {
	t.Helper()
	at := PrivateArrival{Self: keyOf(private(t, 0xbb)), Sent: time.UnixMilli(1605787200123)}
	opened, err := Open(wrapped, keyOf(private(t, 0xaa)))
	if err != nil {
		t.Fatal(err)
	}
	at.Signer = opened.Author
	var want Reason
	switch chat, _ := DecodeChat(opened.Payload); {
	case c.Signature == "":
		want = ReasonUnsigned
	case c.Type == TypeChat && chat.ChatType == ChatPrivate:
		if at.Self, err = identity.ParsePublicKey(chat.ChatID); err != nil {
			t.Fatal(err)
		}
	case c.Type == TypeChat:
		want = ReasonNotPrivate
	case c.Type == TypeSyncContact || c.Type == TypeSyncChat:
		if _, err := OpenPrivate(wrapped, at); ReasonOf(err) != ReasonType {
			t.Errorf("from somebody else: %v", err)
		}
		at.Self = at.Signer
	case c.Type != TypeContact && c.Type != TypeInvitation:
		want = ReasonType
	}
	if _, err := OpenPrivate(wrapped, at); ReasonOf(err) != want || (err == nil) != (want == "") {
		t.Errorf("as a private message: %v, want %q", err, want)
	}
}

// checkFields compares a message's fields, under the names of the vectors, with the recorded ones.
func checkFields(t *testing.T, c recorded, fields map[string]any) {
	t.Helper()
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any // in the types that the recorded ones were read to
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range c.Fields {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

func chatFields(c Chat) map[string]any {
	return map[string]any{
		"chat_id": c.ChatID, "clock": c.Clock, "timestamp": c.Timestamp, "text": c.Text, "ens_name": c.ENS,
		"response_to": c.ReplyTo, "message_type": c.ChatType, "content_type": c.Content,
		"sticker.hash": c.Sticker.Hash, "sticker.pack": c.Sticker.Pack,
		"image.payload": hex.EncodeToString(c.Image.Data), "image.type": c.Image.Format,
		"audio.payload": hex.EncodeToString(c.Audio.Data), "audio.type": c.Audio.Format,
		"duration_ms": c.Audio.Duration.Milliseconds(),
	}
}
