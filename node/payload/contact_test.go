package payload

import (
	"bytes"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// aboutAlice is an update that passes every rule.
func aboutAlice() ContactUpdate {
	return ContactUpdate{Clock: millis(sentAt), Name: "alice.eth", Image: "data:image/png;base64,AAAA"}
}

// sealedUpdate wraps an update by Alice.
func sealedUpdate(t testing.TB, u ContactUpdate) []byte {
	t.Helper()
	wrapped, _, err := u.Seal(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}

func TestOpenPrivateTakesAContactUpdate(t *testing.T) {
	at := privateArrival(t)
	wrapped, id, err := aboutAlice().Seal(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenPrivate(wrapped, at)
	if err != nil || got.Type != TypeContact || got.ID != id || got.Author != at.Signer || got.Update != aboutAlice() {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Deployed clients take any clock, and then no other update any more.
func TestContactUpdateRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ContactUpdate)
		want   Reason
	}{
		"clock 0":               {func(u *ContactUpdate) { u.Clock = 0 }, ReasonNoClock},
		"clock ahead":           {func(u *ContactUpdate) { u.Clock += 120_001 }, ReasonFuture},
		"greatest clock":        {func(u *ContactUpdate) { u.Clock = 1<<64 - 1 }, ReasonFuture},
		"another's key as name": {func(u *ContactUpdate) { u.Name = keyOf(private(t, 0xcc)).String() }, ReasonName},
		"short key as name":     {func(u *ContactUpdate) { u.Name = keyOf(private(t, 0xcc)).Short() }, ReasonName},
	} {
		u := aboutAlice()
		c.change(&u)
		if _, err := OpenPrivate(sealedUpdate(t, u), privateArrival(t)); ReasonOf(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// What lies just inside the rules is taken.
func TestContactUpdateLimits(t *testing.T) {
	u := aboutAlice()
	u.Clock += 120_000
	u.Name, u.Image = strings.Repeat("n", MaxENS), strings.Repeat("i", MaxProfileImage)
	if got, err := OpenPrivate(sealedUpdate(t, u), privateArrival(t)); err != nil || got.Update != u {
		t.Errorf("got clock %d, name of %d, image of %d, %v", got.Update.Clock, len(got.Update.Name), len(got.Update.Image), err)
	}
	if got, err := OpenPrivate(sealedUpdate(t, ContactUpdate{Clock: 1}), privateArrival(t)); err != nil || got.Update.Clock != 1 {
		t.Errorf("got %+v, %v", got.Update, err)
	}
}

// Claims that nothing can be done with are dropped, and the rest of the update stays.
func TestContactUpdateDropsIdleClaims(t *testing.T) {
	for name, given := range map[string]string{
		"endless":      strings.Repeat("n", MaxENS+1),
		"endless key":  "0x" + strings.Repeat("04", MaxENS),
		"two lines":    "alice\nis here",
		"turned round": "alice\u202egpj",
	} {
		u := aboutAlice()
		u.Name = given
		if got, err := OpenPrivate(sealedUpdate(t, u), privateArrival(t)); err != nil || got.Update.Name != "" || got.Update.Image != u.Image {
			t.Errorf("%s: %+v, %v", name, got.Update, err)
		}
	}
	u := aboutAlice()
	u.Image = strings.Repeat("i", MaxProfileImage+1)
	if got, err := OpenPrivate(sealedUpdate(t, u), privateArrival(t)); err != nil || got.Update.Image != "" || got.Update.Name != u.Name {
		t.Errorf("endless image: %v", err)
	}
}

func TestDecodeContactUpdateRefusals(t *testing.T) {
	good, err := aboutAlice().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		payload []byte
		want    Reason
	}{
		"noise":          {[]byte{0xff}, ReasonMalformed},
		"cut short":      {good[:len(good)-1], ReasonMalformed},
		"not unicode":    {field(nil, 2, []byte{0xff}), ReasonMalformed},
		"text as clock":  {field(nil, 1, []byte("x")), ReasonFields},
		"number as name": {protowire.AppendVarint(protowire.AppendTag(nil, 2, protowire.VarintType), 1), ReasonFields},
		"giant":          {make([]byte, MaxWrapped+1), ReasonOversized},
	} {
		if _, err := DecodeContactUpdate(c.payload); ReasonOf(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Later versions of the protocol add fields; they do no harm.
func TestDecodeContactUpdateSkipsLaterFields(t *testing.T) {
	encoded, err := aboutAlice().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeContactUpdate(field(encoded, 7, []byte("Alice"))); err != nil || got != aboutAlice() {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestContactUpdateSealRefusals(t *testing.T) {
	for want, u := range map[Reason]ContactUpdate{
		ReasonBadText:   {Clock: 1, Name: "a\xffb"},
		ReasonOversized: {Clock: 1, Image: strings.Repeat("i", MaxWrapped)},
	} {
		if _, _, err := u.Seal(private(t, 0xaa)); ReasonOf(err) != want {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

// The public chats' names of people are held to the same rules.
func TestChatDropsNamesThatAreNone(t *testing.T) {
	for _, name := range []string{keyOf(private(t, 0xcc)).String(), "a\u202eb"} {
		m := hello()
		m.ENS = name
		if got, err := OpenPublic(sealed(t, m), arrival(t)); err != nil || got.ENS != "" {
			t.Errorf("%q: shown as %q, %v", name, got.ENS, err)
		}
	}
}

func FuzzDecodeContactUpdate(f *testing.F) {
	encoded, err := aboutAlice().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoded)
	f.Add([]byte{8, 1, 0x10, 1})
	f.Fuzz(func(t *testing.T, payload []byte) {
		u, err := DecodeContactUpdate(payload)
		if err != nil {
			if ReasonOf(err) == "" {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		encoded, err := u.Encode()
		if err != nil {
			t.Fatalf("cannot be written: %v", err)
		}
		if again, err := DecodeContactUpdate(encoded); err != nil || again != u {
			t.Errorf("does not lead back: %v", err)
		}
		if kept := u.trusting(); len(kept.Name) > MaxENS || len(kept.Image) > MaxProfileImage {
			t.Error("kept without bounds")
		}
	})
}

func TestContactCode(t *testing.T) {
	alice := keyOf(private(t, 0xaa))
	wrapped, id, err := SealContactCode(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenContactCode(wrapped, alice, alice); err != nil || got.Author != alice || got.ID != id {
		t.Errorf("got %+v, %v", got, err)
	}
	withPush, err := Wrap(private(t, 0xaa), TypeContactCode, field(nil, 1, []byte("push")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenContactCode(withPush, alice, alice); err != nil {
		t.Errorf("with push entries: %v", err)
	}
}

// Anybody can write to anybody's contact-code topic.
func TestContactCodeRefusals(t *testing.T) {
	alice, mallory := keyOf(private(t, 0xaa)), keyOf(private(t, 0xdd))
	wrap := func(b byte, kind Type, payload []byte) []byte {
		wrapped, err := Wrap(private(t, b), kind, payload)
		if err != nil {
			t.Fatal(err)
		}
		return wrapped
	}
	hers := wrap(0xaa, TypeContactCode, nil)
	for name, c := range map[string]struct {
		wrapped []byte
		signer  byte // 0 for an unsigned Whisper message
		want    Reason
	}{
		"her code in another's envelope": {hers, 0xdd, ReasonAuthor},
		"her code in nobody's envelope":  {hers, 0, ReasonUnsigned},
		"another's code":                 {wrap(0xdd, TypeContactCode, nil), 0xdd, ReasonOwner},
		"another type":                   {wrap(0xaa, TypeContact, nil), 0xaa, ReasonType},
		"a text under this type":         {wrap(0xaa, TypeContactCode, []byte{8, 1, 16, 1}), 0xaa, ReasonFields},
		"noise":                          {wrap(0xaa, TypeContactCode, []byte{0xff}), 0xaa, ReasonMalformed},
		"no wrapper":                     {[]byte{0xff}, 0xaa, ReasonMalformed},
	} {
		var signer = mallory
		switch c.signer {
		case 0xaa:
			signer = alice
		case 0:
			signer = [65]byte{}
		}
		if _, err := OpenContactCode(c.wrapped, alice, signer); ReasonOf(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := DecodeContactCode(make([]byte, MaxWrapped+1)); ReasonOf(err) != ReasonOversized {
		t.Errorf("giant: %v", err)
	}
}

// What the id of a contact code says: it is one and the same for every one.
func TestContactCodesOfOnePersonAreAlike(t *testing.T) {
	one, id, err := SealContactCode(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	two, again, err := SealContactCode(private(t, 0xaa))
	if err != nil || !bytes.Equal(one, two) || id != again {
		t.Errorf("differ: %v", err)
	}
}

func FuzzDecodeContactCode(f *testing.F) {
	f.Add([]byte{})
	f.Add(field(nil, 1, []byte("push")))
	f.Add([]byte{8, 1})
	f.Fuzz(func(t *testing.T, payload []byte) {
		if _, err := DecodeContactCode(payload); err != nil && ReasonOf(err) == "" {
			t.Errorf("refused without a reason: %v", err)
		}
	})
}

func FuzzOpenContactCode(f *testing.F) {
	wrapped, _, err := SealContactCode(private(f, 0xaa))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wrapped)
	f.Add(sealed(f, hello()))
	alice := keyOf(private(f, 0xaa))
	f.Fuzz(func(t *testing.T, wrapped []byte) {
		got, err := OpenContactCode(wrapped, alice, alice)
		if err != nil && ReasonOf(err) == "" {
			t.Errorf("refused without a reason: %v", err)
		}
		if err == nil && (got.Author != alice || got.Type != TypeContactCode) {
			t.Errorf("accepted %+v", got)
		}
	})
}
