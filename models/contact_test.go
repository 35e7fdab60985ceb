package models

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"sotto/node/datasync"
)

func TestContacts(t *testing.T) {
	s := open(t)
	key := func(n int) []byte { who := testPerson(n); return who[:] }
	full := Contact{Key: key(7), State: ContactAdded, Name: "kay", Nickname: "K", VerifiedAt: 5, LastUpdated: 1<<63 - 1, AddedAt: 6}
	update(t, s, func(tx *Tx) error {
		_, found, err := tx.Contact(testPerson(7))
		same(t, "a stranger is found", found, false, err)
		other := Contact{Key: key(3), State: ContactBlocked}
		return errors.Join(tx.PutContact(&full), tx.PutContact(&other))
	})
	update(t, s, func(tx *Tx) error {
		got, found, err := tx.Contact(testPerson(7))
		same(t, "contact", got, full, err)
		same(t, "found", found, true, nil)
		for n, want := range map[int]bool{3: true, 7: false, 9: false} {
			blocked, err := tx.Blocked(testPerson(n))
			same(t, fmt.Sprint("blocked ", n), blocked, want, err)
		}
		full.State, full.Nickname = ContactIgnored, ""
		if err := tx.PutContact(&full); err != nil {
			return err
		}
		list, err := tx.Contacts()
		same(t, "contacts", list, []Contact{full, {Key: key(3), State: ContactBlocked}}, err)
		if err := tx.RemoveContact(testPerson(7)); err != nil {
			return err
		}
		list, err = tx.Contacts()
		same(t, "contacts after removing", list, []Contact{{Key: key(3), State: ContactBlocked}}, err)
		clock, err := tx.Stood(testPerson(7))
		same(t, "clock of a stranger", clock, uint64(0), err)
		return nil
	})
}

// TestEstranged people are strangers, and it is remembered since when; who comes back comes last.
func TestEstranged(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		for n := range 3 {
			who := testPerson(n)
			if err := tx.PutContact(&Contact{Key: who[:], State: ContactAdded, Synced: uint64(n + 1)}); err != nil {
				return err
			}
		}
		return tx.Estrange(testPerson(1), 1<<63-1)
	})
	update(t, s, func(tx *Tx) error {
		_, found, err := tx.Contact(testPerson(1))
		same(t, "found", found, false, err)
		clock, err := tx.Stood(testPerson(1))
		same(t, "clock", clock, uint64(1<<63-1), err)
		list, err := tx.Contacts()
		same(t, "contacts", len(list), 2, err)
		list, err = tx.Estranged()
		same(t, "strangers", len(list), 1, err)
		who := testPerson(1)
		if err := tx.PutContact(&Contact{Key: who[:], State: ContactAdded, Synced: 5}); err != nil {
			return err
		}
		list, err = tx.Contacts()
		same(t, "contacts", len(list), 3, err)
		same(t, "the last of them", list[2].Synced, uint64(5), nil)
		list, err = tx.Estranged()
		same(t, "strangers", len(list), 0, err)
		return nil
	})
}

