package models

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// testID is a message id that sorts like n.
func testID(n int) []byte {
	id := make([]byte, 32)
	binary.BigEndian.PutUint64(id, uint64(n))
	return id
}

// addChat stores an active public channel.
func addChat(t testing.TB, s *Store, name string) Chat {
	t.Helper()
	c := Chat{Kind: PublicChat, Name: name, Active: true, JoinedAt: 1}
	update(t, s, func(tx *Tx) error { return tx.PutChat(&c) })
	return c
}

func TestChats(t *testing.T) {
	s := open(t)
	c := addChat(t, s, "lobby")
	update(t, s, func(tx *Tx) error {
		if c.ID == 0 {
			t.Error("the id is not set")
		}
		c.Active, c.DeletedAt = false, 77
		return tx.PutChat(&c)
	})
	view(t, s, func(tx *Tx) error {
		got, found, err := tx.ChatNamed(PublicChat, "lobby")
		if got != c || !found || err != nil {
			t.Errorf("got %+v, %v, %v; want %+v", got, found, err, c)
		}
		if _, found, _ := tx.ChatNamed(GroupChat, "lobby"); found {
			t.Error("found under another kind")
		}
		if list, err := tx.Chats(); len(list) != 0 || err != nil {
			t.Errorf("inactive chats are listed: %v, %v", list, err)
		}
		return nil
	})
}

func TestDrafts(t *testing.T) {
	s := open(t)
	c := addChat(t, s, "lobby")
	for _, text := range []string{"half a", "half a sentence", ""} {
		update(t, s, func(tx *Tx) error { return tx.SetDraft(c.ID, text, 5) })
		view(t, s, func(tx *Tx) error {
			if got, err := tx.Draft(c.ID); got != text || err != nil {
				t.Errorf("got %q, %v; want %q", got, err, text)
			}
			return nil
		})
	}
}

// TestPagingMeetsEveryMessageOnce walks both ways through messages with equal clocks and compares with a sorted slice.
func TestPagingMeetsEveryMessageOnce(t *testing.T) {
	s := open(t)
	c, other := addChat(t, s, "lobby"), addChat(t, s, "other")
	r := rand.New(rand.NewPCG(1, 2))
	var want []Place
	update(t, s, func(tx *Tx) error {
		for i := range 300 {
			m := Message{ID: testID(r.IntN(1 << 30)), Chat: c.ID, Clock: uint64(r.IntN(20) + 1), Author: []byte{4}}
			if i%3 == 0 {
				m.Chat = other.ID
			}
			fresh, err := tx.AddMessage(&m)
			if err != nil {
				return err
			}
			if fresh && m.Chat == c.ID {
				want = append(want, Place{m.Clock, m.ID})
			}
		}
		return nil
	})
	order := func(a, b Place) int {
		if a.Clock != b.Clock {
			return int(a.Clock) - int(b.Clock)
		}
		return bytes.Compare(a.ID, b.ID)
	}
	slices.SortFunc(want, order)
	view(t, s, func(tx *Tx) error {
		up := walk(t, func(at *Place) ([]Message, error) {
			if at == nil {
				at = &Place{}
			}
			return tx.Newer(c.ID, *at, 7)
		})
		down := walk(t, func(at *Place) ([]Message, error) { return tx.Older(c.ID, at, 7) })
		slices.Reverse(down)
		for name, got := range map[string][]Place{"up": up, "down": down} {
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %d places, want %d, or in another order", name, len(got), len(want))
			}
		}
		highest := want[len(want)-1].Clock
		for most, last := range map[uint64]uint64{highest: highest, 1<<63 - 1: highest, highest - 1: highest - 1, 0: 0} {
			if clock, err := tx.LastClock(c.ID, most); clock != last || err != nil {
				t.Errorf("last clock up to %d: %d, %v; want %d", most, clock, err, last)
			}
		}
		return nil
	})
}

func walk(t *testing.T, next func(*Place) ([]Message, error)) (places []Place) {
	t.Helper()
	var at *Place
	for {
		page, err := next(at)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return places
		}
		for _, m := range page {
			places = append(places, Place{m.Clock, m.ID})
		}
		at = &places[len(places)-1]
	}
}

