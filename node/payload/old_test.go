package payload

import (
	"bytes"
	"crypto/ecdsa"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
	"sotto/node/vectortest"
)

// oldVector is one message of 2019.
type oldVector struct {
	Name          string
	AuthorPrivate string `json:"author_private"`
	ID            string `json:"message_id"`
	Transit       string
	Wrapped       string
}

// Every message of 2019: who wrote it, its id, and what becomes of it where it belongs.
func TestVectorOldMessages(t *testing.T) {
	var cases []oldVector
	vectortest.Load(t, "legacy-transit.json", "messages", &cases)
	want := map[string]Reason{"pair installation": ReasonOldPair, "membership update": ReasonOldGroup, "membership update with message": ReasonOldGroup}
	at := PrivateArrival{Self: keyOf(private(t, 0xbb)), Sent: time.UnixMilli(1571300000500)}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			key, err := crypto.ToECDSA(mustHex(t, c.AuthorPrivate))
			if err != nil {
				t.Fatal(err)
			}
			at, wrapped := at, mustHex(t, c.Wrapped)
			at.Signer = keyOf(key)
			opened, err := Open(wrapped, keyOf(private(t, 0xcc))) // signed by somebody else outside
			if err != nil || opened.Author != at.Signer || !opened.Signed || opened.ID.String() != c.ID || string(opened.Payload) != c.Transit {
				t.Errorf("opened as %+v, %v", opened, err)
			}
			if strings.Contains(c.Transit, "public-group-user-message") {
				checkOldPublic(t, wrapped, Arrival{Chat: "status", Signer: at.Signer, Sent: at.Sent})
				want[c.Name] = ReasonNotPrivate
			}
			got, err := OpenPrivate(wrapped, at)
			if ReasonOf(err) != want[c.Name] || (err == nil) != (want[c.Name] == "") {
				t.Errorf("as a private message: %v", err)
			}
			if err == nil && (got.ID.String() != c.ID || got.Type == TypeChat && (got.Chat.Text != "hello" || got.Chat.Clock != 1571300000124)) {
				t.Errorf("taken as %+v", got)
			}
		})
	}
}

func checkOldPublic(t *testing.T, wrapped []byte, at Arrival) {
	t.Helper()
	got, err := OpenPublic(wrapped, at)
	if err != nil || got.Timestamp != 1571300000123 || got.Clock < 1571300000123 || got.Clock > 1571300000124 || got.Content != ContentText ||
		got.ReplyTo != "" || got.Text != "hello" && (got.Text != "hi" || got.ENS != "a.stateofus.eth") || got.Backdated {
		t.Errorf("taken as %+v, %v", got, err)
	}
}

