package chats

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services/fault"
	"sotto/services/ingest"
	links "sotto/services/link"
)

// Each test here is an attack that the deployed clients let through, or one on what this program does beyond them, from the
// envelope to the rows of the database.

// attack runs fn with a person, a contact of theirs who knows them well, and somebody else.
func attack(t *testing.T, fn func(t *testing.T, ann *person, bo, eve *outsider)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ann, bo, eve := newPerson(t, "ann"), newOutsider(t, "bo"), newOutsider(t, "eve")
		defer ann.close()
		ann.accepts(bo)
		eve.learns(ann)
		settle()
		ann.log.take()
		fn(t, ann, bo, eve)
	})
}

// rows is how many rows each table of a person's database has. Hashes that say what was looked at already are left out.
func (p *person) rows() map[string]int {
	p.t.Helper()
	unlock := "PRAGMA hexkey='" + hex.EncodeToString(append([]byte{1}, make([]byte, 31)...)) + "'"
	db, err := driver.Open("file:"+filepath.ToSlash(filepath.Join(p.dir, "a.db"))+"?vfs=adiantum",
		func(c *sqlite3.Conn) error { return c.Exec(unlock) })
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	counts := map[string]int{}
	for _, table := range must(names(db))(p.t) {
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM "` + table + `"`).Scan(&n); err != nil {
			p.t.Fatal(err)
		}
		counts[table] = n
	}
	delete(counts, "seen_envelopes")
	delete(counts, "seen_payloads")
	return counts
}

func names(db *sql.DB) (list []string, err error) {
	rows, err := db.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		list = append(list, name)
	}
	return list, rows.Err()
}

// unchanged fails the test where fn leaves a row more or less, says something to somebody, or raises an event.
func (p *person) unchanged(what string, fn func()) {
	p.t.Helper()
	before, posts := p.rows(), len(p.node.posts())
	p.log.take()
	fn()
	settle()
	if after := p.rows(); !maps.Equal(before, after) {
		p.t.Errorf("%s: the tables had %v and have %v", what, before, after)
	}
	if n := len(p.node.posts()) - posts; n != 0 {
		p.t.Errorf("%s: %d posts", what, n)
	}
	if events := p.log.take(); len(events) != 0 {
		p.t.Errorf("%s: events %v", what, events)
	}
}

// refuses is unchanged for a message of somebody that is refused for a reason.
func (p *person) refuses(what string, from *outsider, raw []byte, reason ingest.Reason) {
	p.t.Helper()
	before := p.refused(reason)
	p.unchanged(what, func() { from.to(p, raw) })
	if p.refused(reason) != before+1 {
		p.t.Errorf("%s: refused %v, want %s", what, p.Counts().Refused, reason)
	}
}

// TestForwardedMessage is weak point 1: what Bo wrote to Eve, or Eve's whole letter from Bo, becomes no message of Bo's to Ann.
// What is signed by another than the envelope is acknowledged, since sending it again would not help, and dropped.
func TestForwardedMessage(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, eve *outsider) {
		toEve, toAnn := bo.text(eve.who(), "I love you"), bo.text(key(ann), "hello")
		ann.accepts(eve)
		settle()
		ann.log.take()
		for _, letter := range [][]byte{toEve, toAnn} {
			eve.to(ann, eve.encrypt(key(ann), eve.synced(key(ann), letter)))
		}
		bo.to(ann, bo.encrypt(key(ann), bo.synced(key(ann), toEve)))
		if ann.refused(ingest.Reason(payload.ReasonAuthor)) != 2 || ann.refused(ingest.Reason(payload.ReasonRecipient)) != 1 {
			t.Errorf("refused %v", ann.Counts().Refused)
		}
		if n := len(ann.messages(bo.self())) + len(ann.messages(eve.self())); n != 0 || len(ann.log.take()) != 0 {
			t.Errorf("%d messages", n)
		}
	})
}

// TestWhatIsNotEncryptedIsNotPrivate is weak point 3: private messages in the open are refused wherever they come.
func TestWhatIsNotEncryptedIsNotPrivate(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, _ *outsider) {
		ann.join("lobby")
		ann.log.take()
		text, update := bo.text(key(ann), "hello"), bo.update("Bo", bo.tick())
		made := 0
		public := func(wrapped []byte) []byte { // each has other bytes
			made++
			return must(secure.WrapPublic(fmt.Sprint(made), wrapped))(t)
		}
		ann.refuses("a public message to our key", bo, public(text), ingest.Reason(secure.ReasonNotPrivate))
		ann.refuses("an update to our key", bo, public(update), ingest.Reason(secure.ReasonNotPrivate))
		ann.refuses("no transport message", bo, text, ingest.Reason(secure.ReasonMalformed))

		shared := Channel{Topic: whisper.TopicOf(must(secure.NegotiatedTopic(ann.key, bo.who()))(t))}
		shared.Key = whisper.SymKeyOf(must(secure.NegotiatedTopic(ann.key, bo.who()))(t))
		code := secure.ContactCodeTopic(key(ann))
		for _, c := range []struct {
			what   string
			on     Channel
			raw    []byte
			reason ingest.Reason
		}{
			{"on the shared topic", shared, public(update), ingest.Reason(secure.ReasonNotPrivate)},
			{"a text in a channel", lobby(), public(text), ingest.Reason(payload.ReasonNotPublic)},
			{"an update in a channel", lobby(), public(update), ingest.Reason(payload.ReasonType)},
			{"a real one in a channel", lobby(), bo.writes(key(ann), "hello"), ingest.Reason(secure.ReasonNotPublic)},
			{"a text with a contact code", Channel{whisper.TopicOf(code), whisper.SymKeyOf(code)}, public(text), ingest.Reason(payload.ReasonOwner)},
			{"a real one as contact code", Channel{whisper.TopicOf(code), whisper.SymKeyOf(code)}, bo.writes(key(ann), "x"), ingest.Reason(secure.ReasonNotPublic)},
			{"another's code on our topic", Channel{whisper.TopicOf(code), whisper.SymKeyOf(code)}, public(codeOf(bo)), ingest.Reason(payload.ReasonOwner)},
		} {
			before := ann.refused(c.reason)
			ann.unchanged(c.what, func() {
				if !ann.node.deliver(c.on, bo.envelope(c.raw)) {
					t.Errorf("%s: nobody listens", c.what)
				}
			})
			if ann.refused(c.reason) != before+1 {
				t.Errorf("%s: refused %v, want %s", c.what, ann.Counts().Refused, c.reason)
			}
		}
	})
}

func lobby() Channel { return Channel{whisper.TopicOf("lobby"), whisper.SymKeyOf("lobby")} }

func codeOf(o *outsider) []byte {
	wrapped, _, err := payload.SealContactCode(o.key)
	if err != nil {
		panic(err)
	}
	return wrapped
}

// TestSameInstallationId is weak point 4: a contact who takes another's installation id gets neither their sessions nor in
// their way.
func TestSameInstallationId(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, eve *outsider) {
		eve.device.Installation = bo.device.Installation
		ann.accepts(eve)
		for range 3 {
			bo.to(ann, bo.writes(key(ann), "from bo"))
			eve.to(ann, eve.writes(key(ann), "from eve"))
		}
		ann.say(bo.self(), "to bo")
		ann.say(eve.self(), "to eve")
		settle()
		if bos, eves := ann.texts(bo.self()), ann.texts(eve.self()); len(bos) != 4 || len(eves) != 4 || bos[0] != "from bo" || eves[0] != "from eve" {
			t.Errorf("from bo %q, from eve %q, refused %v", bos, eves, ann.Counts().Refused)
		}
	})
}

// TestReplaysCostNothing is part of weak point 9: what was opened once is not decrypted again, in however many new envelopes it
// comes, whether it was taken or not. That nothing is decrypted shows in the reason: without its session it could not be.
func TestReplaysCostNothing(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, eve *outsider) {
		taken := bo.writes(key(ann), "hello")
		bo.to(ann, taken)
		broken := slices.Clone(bo.writes(key(ann), "hello again"))
		broken[len(broken)-1]++
		ann.refuses("another's message, changed", eve, broken, ingest.Reason(secure.ReasonNoBundle))
		err := ann.store.Update(t.Context(), func(tx *models.Tx) error { return tx.ForgetInstallationKeys() })
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			ann.refuses("what was taken", bo, taken, ingest.Duplicate)
			ann.refuses("what was refused", eve, broken, ingest.Duplicate)
		}
	})
}

// TestBundles is weak points 2 and 9: neither an old bundle nor a forged one changes what is known of somebody's devices, and a
// link with a forged one is refused as a whole.
func TestBundles(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, eve *outsider) {
		old, was := bo.bundle(), ann.devices(bo.who())[0].Version
		pass(25 * time.Hour) // bo makes a new prekey
		eve.clock, bo.clock = uint64(time.Now().UnixMilli()), uint64(time.Now().UnixMilli())
		eve.learns(ann)
		bo.learns(ann)
		bo.to(ann, bo.writes(key(ann), "hello"))
		want := ann.devices(bo.who())
		if len(want) != 1 || want[0].Version <= was {
			t.Fatalf("ann knows %+v", want)
		}
		later := secure.Bundle{Timestamp: time.Now().UnixNano(), Prekeys: map[string]secure.Prekey{
			bo.device.Installation: {Key: must(secure.DecodeBundle(eve.bundle()))(t).Prekeys[eve.device.Installation].Key, Version: 1 << 31, Protocol: 1},
		}}
		forged := must(later.Encode(eve.key))(t)
		forged = replace(t, forged, eve.who(), bo.who())

		wrapped := codeOf(bo)
		code := secure.ContactCodeTopic(bo.who())
		must(ann.OpenPrivate(t.Context(), bo.self()))(t)
		for _, bundle := range [][]byte{old, forged} {
			for _, sender := range []*outsider{bo, eve} {
				raw := must(secure.WrapPublic("x", wrapped, bundle))(t)
				ann.node.deliver(Channel{whisper.TopicOf(code), whisper.SymKeyOf(code)}, sender.envelope(raw))
				settle()
			}
			text := must(payload.NewText("lobby", "hi", "", bo.tick(), time.Now()))(t)
			ann.join("lobby")
			ann.node.deliver(lobby(), bo.envelope(must(secure.WrapPublic("x", bo.chat(text), bundle))(t)))
			settle()
		}
		ann.unchanged("a forged link", func() {
			_, err := ann.contacts.Add(t.Context(), links.Contact(bo.who(), forged, ""))
			wantCode(t, err, fault.BadLink)
		})
		stranger := newOutsider(t, "stranger")
		ann.unchanged("a link with another's bundle", func() {
			_, err := ann.contacts.Add(t.Context(), links.Contact(stranger.who(), bo.bundle(), ""))
			wantCode(t, err, fault.BadLink)
		})
		must(ann.contacts.Add(t.Context(), links.Contact(bo.who(), old, "")))(t)
		if got := ann.devices(bo.who()); !slices.Equal(got, want) {
			t.Errorf("ann knows %+v, want %+v", got, want)
		}
	})
}

// devices are what a person knows of somebody's.
func (p *person) devices(who identity.PublicKey) (list []secure.Installation) {
	p.t.Helper()
	err := p.store.View(p.t.Context(), func(tx *models.Tx) (err error) {
		list, err = tx.Installations(who)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for i := range list {
		list[i].Answered = false
	}
	return list
}

// replace puts another identity into a bundle.
func replace(t *testing.T, bundle []byte, old, with identity.PublicKey) []byte {
	t.Helper()
	from, to := old.Compressed(), with.Compressed()
	if n := strings.Count(string(bundle), string(from[:])); n != 1 {
		t.Fatalf("the identity is in the bundle %d times", n)
	}
	return []byte(strings.Replace(string(bundle), string(from[:]), string(to[:]), 1))
}

// TestClocks is weak points 5 and 10: a contact update from far ahead is not the last one that counts, a text from there is
// refused, and one from far back is kept and flagged.
func TestClocks(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, _ *outsider) {
		now := uint64(time.Now().UnixMilli())
		send := func(wrapped []byte) { bo.to(ann, bo.encrypt(key(ann), bo.synced(key(ann), wrapped))) }
		send(bo.update("Bo of tomorrow", now+uint64(24*time.Hour/time.Millisecond)))
		send(bo.update("Bo of ever", 1<<63-1))
		send(bo.update("Bo", now+1))
		if c := must(ann.contacts.Get(t.Context(), bo.self()))(t); c.Name != "Bo" || ann.refused(ingest.Reason(payload.ReasonFuture)) != 2 {
			t.Errorf("bo is called %q, refused %v", c.Name, ann.Counts().Refused)
		}
		send(bo.chat(must(payload.NewPrivateText(key(ann), "from the future", "", now+uint64(time.Hour/time.Millisecond), time.Now()))(t)))
		send(bo.chat(must(payload.NewPrivateText(key(ann), "as I said last year", "", now-uint64(365*24*time.Hour/time.Millisecond), time.Now()))(t)))
		send(bo.text(key(ann), "hello"))
		list := ann.messages(bo.self())
		if len(list) != 2 || list[0].Backdated || !list[1].Backdated || list[1].Text != "as I said last year" {
			t.Errorf("ann has %+v", list)
		}
		at, found, err := ann.FirstUnread(t.Context(), bo.self())
		if !found || at != list[0].Cursor() || err != nil {
			t.Errorf("the first unread is %v, %v", at, err)
		}
		if own := ann.say(bo.self(), "what?"); own.Clock > now+uint64(time.Minute/time.Millisecond) {
			t.Errorf("our own clock was moved to %d", own.Clock)
		}
	})
}

// TestWrongTypes is weak point 8: the type is not signed, and a payload under another's says so by its fields.
func TestWrongTypes(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, _ *outsider) {
		said := must(payload.NewPrivateText(key(ann), "hello", "", bo.tick(), time.Now()))(t)
		asUpdate := must(payload.Wrap(bo.key, payload.TypeContact, must(said.Encode())(t)))(t)
		asText := must(payload.Wrap(bo.key, payload.TypeChat, must(payload.ContactUpdate{Clock: bo.tick(), Name: "Bo"}.Encode())(t)))(t)
		others := must(payload.Wrap(bo.key, payload.TypeSyncContact, must(said.Encode())(t)))(t)
		for _, wrapped := range [][]byte{asUpdate, asText, others} {
			bo.to(ann, bo.encrypt(key(ann), bo.synced(key(ann), wrapped)))
		}
		c := must(ann.contacts.Get(t.Context(), bo.self()))(t)
		refused := ann.Counts().Refused
		if c.Name != "" || len(ann.messages(bo.self())) != 0 || refused[ingest.Reason(payload.ReasonType)] != 1 || len(refused) < 2 {
			t.Errorf("called %q, %d messages, refused %v", c.Name, len(ann.messages(bo.self())), refused)
		}
	})
}

// TestGarbageOfAContact is weak point 7: messages of a session that leave out too many, are changed, or too short change
// nothing, cost one answer for now, and the next genuine one is read.
func TestGarbageOfAContact(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, _ *outsider) {
		bo.to(ann, bo.writes(key(ann), "one"))
		bo.to(ann, bo.writes(key(ann), "two"))
		session := bo.state.Clone()
		for range 1001 {
			bo.writes(key(ann), "never sent")
		}
		far := bo.writes(key(ann), "too far")
		bo.state = session
		changed := slices.Clone(bo.writes(key(ann), "changed"))
		changed[len(changed)-1] ^= 1
		bo.state = session.Clone()

		bo.to(ann, far) // the only one that is answered
		if posts := ann.node.posts(); posts[len(posts)-1].to == nil {
			t.Error("bo was not told to begin anew")
		}
		ann.refuses("a changed message", bo, changed, ingest.Reason(secure.ReasonMAC))
		for n := range 50 {
			ann.refuses("garbage", bo, changed[:len(changed)-1-n], ingest.Reason(secure.ReasonMalformed))
		}
		bo.state = session
		bo.to(ann, bo.writes(key(ann), "three"))
		if got := ann.texts(bo.self()); !slices.Equal(got, []string{"one", "two", "three"}) {
			t.Errorf("ann has %q, refused %v", got, ann.Counts().Refused)
		}
	})
}

// TestCrowdedPayload is a contact's payload of data sync with thousands of things in it.
func TestCrowdedPayload(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, _ *outsider) {
		ids := func(n int) (list []datasync.ID) {
			for i := range n {
				list = append(list, datasync.ID{byte(i), byte(i >> 8), 1})
			}
			return list
		}
		crowd := func(n int, field byte) []byte { // 5001 acks, 5002 offers, 5003 requests
			var raw []byte
			for _, id := range ids(n) {
				raw = append(append(raw, 0xca+8*(field-1), 0xb8, 0x02, 32), id[:]...)
			}
			return bo.seal(key(ann), raw)
		}
		for field := byte(1); field <= 3; field++ {
			ann.refuses(fmt.Sprint("field ", field), bo, crowd(5000, field), ingest.Reason(datasync.ReasonTooMany))
		}
		posts := len(ann.node.posts())
		bo.to(ann, bo.encrypt(key(ann), datasync.Payload{Acks: ids(1000), Offers: ids(1000), Requests: ids(1000)}))
		for range 300 {
			bo.to(ann, bo.encrypt(key(ann), datasync.Payload{Acks: ids(2), Requests: ids(2)}))
		}
		if n := len(ann.node.posts()); n != posts+1 {
			t.Errorf("%d answers to what was offered", n-posts)
		}
	})
}

// TestAcknowledgementsOfOthers takes what Eve says that she has of what was sent to Bo for nothing, and what Bo says that he has
// of what nobody sent.
func TestAcknowledgementsOfOthers(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, eve *outsider) {
		ann.accepts(eve)
		m := ann.say(bo.self(), "hello")
		settle()
		posts := ann.node.posts()
		posts[len(posts)-1].observe(Outcome{Kind: AcceptedBy, Peer: "relay"})
		settle()
		id := bo.has(posts[len(posts)-1])
		ann.log.take()
		before := ann.rows()
		eve.to(ann, eve.encrypt(key(ann), datasync.Payload{Acks: []datasync.ID{id}, Requests: []datasync.ID{id}}))
		bo.to(ann, bo.encrypt(key(ann), datasync.Payload{Acks: []datasync.ID{{1}, {2}}}))
		if after := ann.rows(); before["sync_records"] != after["sync_records"] || ann.message(m.ID).State != Sent {
			t.Errorf("the message is %s", ann.message(m.ID).State)
		}
		bo.to(ann, bo.encrypt(key(ann), datasync.Payload{Acks: []datasync.ID{{3}, id}}))
		if got := ann.message(m.ID); got.State != Delivered || got.DeliveredTo != 1 {
			t.Errorf("the message is %+v", got)
		}
	})
}

// has opens what was posted to an outsider, and tells the id of the message in it.
func (o *outsider) has(p posted) datasync.ID {
	o.t.Helper()
	opened := must(o.device.Open(o.state, p.payload, identity.KeyOf(&p.signer.PublicKey), time.Now()))(o.t)
	return must(datasync.DecodePayload(opened.Plaintext))(o.t).Messages[0].ID()
}

// TestControlIsBounded makes us owe answers while no peer is there and a thousand wait already: the newest wait.
func TestControlIsBounded(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, _ *outsider) {
		ann.online(0)
		who := bo.who()
		err := ann.store.Update(t.Context(), func(tx *models.Tx) error {
			for range 1000 {
				if err := tx.Enqueue(&models.Outgoing{Kind: models.PrivateOutgoing, Recipient: who[:], Payload: []byte{1}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			bo.to(ann, bo.writes(key(ann), "hello"))
		}
		if n := ann.rows()["outbox"]; n != 1024 {
			t.Errorf("%d rows wait", n)
		}
	})
}

// TestManyNewDevices gets one line in the chat for each message that brings some, and eight are remembered.
func TestManyNewDevices(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, _ *outsider) {
		b := secure.Bundle{Timestamp: time.Now().UnixNano(), Prekeys: map[string]secure.Prekey{}}
		prekey := must(secure.DecodeBundle(bo.bundle()))(t).Prekeys[bo.device.Installation]
		for n := range 7 {
			b.Prekeys[fmt.Sprint("device ", n)] = prekey
		}
		ann.join("lobby")
		text := must(payload.NewText("lobby", "hi", "", bo.tick(), time.Now()))(t)
		raw := must(secure.WrapPublic("x", bo.chat(text), must(b.Encode(bo.key))(t)))(t)
		ann.node.deliver(lobby(), bo.envelope(raw))
		settle()
		list := ann.messages(bo.self())
		if len(list) != 1 || !list[0].System || list[0].Text != "7 new devices of theirs appeared." || list[0].Unsupported != "" || len(ann.devices(bo.who())) != 8 {
			t.Errorf("%d lines, %d devices", len(list), len(ann.devices(bo.who())))
		}
	})
}