func TestSameIDIsStoredOnce(t *testing.T) {
	s := open(t)
	c := addChat(t, s, "lobby")
	want := Message{ID: testID(1), Chat: c.ID, Clock: 5, Timestamp: 6, Sent: 7, Author: []byte("author"), Claimed: "kay.eth",
		ContentType: 1, Text: "first", ReplyTo: testID(0), Outgoing: true, Seen: true}
	second := want
	second.Text = "second"
	update(t, s, func(tx *Tx) error {
		for i, m := range []*Message{&want, &second} {
			if fresh, err := tx.AddMessage(m); err != nil || fresh != (i == 0) {
				t.Errorf("message %d: new is %v, %v", i, fresh, err)
			}
		}
		got, found, err := tx.Message(want.ID)
		if !found || err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
		return nil
	})
}

func TestUnread(t *testing.T) {
	s := open(t)
	c := addChat(t, s, "lobby")
	update(t, s, func(tx *Tx) error {
		if _, found, err := tx.FirstUnread(c.ID, 0); found || err != nil {
			t.Errorf("an empty chat has unread messages: %v", err)
		}
		for i := range 10 {
			if _, err := tx.AddMessage(&Message{ID: testID(100 - i), Chat: c.ID, Clock: uint64(50 - i/2), Author: []byte{4}, Seen: i >= 7}); err != nil {
				return err
			}
		}
		return tx.SetDraft(c.ID, "draft", 1)
	})
	view(t, s, func(tx *Tx) error {
		sum, err := tx.Summarize(c)
		if sum.Unread != 7 || sum.Draft != "draft" || sum.Last == nil || sum.Last.Clock != 50 || !bytes.Equal(sum.Last.ID, testID(100)) || err != nil {
			t.Errorf("summary %+v, %v", sum, err)
		}
		first, found, err := tx.FirstUnread(c.ID, 0)
		if !found || first.Clock != 47 || !bytes.Equal(first.ID, testID(94)) || err != nil {
			t.Errorf("first unread %v, %v, %v", first, found, err)
		}
		return nil
	})
	update(t, s, func(tx *Tx) error {
		n, err := tx.MarkRead(c.ID)
		left, err2 := tx.Unread(c.ID)
		if n != 7 || left != 0 || err != nil || err2 != nil {
			t.Errorf("marked %d, %d left, %v, %v", n, left, err, err2)
		}
		return nil
	})
}

// TestBackdatedIsNotTheFirstUnread: whoever chooses a clock of long ago chooses a place, but not where the new ones
// begin.
func TestBackdatedIsNotTheFirstUnread(t *testing.T) {
	s := open(t)
	c := addChat(t, s, "lobby")
	const sent, late = 1_000_000, 1000
	add := func(n int, clock uint64) {
		update(t, s, func(tx *Tx) error {
			_, err := tx.AddMessage(&Message{ID: testID(n), Chat: c.ID, Clock: clock, Sent: sent, Author: []byte{4}})
			return err
		})
	}
	want := func(clock uint64, unread int) {
		t.Helper()
		view(t, s, func(tx *Tx) error {
			first, found, err := tx.FirstUnread(c.ID, late)
			if found != (clock > 0) || first.Clock != clock || err != nil {
				t.Errorf("first unread %v, %v, %v; want the clock %d", first, found, err, clock)
			}
			if n, err := tx.Unread(c.ID); n != unread || err != nil {
				t.Errorf("%d unread, %v; want %d", n, err, unread)
			}
			return nil
		})
	}
	add(1, 1)
	add(2, sent-late-1)
	want(0, 2)
	add(3, sent+5)
	want(sent+5, 3)
	add(4, sent-late)
	want(sent-late, 4)
}

