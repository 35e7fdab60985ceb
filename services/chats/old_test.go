package chats

import (
	"crypto/ecdsa"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/contacts"
	"sotto/services/ingest"
)

// oldWrap is a message in the format of 2019, signed and wrapped as then.
func oldWrap(t testing.TB, key *ecdsa.PrivateKey, content string) []byte {
	t.Helper()
	wrapped := protowire.AppendTag(nil, 4001, protowire.BytesType)
	wrapped = protowire.AppendBytes(wrapped, must(identity.Sign(key, []byte(content)))(t))
	wrapped = protowire.AppendTag(wrapped, 4002, protowire.BytesType)
	return protowire.AppendString(wrapped, content)
}

// oldText is a text of 2019: written at a time, with a clock in hundredths of a millisecond.
func oldText(kind, chat, words string, clock int64, written time.Time) string {
	return fmt.Sprintf(`["~#c4",[%[3]q,"text/plain","~:%[1]s",%[4]d,%[5]d,["^ ","~:chat-id",%[2]q,"~:text",%[3]q]]]`,
		kind, chat, words, clock, written.UnixMilli())
}

// TestOldTextsInAChannel lets what an app of 2019 wrote stand among what is written today: where its clock says, with its time,
// and in the order in which it was said. What is said after it stands below.
func TestOldTextsInAChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kay := newDesk(t, "kay", 1)
		defer kay.close()
		kay.join("lobby")
		start := time.Now()
		kay.arrive("bo", wire(t, "bo", text(t, "before")))
		pass(time.Minute)
		written, key := time.Now(), newKey("old")
		clock := written.UnixMilli()*100 + 1
		old := func(words string, clock int64) {
			content := oldText("public-group-user-message", "lobby", words, clock, written)
			kay.arrive("old", must(secure.WrapPublic("", oldWrap(t, key, content)))(t))
		}
		for _, step := range []int64{2, 0, 3, 1} { // said in one go, with clocks one apart, and come in another order
			old(fmt.Sprint("old ", step), clock+step)
		}
		pass(time.Minute)
		kay.arrive("bo", wire(t, "bo", text(t, "after")))
		settle()
		want := []string{"before", "old 0", "old 1", "old 2", "old 3", "after"}
		if got := kay.texts("lobby"); !slices.Equal(got, want) {
			t.Fatalf("in the order %q, refused %v", got, kay.Counts().Refused)
		}
		said := kay.messages("lobby")[4]
		if said.Text != "old 0" || !said.Timestamp.Equal(written.Truncate(time.Millisecond)) || said.Backdated || said.Author.Key != identity.KeyOf(&key.PublicKey).String() {
			t.Errorf("shown as %+v", said)
		}
		old("a day ahead", (written.UnixMilli()+24*60*60*1000)*100)
		settle()
		pass(payload.MaxAhead + time.Minute)
		if m := kay.say("lobby", "now"); m.Clock != uint64(m.Timestamp.UnixMilli()) || time.UnixMilli(int64(m.Clock)).Sub(start) > 10*time.Minute {
			t.Errorf("the next clock is %d", m.Clock)
		}
		if got := kay.texts("lobby"); !slices.Equal(got, append(want, "a day ahead", "now")) {
			t.Errorf("in the order %q, refused %v", got, kay.Counts().Refused)
		}
		old("a year ahead", (written.UnixMilli()+365*24*60*60*1000)*100)
		settle()
		if n := kay.refused(ingest.Reason(payload.ReasonFuture)); n != 1 {
			t.Errorf("refused %v", kay.Counts().Refused)
		}
	})
}

