package chats

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services/ingest"
)

// TestStrangers is weak point 6 and more: however many strangers write however much, at most two hundred requests are kept, with
// at most 4 KiB and 64 messages each; none of them becomes a contact, gets an answer, or makes us derive a key or listen to a
// topic; and who is dropped leaves nothing.
func TestStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		derived := 0
		ann := newPerson(t, "ann")
		defer ann.close()
		ann.Detach()
		ann.Service = New(Config{Events: ann.log, Derive: func(name string) [32]byte {
			derived++
			return whisper.SymKeyOf(name)
		}})
		if err := ann.Attach(t.Context(), accountOf(t, ann.store, ann.node, ann.key)); err != nil {
			t.Fatal(err)
		}
		ann.meet()
		ann.bundle()
		settle()
		before, had, listened := ann.rows(), derived, len(ann.node.channels())
		var crowd []*outsider
		for n := range mostRequests + 20 {
			o := newOutsider(t, fmt.Sprint("stranger ", n))
			o.learns(ann)
			o.clock += uint64(n)
			for _, words := range []string{"hello", strings.Repeat("x", 3000), strings.Repeat("y", 3000)} {
				ann.receives(o.envelope(o.writes(key(ann), words)))
			}
			pass(time.Second) // one after the other
			crowd = append(crowd, o)
		}
		settle()
		requests := must(ann.Requests(t.Context()))(t)
		if len(requests) != mostRequests || requests[0].ID != crowd[len(crowd)-1].self() {
			t.Fatalf("%d requests", len(requests))
		}
		for _, r := range requests {
			if len(ann.texts(r.ID)) != 2 || r.Unread != 2 {
				t.Fatalf("a request has %d messages", len(ann.texts(r.ID)))
			}
		}
		after := ann.rows()
		for table, want := range map[string]int{"contacts": 0, "outbox": 0, "topic_keys": 0, "healed": 0, "ledger": 0, "skipped_keys": 0,
			"chats": mostRequests, "messages": 2 * mostRequests, "sync_received": 2 * mostRequests, "owed_acks": 2 * mostRequests,
			"installations": mostRequests, "sessions": mostRequests} {
			if after[table]-before[table] != want {
				t.Errorf("%d rows more in %s, want %d", after[table]-before[table], table, want)
			}
		}
		if len(ann.node.posts()) != 0 || derived != had || len(ann.node.channels()) != listened || len(must(ann.List(t.Context()))(t)) != 0 {
			t.Errorf("%d posts, %d keys derived, %d topics", len(ann.node.posts()), derived-had, len(ann.node.channels())-listened)
		}
		for _, r := range requests { // and when all of them are gone, nothing is left
			err := ann.store.Update(t.Context(), func(tx *models.Tx) error {
				row, err := chatRow(tx, r.ID)
				if err != nil {
					return err
				}
				return dropRequest(tx, row)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if after := ann.rows(); !maps.Equal(before, after) {
			t.Errorf("the tables had %v and have %v", before, after)
		}
	})
}