// oldWrap is a message as an app of 2019 sent it.
func oldWrap(t testing.TB, key *ecdsa.PrivateKey, content string) []byte {
	t.Helper()
	signature, err := identity.Sign(key, []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return field(field(nil, oldSignature, signature), oldPayload, []byte(content))
}

// oldText is a text of 2019, in the middle of what it is answered by.
func oldText(kind, chat, text string, clock uint64) string {
	return fmt.Sprintf(`["~#c4",[%q,"text/plain","~:%s",%d,%d,["^ ","~:chat-id",%q,"~:text",%q]]]`, text, kind, clock, millis(sentAt), chat, text)
}

// hundredths is a clock of 2019 that is so far from the time of sending.
func hundredths(ahead time.Duration) uint64 { return millis(sentAt.Add(ahead)) * 100 }

func TestOpenPublicOld(t *testing.T) {
	alice := private(t, 0xaa)
	now := hundredths(0)
	text := func(change func(string) string) string {
		return change(oldText("public-group-user-message", "status", "hi", now))
	}
	swap := func(old, new string) func(string) string {
		return func(s string) string { return strings.ReplaceAll(s, old, new) }
	}
	for name, c := range map[string]struct {
		content string
		want    Reason
	}{
		"good":             {text(swap("", "")), ""},
		"sticker":          {`["~#c4",[["^ ","~:hash","e301","~:pack",1,"~:chat-id","status"],"sticker","~:public-group-user-message",` + fmt.Sprint(now) + `,1]]`, ""},
		"sticker, no hash": {text(swap("text/plain", "sticker")), ReasonNoSticker},
		"command":          {text(swap("text/plain", "command")), ReasonContent},
		"other chat":       {text(swap(`"status"`, `"other"`)), ReasonChat},
		"no chat":          {text(swap(`"status"`, `""`)), ReasonNoChat},
		"private":          {text(swap("public-group-user", "user")), ReasonNotPublic},
		"group":            {text(swap("public-group-user", "group-user")), ReasonOldGroup},
		"kind of no chat":  {text(swap("public-group-user-message", "system-message")), ReasonChatType},
		"blank":            {text(swap(`"hi"`, `" "`)), ReasonBlank},
		"too long":         {text(swap(`"hi"`, `"`+strings.Repeat("x", MaxText+1)+`"`)), ReasonTooLong},
		"no clock":         {text(swap(fmt.Sprint(now), "0")), ReasonNoClock},
		"next year":        {text(swap(fmt.Sprint(now), fmt.Sprint(hundredths(365*24*time.Hour)))), ReasonFuture},
		"contact":          {`["~#c2",["Ann"]]`, ReasonType},
		"seen":             {`["~#c5",["0x01"]]`, ReasonType},
		"pairing":          {`["~#p2",["a","b","c"]]`, ReasonType},
	} {
		t.Run(name, func(t *testing.T) {
			wrapped := oldWrap(t, alice, c.content)
			got, err := OpenPublic(wrapped, arrival(t))
			if ReasonOf(err) != c.want || (err == nil) != (c.want == "") {
				t.Fatalf("got %+v, %v", got, err)
			}
			if err == nil && (got.Author != keyOf(alice) || got.ID != IDOf(got.Author, wrapped)) {
				t.Errorf("taken as %+v", got)
			}
		})
	}
	other := arrival(t)
	other.Signer = keyOf(private(t, 0xbb))
	if _, err := OpenPublic(oldWrap(t, alice, text(swap("", ""))), other); ReasonOf(err) != ReasonAuthor {
		t.Errorf("handed on by somebody else: %v", err)
	}
}

// Without a wrapper the author is whoever signed the Whisper message, and where the message does not say where it belongs it
// belongs where it came.
func TestOpenOldUnwrapped(t *testing.T) {
	bare := []byte(fmt.Sprintf(`["~#c4",["hi","text/plain","~:public-group-user-message",%d,1]]`, hundredths(0)))
	at := arrival(t)
	got, err := OpenPublic(bare, at)
	if err != nil || got.Author != at.Signer || got.ID != IDOf(at.Signer, bare) || got.Text != "hi" || got.ChatID != "status" {
		t.Errorf("public: %+v, %v", got, err)
	}
	bare = bytes.Replace(bare, []byte("public-group-user-message"), []byte("user-message"), 1)
	in, err := OpenPrivate(bare, privateArrival(t))
	if err != nil || in.Author != at.Signer || in.Signed || in.Chat.Text != "hi" {
		t.Errorf("private: %+v, %v", in, err)
	}
	unsigned := field(nil, oldPayload, bare)
	if _, err := OpenPrivate(unsigned, privateArrival(t)); ReasonOf(err) != ReasonUnsigned {
		t.Errorf("in a wrapper without a signature: %v", err)
	}
	if _, err := OpenPrivate(bare, PrivateArrival{Self: keyOf(private(t, 0xbb)), Sent: sentAt}); ReasonOf(err) != ReasonUnsigned {
		t.Errorf("without any signature: %v", err)
	}
}

func TestOpenPrivateOld(t *testing.T) {
	alice, at := private(t, 0xaa), privateArrival(t)
	signed := strings.Repeat("0", 128) + "01"
	for name, c := range map[string]struct {
		content string
		kind    Type
		want    Reason
	}{
		"text":             {oldText("user-message", at.Self.String(), "hi", hundredths(0)), TypeChat, ""},
		"for another":      {oldText("user-message", at.Signer.String(), "hi", hundredths(0)), 0, ReasonRecipient},
		"for nobody":       {oldText("user-message", "", "hi", hundredths(0)), 0, ReasonNoChat},
		"public":           {oldText("public-group-user-message", "status", "hi", hundredths(0)), 0, ReasonNotPrivate},
		"group":            {oldText("group-user-message", "g", "hi", hundredths(0)), 0, ReasonOldGroup},
		"request":          {`["~#c2",["Ann","data:",null,null]]`, TypeContact, ""},
		"confirmation":     {`["~#c3",["Ann","data:",null,null]]`, TypeContact, ""},
		"update":           {`["~#c6",["Ann","data:",null,null]]`, TypeContact, ""},
		"name of another":  {`["~#c6",["` + at.Self.String() + `"]]`, 0, ReasonName},
		"seen":             {`["~#c5",["0x01"]]`, TypeSeen, ""},
		"membership":       {`["~#g5",["g",[["^ ","~:chat-id","g","~:events",[["^ ","~:type","x"]],"~:signature","` + signed + `"]]]]`, 0, ReasonSignature},
		"empty membership": {`["~#g5",["g",[]]]`, 0, ReasonMalformed},
		"sync":             {`["~#p1",[null,null,null]]`, 0, ReasonOldSync},
		"pairing":          {`["~#p2",["a","b","c"]]`, 0, ReasonOldPair},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := OpenPrivate(oldWrap(t, alice, c.content), at)
			if ReasonOf(err) != c.want || (err == nil) != (c.want == "") || got.Type != c.kind {
				t.Fatalf("got %+v, %v", got, err)
			}
			if c.kind == TypeContact && got.Update != (ContactUpdate{Clock: millis(at.Sent), Name: "Ann", Image: "data:"}) {
				t.Errorf("says %+v", got.Update)
			}
		})
	}
	for name, content := range map[string]string{"text": oldText("user-message", at.Signer.String(), "hi", 1), "contact": `["~#c6",["Ann"]]`} {
		own := PrivateArrival{Self: keyOf(alice), Signer: keyOf(alice), Sent: sentAt}
		if _, err := OpenPrivate(oldWrap(t, alice, content), own); ReasonOf(err) != ReasonType {
			t.Errorf("%s from ourselves: %v", name, err)
		}
	}
	seen, err := Wrap(alice, TypeSeen, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenPrivate(seen, at); ReasonOf(err) != ReasonType {
		t.Errorf("today's wrapper with that type: %v", err)
	}
}