// TestBlockedAuthorsAreHidden from everything that a public chat shows, while they are blocked; in a private chat what they
// wrote stays.
func TestBlockedAuthorsAreHidden(t *testing.T) {
	s := open(t)
	public := addChat(t, s, "lobby")
	private := Chat{Kind: PrivateChat, Name: "0x04"}
	noisy, quiet := testPerson(1), testPerson(2)
	update(t, s, func(tx *Tx) error {
		if err := tx.PutChat(&private); err != nil {
			return err
		}
		for n := range 20 {
			for _, chat := range []int64{public.ID, private.ID} {
				author := noisy[:]
				if n%5 == 2 {
					author = quiet[:]
				}
				m := Message{ID: testID(int(chat)*100 + n), Chat: chat, Clock: uint64(n + 1), Sent: int64(n), Author: author}
				if _, err := tx.AddMessage(&m); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, c := range []struct {
		state   ContactState
		visible string // in the public chat: older, newer, unread, first unread, last
	}{
		{ContactAdded, "10 19 20 1 20"},
		{ContactBlocked, "2 4 4 3 18"},
		{ContactIgnored, "10 19 20 1 20"},
	} {
		update(t, s, func(tx *Tx) error { return tx.PutContact(&Contact{Key: noisy[:], State: c.state}) })
		view(t, s, func(tx *Tx) error {
			same(t, fmt.Sprint("public, state ", c.state), visible(t, tx, public), c.visible, nil)
			same(t, fmt.Sprint("private, state ", c.state), visible(t, tx, private), "10 19 20 1 20", nil)
			return nil
		})
	}
	update(t, s, func(tx *Tx) error {
		if err := tx.PutContact(&Contact{Key: noisy[:], State: ContactBlocked}); err != nil {
			return err
		}
		if _, err := tx.MarkRead(public.ID); err != nil {
			return err
		}
		if err := tx.RemoveContact(noisy); err != nil {
			return err
		}
		n, err := tx.Unread(public.ID)
		same(t, "unread after unblocking", n, 0, err)
		return nil
	})
}

// visible is what a chat shows: how many of ten before its eleventh clock and of all after its first, how many are unread,
// the clocks of the first unread and the last.
func visible(t *testing.T, tx *Tx, c Chat) string {
	t.Helper()
	older, err1 := tx.Older(c.ID, &Place{Clock: 11}, 10)
	newer, err2 := tx.Newer(c.ID, Place{Clock: 1, ID: testID(1 << 40)}, 100)
	first, _, err3 := tx.FirstUnread(c.ID, 1000)
	sum, err4 := tx.Summarize(c)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Error(err)
	}
	return fmt.Sprint(len(older), len(newer), sum.Unread, first.Clock, sum.Last.Clock)
}

func TestRequests(t *testing.T) {
	s := open(t)
	addChat(t, s, "lobby")
	var all []Chat
	update(t, s, func(tx *Tx) error {
		for n := range 5 {
			c := Chat{Kind: PrivateChat, Name: testPerson(n).String(), Request: n != 3, Active: n == 3, JoinedAt: int64(n / 2),
				Claimed: fmt.Sprint("person ", n), ClaimedClock: uint64(n)}
			if err := tx.PutChat(&c); err != nil {
				return err
			}
			all = append(all, c)
		}
		return nil
	})
	view(t, s, func(tx *Tx) error {
		newest := []Chat{all[4], all[2], all[1], all[0]}
		list, err := tx.Requests()
		same(t, "requests", list, newest, err)
		for keep := range 4 {
			list, err := tx.OldestRequests(keep)
			same(t, fmt.Sprint("beyond ", keep), list, newest[keep:], err)
		}
		list, err = tx.OldestRequests(4)
		same(t, "beyond 4", len(list), 0, err)
		chat, _, err := tx.ChatNamed(PrivateChat, all[4].Name)
		same(t, "a request", chat, all[4], err)
		active, err := tx.Chats()
		same(t, "active chats", len(active), 2, err)
		return nil
	})
}

// TestRemoveChat takes one out with all that hangs on it, and nothing else.
func TestRemoveChat(t *testing.T) {
	s := open(t)
	chats := []Chat{{Kind: PrivateChat, Name: "a", Request: true}, {Kind: PrivateChat, Name: "b"}}
	update(t, s, func(tx *Tx) error {
		for i := range chats {
			if err := errors.Join(tx.PutChat(&chats[i]), tx.SetDraft(chats[i].ID, "draft", 1)); err != nil {
				return err
			}
			for n := range 2 {
				m := Message{ID: testID(10*i + n), Chat: chats[i].ID, Clock: 1, Author: []byte{4}, Text: "dür"}
				_, err := tx.AddMessage(&m)
				_, err2 := tx.AddStep(&Step{Message: m.Row, State: Queued})
				id := datasync.ID(m.ID)
				err = errors.Join(err, err2, tx.Enqueue(&Outgoing{Kind: PrivateOutgoing, Message: m.Row, Chat: m.Chat, Payload: []byte{1}}),
					tx.PutSending(id, datasync.Sending{Ref: m.Row, Created: time.UnixMilli(1)}),
					tx.PutRecord(datasync.Record{ID: id, Next: time.UnixMilli(1)}))
				if err != nil {
					return err
				}
			}
		}
		control := datasync.ID{99}
		return errors.Join(tx.PutSending(control, datasync.Sending{}), tx.PutRecord(datasync.Record{ID: control}),
			tx.Enqueue(&Outgoing{Kind: PrivateOutgoing, Chat: chats[0].ID, Payload: []byte{1}}))
	})
	tables := []string{"chats", "messages", "ledger", "outbox", "drafts", "sync_messages", "sync_records"}
	update(t, s, func(tx *Tx) error {
		held, err := tx.Held(chats[0].ID)
		same(t, "what the chat holds", held, Held{Messages: 2, Bytes: 8}, err)
		same(t, "before", rowsOf(t, tx, tables...), "2 4 4 5 2 5 5", nil)
		if err := tx.RemoveChat(chats[0].ID); err != nil {
			return err
		}
		same(t, "after", rowsOf(t, tx, tables...), "1 2 2 2 1 3 3", nil)
		held, err = tx.Held(chats[0].ID)
		same(t, "what no chat holds", held, Held{}, err)
		rest, err := tx.Older(chats[1].ID, nil, 9)
		if err != nil || len(rest) != 2 {
			t.Fatalf("%d messages are left in the other chat, %v", len(rest), err)
		}
		if err := tx.RemoveMessage(rest[0].Row); err != nil {
			return err
		}
		same(t, "after removing a message", rowsOf(t, tx, tables...), "1 1 1 1 1 2 2", nil)
		return nil
	})
}