// TestOldPrivateMessages takes what an accepted contact writes in the format of 2019, with data sync, without it, and without
// any wrapper, and refuses under their names the groups and devices of that time. What is refused is acknowledged, so that it
// does not come again.
func TestOldPrivateMessages(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, eve *outsider) {
		written := time.Now()
		said := func(words string, step int64) string {
			return oldText("user-message", ann.self(), words, written.UnixMilli()*100+1+step, written)
		}
		private := func(content string) []byte {
			return bo.encrypt(key(ann), bo.synced(key(ann), oldWrap(t, bo.key, content)))
		}
		bo.to(ann, private(said("first", 0)))
		bo.to(ann, bo.seal(key(ann), []byte(said("third", 2))))
		bo.to(ann, bo.seal(key(ann), oldWrap(t, bo.key, said("second", 1))))
		settle()
		if got := ann.texts(bo.self()); !slices.Equal(got, []string{"first", "second", "third"}) {
			t.Fatalf("in the order %q, refused %v", got, ann.Counts().Refused)
		}
		if m := ann.messages(bo.self())[0]; !m.Timestamp.Equal(written.Truncate(time.Millisecond)) || m.Author.Key != bo.self() {
			t.Errorf("shown as %+v", m)
		}
		pass(time.Hour)
		bo.to(ann, private(`["~#c6",["Bobby","",null,null]]`))
		settle()
		if c := must(ann.contacts.Get(t.Context(), bo.self()))(t); c.Name != "Bobby" {
			t.Errorf("known as %q", c.Name)
		}
		bo.to(ann, private(`["~#c5",["0x01"]]`))
		settle()
		if refused := ann.Counts().Refused; len(refused) != 0 {
			t.Errorf("refused %v", refused)
		}
		for content, reason := range map[string]payload.Reason{
			oldText("group-user-message", "g", "hi", 1, written): payload.ReasonOldGroup,
			`["~#p1",[null,null,null]]`:                          payload.ReasonOldSync,
			`["~#p2",["id","ios","phone",null]]`:                 payload.ReasonOldPair,
		} {
			acks := len(ann.node.posts())
			bo.to(ann, private(content))
			settle()
			if n := ann.refused(ingest.Reason(reason)); n != 1 || len(ann.node.posts()) == acks {
				t.Errorf("%s: refused %v, %d posts", content, ann.Counts().Refused, len(ann.node.posts())-acks)
			}
		}
		if got := ann.texts(bo.self()); len(got) != 3 {
			t.Errorf("the chat has %q", got)
		}
	})
}

// TestOldForwardedText is weak point 1 in the format of 2019: what Bo wrote to Eve becomes no message of Bo's to Ann, and none of
// Eve's.
func TestOldForwardedText(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, eve *outsider) {
		toEve := oldWrap(t, bo.key, oldText("user-message", eve.self(), "I love you", time.Now().UnixMilli()*100, time.Now()))
		ann.accepts(eve)
		settle()
		for from, reason := range map[*outsider]payload.Reason{eve: payload.ReasonAuthor, bo: payload.ReasonRecipient} {
			from.to(ann, from.encrypt(key(ann), from.synced(key(ann), toEve)))
			settle()
			if ann.refused(ingest.Reason(reason)) != 1 || len(ann.messages(from.self())) != 0 {
				t.Errorf("refused %v", ann.Counts().Refused)
			}
		}
	})
}

// TestOldRequest lets a stranger with an app of 2019 make a request, but not by saying what they have read.
func TestOldRequest(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, _, eve *outsider) {
		seen := eve.encrypt(key(ann), eve.synced(key(ann), oldWrap(t, eve.key, `["~#c5",["0x01"]]`)))
		ann.refuses("what a stranger has read", eve, seen, ReasonStranger)
		eve.to(ann, eve.encrypt(key(ann), eve.synced(key(ann), oldWrap(t, eve.key, `["~#c2",["Eve","",null,null]]`))))
		settle()
		if c := must(ann.contacts.Get(t.Context(), eve.self()))(t); c.State != contacts.Requested {
			t.Errorf("%+v, refused %v", c, ann.Counts().Refused)
		}
	})
}