func TestOldClock(t *testing.T) {
	now, day := millis(sentAt), uint64(24*time.Hour/time.Millisecond)
	latest := millis(sentAt.Add(MaxAhead))
	for name, c := range map[string]struct{ clock, want uint64 }{
		"none":                  {0, 0},
		"hundredths":            {now*100 + 1, now + 1},
		"steps of one":          {now*100 + 3, now + 3},
		"many steps":            {now*100 + 99, now + 9},
		"milliseconds":          {now + 60_000, now + 60_000},
		"old milliseconds":      {1000, 1000},
		"last of milliseconds":  {oldLeast - 1, oldLeast - 1},
		"first of hundredths":   {oldLeast, oldLeast / 100},
		"at the bound":          {latest * 100, latest},
		"beyond the bound":      {latest*100 + 500, latest},
		"milliseconds beyond":   {latest + 500, latest},
		"a month ahead":         {(now + 31*day) * 100, latest},
		"more than a month":     {(now + 31*day + 1) * 100, now + 31*day + 1},
		"milliseconds likewise": {now + 31*day + 1, now + 31*day + 1},
		"endless":               {1<<63 - 1, (1<<63-1)/100 + 7},
	} {
		if got := oldClock(c.clock, sentAt); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// Whatever was written in the order of the old clocks stands in that order: what one app said in one go, and answers, which were
// ten milliseconds and more later.
func TestOldClocksKeepTheirOrder(t *testing.T) {
	var last uint64
	clock := hundredths(-time.Hour) + 1
	for round := range uint64(500) {
		for said := range uint64(oldSteps) {
			got := oldClock(clock+said, sentAt)
			if got <= last {
				t.Fatalf("round %d: %d is not after %d", round, got, last)
			}
			last = got
		}
		clock += 1000 + round*37 - (clock+round*37)%100 + 1
	}
}