// TestOneStranger bounds what one of them can make us keep, by whatever they send.
func TestOneStranger(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, _, eve *outsider) {
		eve.to(ann, eve.encrypt(key(ann), eve.synced(key(ann), eve.update("Eve", eve.tick()))))
		if requests := must(ann.Requests(t.Context()))(t); len(requests) != 1 || requests[0].Last != nil {
			t.Fatalf("requests %+v", requests)
		}
		ann.refuses("one update more", eve, eve.encrypt(key(ann), eve.synced(key(ann), eve.update("Eve", eve.tick()))), ReasonStranger)
		ann.refuses("nothing", eve, eve.encrypt(key(ann), datasync.Payload{Acks: []datasync.ID{{1}}, Offers: []datasync.ID{{2}}}), ReasonStranger)
		ann.refuses("nothing at all", eve, eve.seal(key(ann), nil), ReasonStranger)

		sticker := func() []byte {
			return eve.chat(payload.Chat{Clock: eve.tick(), Timestamp: 1, Text: "x", ChatID: key(ann).String(), ChatType: payload.ChatPrivate,
				Content: payload.ContentSticker, Sticker: payload.Sticker{Hash: "ab"}})
		}
		for range requestTexts + 10 { // without data sync, and of a kind whose text is not kept
			eve.to(ann, eve.seal(key(ann), sticker()))
		}
		if n := len(ann.messages(eve.self())); n != requestTexts || ann.refused(ReasonRequestFull) != 10 {
			t.Errorf("%d messages, refused %v", n, ann.Counts().Refused)
		}
		mallory := newOutsider(t, "mallory")
		mallory.learns(ann)
		many := [][]byte{mallory.text(key(ann), "hello")}
		for range 2 * requestTexts {
			many = append(many, mallory.update("Mallory", mallory.tick()))
		}
		ann.refuses("too many updates at once", mallory, mallory.encrypt(key(ann), mallory.synced(key(ann), many...)), ReasonRequestFull)
		had := ann.rows()["skipped_keys"]
		for range 3 {
			for range 900 {
				mallory.writes(key(ann), "left out")
			}
			mallory.to(ann, mallory.writes(key(ann), "hello"))
		}
		if n := ann.rows()["skipped_keys"] - had; n > requestSkipped {
			t.Errorf("%d skipped keys of a stranger", n)
		}
	})
}

// TestNameOfAStranger is kept once, the newest, within the bounds of the request, and cleaned as any other; it is shown when
// they are let in.
func TestNameOfAStranger(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, _, eve *outsider) {
		claims := func(name string, clock uint64) []byte {
			return eve.encrypt(key(ann), eve.synced(key(ann), eve.update(name, clock)))
		}
		called := func() string { return must(ann.contacts.Get(t.Context(), eve.self()))(t).Name }
		first, second := eve.tick(), eve.tick()
		eve.to(ann, claims("Eve", second))
		ann.refuses("an older name", eve, claims("Evelyn", first), ReasonStranger)
		ann.refuses("the same once more", eve, claims("Eve", second), ReasonStranger)
		rows := ann.rows()["chats"]
		for n := range 20 {
			eve.to(ann, claims(fmt.Sprint("Eve ", n), eve.tick()))
		}
		if n := ann.rows()["chats"]; n != rows || called() != "" || len(ann.messages(eve.self())) != 0 {
			t.Errorf("%d chats more, called %q", n-rows, called())
		}
		long := strings.Repeat("e", payload.MaxENS)
		eve.to(ann, claims(long, eve.tick()))
		eve.to(ann, eve.writes(key(ann), strings.Repeat("x", requestBytes-payload.MaxENS)))
		ann.refuses("a text beside a long name", eve, eve.writes(key(ann), "x"), ReasonRequestFull)
		eve.to(ann, claims("E", eve.tick()))
		eve.to(ann, eve.writes(key(ann), strings.Repeat("y", payload.MaxENS-1)))
		ann.refuses("a longer name", eve, claims("Ev", eve.tick()), ReasonRequestFull)
		if n := len(ann.messages(eve.self())); n != 2 {
			t.Errorf("%d messages", n)
		}
		must(ann.contacts.Accept(t.Context(), eve.self()))(t)
		if called() != "E" {
			t.Errorf("called %q", called())
		}
		eve.to(ann, claims("Eve", eve.tick()))
		if called() != "Eve" {
			t.Errorf("called %q after an update", called())
		}

		mallory := newOutsider(t, "mallory")
		mallory.learns(ann)
		for _, name := range []string{"Mal\u202elory", strings.Repeat("m", payload.MaxENS+1)} {
			mallory.to(ann, mallory.encrypt(key(ann), mallory.synced(key(ann), mallory.update(name, mallory.tick()))))
		}
		must(ann.contacts.Accept(t.Context(), mallory.self()))(t)
		if c := must(ann.contacts.Get(t.Context(), mallory.self()))(t); c.Name != "" {
			t.Errorf("called %q", c.Name)
		}
	})
}