// TestUnreadIsBounded: nobody shows more than "999+", and counting costs.
func TestUnreadIsBounded(t *testing.T) {
	s := open(t)
	c := addChat(t, s, "lobby")
	update(t, s, func(tx *Tx) error {
		for i := range 1100 {
			if _, err := tx.AddMessage(&Message{ID: testID(i), Chat: c.ID, Clock: uint64(i + 1), Author: []byte{4}}); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(tx *Tx) error {
		if n, err := tx.Unread(c.ID); n != 1000 || err != nil {
			t.Errorf("%d unread, %v; want 1000", n, err)
		}
		return nil
	})
}

// TestRemoveMessage takes one out with all that hangs on it, and nothing else.
func TestRemoveMessage(t *testing.T) {
	s := open(t)
	c := addChat(t, s, "lobby")
	rows := make([]Message, 2)
	update(t, s, func(tx *Tx) error {
		for i := range rows {
			rows[i] = Message{ID: testID(i), Chat: c.ID, Clock: 5, Author: []byte{4}}
			_, err := tx.AddMessage(&rows[i])
			if _, err2 := tx.AddStep(&Step{Message: rows[i].Row, State: Queued}); err != nil || err2 != nil {
				return errors.Join(err, err2)
			}
			if err := tx.Enqueue(&Outgoing{Message: rows[i].Row, Chat: c.ID, Payload: []byte{1}}); err != nil {
				return err
			}
		}
		return tx.RemoveMessage(rows[0].Row)
	})
	view(t, s, func(tx *Tx) error {
		for i, row := range rows {
			_, there, err := tx.MessageAt(row.Row)
			_, waits, err2 := tx.Outgoing(row.Row)
			steps, err3 := tx.Steps(row.Row)
			if there != (i == 1) || waits != there || len(steps) != i || errors.Join(err, err2, err3) != nil {
				t.Errorf("message %d: there %v, waits %v, steps %v; %v", i, there, waits, steps, errors.Join(err, err2, err3))
			}
		}
		return nil
	})
}

// TestQueriesUseTheirIndexes keeps the queries of an opening chat from scanning.
func TestQueriesUseTheirIndexes(t *testing.T) {
	s := open(t)
	for query, index := range map[string]string{
		"SELECT * FROM messages WHERE chat = 1 AND (clock, id) < (5, x'00') AND " + shown + " ORDER BY clock DESC, id DESC LIMIT 50":               "INDEX messages_order (chat=? AND (clock,id)<(?,?))",
		"SELECT * FROM messages WHERE chat = 1 AND (clock, id) > (5, x'00') AND " + shown + " ORDER BY clock, id LIMIT 50":                         "INDEX messages_order (chat=? AND (clock,id)>(?,?))",
		"SELECT count(*) FROM (SELECT 1 FROM messages WHERE chat = 1 AND seen = 0 AND " + shown + " LIMIT 9)":                                      "COVERING INDEX messages_unseen",
		"SELECT clock FROM messages INDEXED BY messages_unseen WHERE chat = 1 AND seen = 0 AND clock >= sent - 9 AND " + shown + " ORDER BY clock": "INDEX messages_unseen (chat=?)",
		"SELECT coalesce(max(clock), 0) FROM messages WHERE chat = 1 AND clock <= 9":                                                               "INDEX messages_order (chat=? AND clock<?)",
		"SELECT * FROM messages WHERE " + shown:                                                                "COVERING INDEX contacts_blocked",
		"SELECT * FROM ledger WHERE message IN (1, 2) ORDER BY message, id":                                    "INDEX ledger_message",
		"SELECT * FROM outbox WHERE failed = 0 AND (next_try <= 5 OR next_try > 9) ORDER BY next_try, id":      "INDEX outbox_due",
		"SELECT * FROM outbox WHERE message = 5":                                                               "INDEX outbox_message",
		"SELECT id FROM outbox WHERE message IS NULL AND kind = 2 ORDER BY id DESC LIMIT -1 OFFSET 9":          "INDEX outbox_control",
		"SELECT * FROM chats WHERE request = 1 ORDER BY joined_at DESC, id DESC LIMIT -1 OFFSET 9":             "INDEX chats_requests",
		"SELECT id FROM sessions WHERE identity = x'00' AND installation = 'a' AND prekey = x'00' ORDER BY id": "INDEX sessions_device (identity=? AND installation=? AND prekey=?)",
		"DELETE FROM skipped_keys WHERE session = 1 AND ratchet = x'00' AND n = 1":                             "(session=? AND ratchet=? AND n=?)",
		"DELETE FROM skipped_keys WHERE session = 1 AND seq <= 9":                                              "INDEX skipped_keys_age (session=? AND seq<?)",
		"SELECT message FROM sync_records WHERE next <= 5 ORDER BY next, message":                              "COVERING INDEX sync_records_next (next<?)",
		"DELETE FROM sync_received WHERE at < 5":                                                               "INDEX sync_received_at (at<?)",
		"DELETE FROM seen_payloads WHERE at < 5":                                                               "INDEX seen_payloads_at (at<?)",
	} {
		view(t, s, func(tx *Tx) error {
			var plan []struct{ Detail string }
			if err := tx.db.Raw("EXPLAIN QUERY PLAN " + strings.ReplaceAll(query, "?", "1")).Scan(&plan).Error; err != nil {
				return err
			}
			sorts := func(p struct{ Detail string }) bool { return strings.Contains(p.Detail, "TEMP B-TREE") }
			if slices.ContainsFunc(plan, sorts) || !slices.ContainsFunc(plan, func(p struct{ Detail string }) bool { return strings.Contains(p.Detail, index) }) {
				t.Errorf("%s: %v", query, plan)
			}
			return nil
		})
	}
}
