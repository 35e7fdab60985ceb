package payload

import (
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

func TestDecodeChatRefusals(t *testing.T) {
	good, err := hello().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		payload []byte
		want    Reason
	}{
		"noise":         {[]byte{0xff}, ReasonMalformed},
		"cut short":     {good[:len(good)-1], ReasonMalformed},
		"not unicode":   {field(nil, 3, []byte{0xff}), ReasonMalformed},
		"text as clock": {field(good, 1, []byte("x")), ReasonFields},
		"giant":         {make([]byte, MaxWrapped+1), ReasonOversized},
	} {
		if _, err := DecodeChat(c.payload); ReasonOf(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Later versions of the protocol add fields; they do no harm.
func TestDecodeChatSkipsLaterFields(t *testing.T) {
	encoded, err := hello().Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeChat(field(encoded, 12, []byte("community")))
	if err != nil || !reflect.DeepEqual(got, hello()) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDecodeChatBoundsDurations(t *testing.T) {
	audio := protowire.AppendVarint(protowire.AppendTag(nil, 3, protowire.VarintType), 1<<64-1)
	got, err := DecodeChat(field(nil, 11, audio))
	if err != nil || got.Audio.Duration != 24*time.Hour {
		t.Errorf("got %v, %v", got.Audio.Duration, err)
	}
}

func TestUnsupportedLines(t *testing.T) {
	for content, want := range map[ContentType]string{
		ContentText:      "",
		ContentStatus:    "",
		ContentEmoji:     "",
		ContentSticker:   "This message needs another app: sticker",
		ContentImage:     "This message needs another app: image",
		ContentAudio:     "This message needs another app: voice message",
		ContentCommunity: "This message needs another app: community invitation",
		ContentSystem:    "This message needs another app: system message",
		77:               "This message needs another app: content of kind 77",
	} {
		if got := content.Unsupported(); got != want {
			t.Errorf("%d: %q", content, got)
		}
	}
}

func FuzzDecodeChat(f *testing.F) {
	for _, content := range []ContentType{ContentText, ContentSticker, ContentImage, ContentAudio} {
		m := hello()
		m.Content, m.Sticker.Hash, m.Image, m.Audio = content, "e3", Media{Data: []byte{1}, Format: 1}, Media{Data: []byte{2}, Format: 2}
		encoded, err := m.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoded)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, err := DecodeChat(payload)
		if err != nil {
			if ReasonOf(err) == "" {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		if c.Validate(sentAt) == nil {
			if _, err := c.Encode(); err != nil {
				t.Errorf("a valid message cannot be written: %v", err)
			}
		}
	})
}