// TestNameOfSomebodyWeWroteTo is kept, too, until they are a contact.
func TestNameOfSomebodyWeWroteTo(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, _, eve *outsider) {
		must(ann.OpenPrivate(t.Context(), eve.self()))(t)
		eve.to(ann, eve.encrypt(key(ann), eve.synced(key(ann), eve.update("Eve", eve.tick()))))
		if c := must(ann.contacts.Add(t.Context(), eve.self()))(t); c.Name != "Eve" {
			t.Errorf("called %q", c.Name)
		}
	})
}

// TestBlockedBeforeAnythingIsDecrypted shows it by garbage: who is not blocked is told apart by what is wrong with it.
func TestBlockedBeforeAnythingIsDecrypted(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, eve *outsider) {
		must(ann.contacts.Block(t.Context(), bo.self()))(t)
		must(ann.contacts.Block(t.Context(), eve.self()))(t)
		settle()
		for _, o := range []*outsider{bo, eve} {
			ann.refuses("a text", o, o.writes(key(ann), "hello"), ReasonBlocked)
			ann.refuses("garbage", o, []byte("garbage of "+o.device.Installation), ReasonBlocked)
		}
	})
}

// TestFewStrangersAreToldOfARecoveredAccount, and none once it was here for a month.
func TestFewStrangersAreToldOfARecoveredAccount(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, _, eve *outsider) {
		must(0, ann.store.Update(t.Context(), (*models.Tx).NoteRecovery))(t)
		told := func(strangers int) int {
			before := len(ann.node.posts())
			for i := range strangers {
				o := newOutsider(t, fmt.Sprint("stranger ", i))
				d := o.envelope(o.forAnother())
				d.Sent = ann.node.Now()
				ann.receives(d)
				settle()
			}
			return len(ann.node.posts()) - before
		}
		if n := told(40); n != oldPeers {
			t.Errorf("%d were told", n)
		}
		ann.node.set(func(n *fakeNode) { n.offset = longestAgo })
		if n := told(3); n != 0 {
			t.Errorf("%d were told a month later", n)
		}
	})
}

// TestWhoIsToldToBeginAnew is only whom we know, with new keys once in two hours and meanwhile with the same few times more,
// and only about what is not older than two days.
func TestWhoIsToldToBeginAnew(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, eve *outsider) {
		told := func(raw []byte, from *outsider, age time.Duration) bool {
			posts := len(ann.node.posts())
			d := from.envelope(raw)
			d.Sent = d.Sent.Add(-age)
			ann.receives(d)
			settle()
			return len(ann.node.posts()) > posts
		}
		if told(eve.forAnother(), eve, 0) {
			t.Error("a stranger was told")
		}
		if told(bo.forAnother(), bo, 48*time.Hour) {
			t.Error("told about something old")
		}
		if !told(bo.forAnother(), bo, 47*time.Hour) {
			t.Error("not told")
		}
		if told(bo.forAnother(), bo, 0) {
			t.Error("told twice")
		}
		last := func() []byte {
			posts := ann.node.posts()
			return posts[len(posts)-1].payload
		}
		first, again, prekeys := last(), 0, ann.rows()["own_prekeys"]
		for range 2*60 - 1 {
			pass(time.Minute)
			if !told(bo.forAnother(), bo, 0) {
				continue
			}
			if again++; !bytes.Equal(last(), first) {
				t.Error("told otherwise in two hours")
			}
		}
		if again != 4 || ann.rows()["own_prekeys"] != prekeys {
			t.Errorf("told %d times more, %d new prekeys", again, ann.rows()["own_prekeys"]-prekeys)
		}
		pass(time.Minute)
		if !told(bo.forAnother(), bo, 0) || bytes.Equal(last(), first) {
			t.Error("not told anew after two hours")
		}
		if n := ann.refused(ingest.Reason(secure.ReasonNotForDevice)); n != 2*60+4 {
			t.Errorf("refused %v", ann.Counts().Refused)
		}
	})
}
