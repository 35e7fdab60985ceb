package payload

import (
	"bytes"
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/identity"
)

// field appends a length-delimited protobuf field.
func field(to []byte, number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, number, protowire.BytesType), value)
}

func TestOpenRefusals(t *testing.T) {
	good := sealed(t, hello())
	flipped := bytes.Clone(good)
	flipped[3] ^= 1 // within the signature's r
	badV := bytes.Clone(good)
	badV[2+64] = 27
	for name, c := range map[string]struct {
		wrapped []byte
		want    Reason
	}{
		"nothing":            {nil, ReasonMalformed},
		"noise":              {[]byte{0xff, 0xff}, ReasonMalformed},
		"cut short":          {good[:len(good)-3], ReasonMalformed},
		"giant":              {make([]byte, MaxWrapped+1), ReasonOversized},
		"v of 27":            {badV, ReasonSignature},
		"short signature":    {field(nil, 1, make([]byte, 64)), ReasonSignature},
		"2019, other kind":   {[]byte(`["~#c9",["hi"]]`), ReasonTransit},
		"2019, cut off":      {[]byte(`["~#c4",["hi"]`), ReasonMalformed},
		"2019, wrapped":      {field(field(nil, 4001, make([]byte, 65)), 4002, []byte(`["~#c9",[]]`)), ReasonTransit},
		"2019, cut, wrapped": {field(nil, 4002, []byte(`["~#c4"]`)), ReasonMalformed},
		"2019, signature":    {field(field(nil, 4001, make([]byte, 65)), 4002, []byte(`["~#c4",["hi"]]`)), ReasonSignature},
		"2019, without text": {field(nil, 4001, make([]byte, 65)), ReasonMalformed},
		"number as payload":  {protowire.AppendVarint(protowire.AppendTag(bytes.Clone(good), 2, protowire.VarintType), 1), ReasonFields},
		"only foreign field": {field(nil, 9, []byte("x")), ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Open(c.wrapped, keyOf(private(t, 0xbb))); ReasonOf(err) != c.want {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	if opened, err := Open(flipped, identity.PublicKey{}); err == nil && opened.Author == keyOf(private(t, 0xaa)) {
		t.Error("a changed signature is still Alice's")
	}
}

func TestOpenUnsigned(t *testing.T) {
	wrapped := field(nil, 2, []byte("payload"))
	if _, err := Open(wrapped, identity.PublicKey{}); ReasonOf(err) != ReasonUnsigned {
		t.Errorf("nobody's message: %v", err)
	}
	bob := keyOf(private(t, 0xbb))
	if opened, err := Open(wrapped, bob); err != nil || opened.Author != bob || opened.Signed {
		t.Errorf("got %+v, %v", opened, err)
	}
}

// The id is over the bytes as they came: another encoding of the same message is another message.
func TestIDIsOverTheBytesAsTheyCame(t *testing.T) {
	one := sealed(t, hello())
	two := field(bytes.Clone(one), 50, []byte("kept")) // an unknown field behind
	at := arrival(t)
	a, err := OpenPublic(one, at)
	if err != nil {
		t.Fatal(err)
	}
	b, err := OpenPublic(two, at)
	if err != nil {
		t.Fatal(err)
	}
	if a.ID == b.ID || b.ID != IDOf(at.Signer, two) {
		t.Error("the id is not that of the bytes")
	}
}

func TestWrapBoundsSize(t *testing.T) {
	if _, err := Wrap(private(t, 0xaa), TypeChat, make([]byte, MaxWrapped)); ReasonOf(err) != ReasonOversized {
		t.Errorf("got %v", err)
	}
}

func TestParseID(t *testing.T) {
	id := ID{0xab, 31: 0xcd}
	if got, err := ParseID(id.String()); err != nil || got != id {
		t.Errorf("no way back: %v", err)
	}
	for _, text := range []string{"", "0x", id.String()[2:], id.String() + "00", "0xAB" + id.String()[4:], "0xzz" + id.String()[4:]} {
		if _, err := ParseID(text); !errors.Is(err, ErrID) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add((ID{1}).String())
	f.Add("0x")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := ParseID(text); err == nil && id.String() != text {
			t.Errorf("%q reads as %v", text, id)
		}
	})
}

func FuzzOpen(f *testing.F) {
	f.Add(sealed(f, hello()))
	f.Add(field(nil, 2, []byte("payload")))
	f.Add(field(nil, 4002, []byte("[")))
	f.Add(field(nil, 4002, []byte(`["~#c4",["hi"]]`)))
	f.Add([]byte(`["~#c5",["0x01"]]`))
	signer := keyOf(private(f, 0xbb))
	f.Fuzz(func(t *testing.T, wrapped []byte) {
		opened, err := Open(wrapped, signer)
		if err != nil && ReasonOf(err) == "" {
			t.Errorf("refused without a reason: %v", err)
		}
		if err == nil && (opened.Author.IsZero() || opened.ID != IDOf(opened.Author, wrapped)) {
			t.Error("an id that is not the message's")
		}
	})
}
