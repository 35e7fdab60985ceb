package group

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"sotto/node/identity"
	"sotto/node/payload/wire"
)

// invitation is a real event: the creator invites the second person.
func invitation(t testing.TB) Event {
	t.Helper()
	e, err := Sign(private(t, 1), team(t), Event{Clock: 1605787200001, Type: Added, Members: []identity.PublicKey{person(t, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// signedBody is a body that the creator signed, whatever is in it.
func signedBody(t testing.TB, chat string, body []byte) []byte {
	t.Helper()
	signature, err := identity.Sign(private(t, 1), signed(chat, body))
	if err != nil {
		t.Fatal(err)
	}
	return append(signature, body...)
}

// bodyOf is the protobuf of an event.
func bodyOf(t testing.TB, m *wire.MembershipUpdateEvent) []byte {
	t.Helper()
	body, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestEventsComeBackAsTheyWereSigned(t *testing.T) {
	e := invitation(t)
	if e.Author != person(t, 0) || len(e.Raw) == 0 {
		t.Fatalf("signed %+v", e)
	}
	if got, err := DecodeEvent(team(t), e.Raw); err != nil || !reflect.DeepEqual(got, e) {
		t.Errorf("decoded %+v, %v", got, err)
	}
	if got, err := FromStore(e.Author, e.Raw); err != nil || !reflect.DeepEqual(got, e) {
		t.Errorf("from store %+v, %v", got, err)
	}
}

func TestDecodeEventRefusals(t *testing.T) {
	chat, good := team(t), invitation(t).Raw
	badV := bytes.Clone(good)
	badV[64] = 27
	crowd := &wire.MembershipUpdateEvent{Clock: 1, Type: 3}
	for range MaxTargets + 1 {
		crowd.Members = append(crowd.Members, person(t, 1).String())
	}
	about := func(who string) []byte {
		return signedBody(t, chat, bodyOf(t, &wire.MembershipUpdateEvent{Clock: 1, Type: 3, Members: []string{who}}))
	}
	for name, c := range map[string]struct {
		chat string
		raw  []byte
		want Reason
	}{
		"nothing":             {chat, nil, ReasonMalformed},
		"only a signature":    {chat, good[:65], ReasonMalformed},
		"cut short":           {chat, good[:len(good)-3], ReasonMalformed},
		"giant":               {chat, make([]byte, MaxEvent+1), ReasonOversized},
		"v of 27":             {chat, badV, ReasonSignature},
		"signature of zeros":  {chat, append(make([]byte, 65), good[65:]...), ReasonSignature},
		"clock 0":             {chat, signedBody(t, chat, []byte{0x20, 1}), ReasonNoClock},
		"clock of 64 bits":    {chat, signedBody(t, chat, bodyOf(t, &wire.MembershipUpdateEvent{Clock: math.MaxInt64 + 1})), ReasonNoClock},
		"a crowd":             {chat, signedBody(t, chat, bodyOf(t, crowd)), ReasonTooMany},
		"name of a number":    {chat, signedBody(t, chat, []byte{8, 1, 0x18, 7}), ReasonFields},
		"nobody":              {chat, about(""), ReasonKey},
		"capitals":            {chat, about("0x" + strings.ToUpper(person(t, 1).String()[2:])), ReasonKey},
		"short key":           {chat, about(person(t, 1).Short()), ReasonKey},
		"spaces":              {chat, about(" " + person(t, 1).String()), ReasonKey},
		"not a point":         {chat, about("0x04" + strings.Repeat("11", 64)), ReasonKey},
		"not a group":         {"status", good, ReasonID},
		"not unicode":         {chat, signedBody(t, chat, append([]byte{8, 1}, protowire.AppendString([]byte{0x1a}, "\xff")...)), ReasonMalformed},
		"field of the future": {chat, signedBody(t, chat, []byte{8, 1, 0x28, 1}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := DecodeEvent(c.chat, c.raw); ReasonOf(err) != c.want || (err == nil) != (c.want == "") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// An event of another group is of nobody whom this one knows.
func TestEventsOfAnotherGroup(t *testing.T) {
	raw := invitation(t).Raw
	if e, err := DecodeEvent("other-"+person(t, 0).String(), raw); err == nil && e.Author == person(t, 0) {
		t.Error("still the author's")
	}
}

func TestSignRefusesWhatOthersDoNotRead(t *testing.T) {
	for want, e := range map[Reason]Event{
		ReasonNoClock: {Type: Joined},
		ReasonTooMany: {Clock: 1, Type: Added, Members: make([]identity.PublicKey, MaxTargets+1)},
		ReasonKey:     {Clock: 1, Type: Added, Members: make([]identity.PublicKey, 1)},
	} {
		if _, err := Sign(private(t, 1), team(t), e); ReasonOf(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := Sign(private(t, 1), team(t), Event{Clock: 1, Type: Renamed, Name: "\xff"}); ReasonOf(err) != ReasonMalformed {
		t.Errorf("not unicode: %v", err)
	}
}

func TestClocksFromTheFuture(t *testing.T) {
	sent := time.UnixMilli(1605787200000)
	for ahead, want := range map[int64]Reason{-1 << 30: "", 0: "", 120_000: "", 120_001: ReasonFuture} {
		e := Event{Clock: uint64(sent.UnixMilli() + ahead)}
		if err := e.CheckClock(sent); ReasonOf(err) != want {
			t.Errorf("%d ms ahead: %v", ahead, err)
		}
	}
}

func TestIDs(t *testing.T) {
	id, err := NewID(bytes.NewReader(make([]byte, 16)), person(t, 3))
	if err != nil || len(id) != 169 {
		t.Fatalf("%q, %v", id, err)
	}
	if got, err := Creator(id); err != nil || got != person(t, 3) {
		t.Errorf("creator %v, %v", got, err)
	}
	key := person(t, 3).String()
	for name, bad := range map[string]string{
		"empty": "", "only a key": key, "no key": "status", "capitals": "a-" + strings.ToUpper(key), "too long": strings.Repeat("a", 124) + key,
		"space": "a b-" + key, "line": "a\n-" + key, "umlaut": "ä-" + key, "not a point": "a-0x04" + strings.Repeat("11", 64),
	} {
		if _, err := Creator(bad); ReasonOf(err) != ReasonID {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewID(bytes.NewReader(nil), person(t, 3)); err == nil {
		t.Error("an id without randomness")
	}
}

func TestTitles(t *testing.T) {
	for name, want := range map[string]string{
		"team": "team", " two\n\nlines ": "two lines", "a\u202eb\u0007c": "abc", "👨‍👩‍👧": "👨‍👩‍👧", "\u200d \u200b": "", "": "", "mit ü": "mit ü",
	} {
		if got := Title(name); got != want {
			t.Errorf("%q is shown as %q", name, got)
		}
		if ok := CheckName(name) == nil; ok != (want == name && name != "") {
			t.Errorf("%q is taken: %v", name, ok)
		}
	}
	if CheckName(strings.Repeat("a", MaxName)) != nil || CheckName(strings.Repeat("a", MaxName+1)) == nil || CheckName("\xff") == nil {
		t.Error("the bounds of names")
	}
}

func FuzzDecodeEvent(f *testing.F) {
	f.Add(invitation(f).Raw)
	f.Add(signedBody(f, team(f), []byte{8, 1, 0x20, 4}))
	f.Add(make([]byte, 66))
	chat := team(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := DecodeEvent(chat, raw)
		if err != nil {
			if ReasonOf(err) == "" {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		if e.Author.IsZero() || e.Clock == 0 || len(e.Members) > MaxTargets || !bytes.Equal(e.Raw, raw) {
			t.Errorf("took %+v", e)
		}
		if stored, err := FromStore(e.Author, raw); err != nil || !reflect.DeepEqual(stored, e) {
			t.Errorf("from the store %+v, %v", stored, err)
		}
		clean := Clean(chat, []Event{event(t, 0, 1, Created), e, e})
		if _, ignored := Replay(chat, clean); len(ignored) > 0 {
			t.Error("not clean")
		}
	})
}
