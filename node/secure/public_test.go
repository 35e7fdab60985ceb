package secure

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// field appends a length-delimited protobuf field.
func field(to []byte, number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, number, protowire.BytesType), value)
}

func TestWrapPublicLayout(t *testing.T) {
	got, err := WrapPublic("device", []byte{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	// field 2 "device", field 102 the payload
	if want := "1206646576696365" + "b206020102"; hex.EncodeToString(got) != want {
		t.Errorf("got %x", got)
	}
	back, err := UnwrapPublic(got)
	if err != nil || back.Installation != "device" || !bytes.Equal(back.Payload, []byte{1, 2}) {
		t.Errorf("read back %+v, %v", back, err)
	}
}

// A bundle, good or damaged, and whatever else stands beside the payload do no harm.
func TestUnwrapPublicWithForeignThings(t *testing.T) {
	plain, err := WrapPublic("device", []byte("payload"))
	if err != nil {
		t.Fatal(err)
	}
	for name, message := range map[string][]byte{
		"damaged bundle":        field(bytes.Clone(plain), 3, []byte{0xff, 0xff}),
		"two bundles":           field(field(bytes.Clone(plain), 3, []byte("a")), 3, []byte("b")),
		"direct message":        field(bytes.Clone(plain), 101, []byte{0xff}),
		"field of a later time": field(bytes.Clone(plain), 200, []byte("x")),
	} {
		got, err := UnwrapPublic(message)
		if err != nil || string(got.Payload) != "payload" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestUnwrapPublicRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		message []byte
		want    Reason
	}{
		"nothing":           {nil, ReasonNotPublic},
		"private":           {field(nil, 101, []byte("x")), ReasonNotPublic},
		"empty payload":     {field(field(nil, 2, []byte("device")), 102, nil), ReasonNotPublic},
		"noise":             {[]byte{0xff, 0xff}, ReasonMalformed},
		"id not unicode":    {field(nil, 2, []byte{0xff}), ReasonMalformed},
		"endless id":        {field(field(nil, 2, bytes.Repeat([]byte("x"), 129)), 102, []byte("p")), ReasonInstallation},
		"giant":             {make([]byte, MaxMessage+1), ReasonOversized},
		"wrapper, unshared": {field(field(nil, 1, make([]byte, 65)), 2, []byte("p")), ReasonNotPublic},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := UnwrapPublic(c.message); ReasonOf(err) != c.want {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestWrapPublicRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		installation string
		payload      []byte
		want         Reason
	}{
		"nothing":    {"device", nil, ReasonNotPublic},
		"endless id": {strings.Repeat("x", 129), []byte("p"), ReasonInstallation},
		"odd id":     {"\xff", []byte("p"), ReasonMalformed},
		"giant":      {"device", make([]byte, MaxMessage), ReasonOversized},
	} {
		if _, err := WrapPublic(c.installation, c.payload); ReasonOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNewInstallationID(t *testing.T) {
	id, err := NewInstallationID(bytes.NewReader(make([]byte, 16)))
	if err != nil || id != "00000000-0000-4000-8000-000000000000" {
		t.Errorf("got %q, %v", id, err)
	}
	if _, err := NewInstallationID(bytes.NewReader(nil)); err == nil {
		t.Error("made an id of no randomness")
	}
}

func FuzzUnwrapPublic(f *testing.F) {
	plain, err := WrapPublic("device", []byte("payload"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Add(field(plain, 3, []byte("bundle")))
	f.Fuzz(func(t *testing.T, message []byte) {
		got, err := UnwrapPublic(message)
		if err != nil {
			if ReasonOf(err) == "" {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		if len(got.Payload) == 0 || len(got.Installation) > MaxInstallation {
			t.Errorf("accepted %+v", got)
		}
	})
}

func BenchmarkUnwrapPublic(b *testing.B) {
	plain, err := WrapPublic("00000000-0000-4000-8000-000000000000", make([]byte, 200))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := UnwrapPublic(plain); err != nil {
			b.Fatal(err)
		}
	}
}
