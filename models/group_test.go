package models

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

func addGroup(t *testing.T, s *Store, id string) Chat {
	t.Helper()
	c := Chat{Kind: GroupChat, Name: id, Title: "team", Active: true, Invited: true, Synced: 5, JoinedAt: 1}
	update(t, s, func(tx *Tx) error { return tx.PutChat(&c) })
	return c
}

func TestGroupLogAndPeople(t *testing.T) {
	s := open(t)
	g := addGroup(t, s, "one")
	other := addGroup(t, s, "two")
	update(t, s, func(tx *Tx) error {
		got, _, err := tx.ChatNamed(GroupChat, "one")
		same(t, "chat", got, g, err)
		for i, signature := range []byte{2, 1, 2} {
			e := GroupEvent{Signature: bytes.Repeat([]byte{signature}, 65), Author: []byte{4}, Raw: []byte{signature}}
			fresh, err := tx.AddGroupEvent(g.ID, e)
			same(t, fmt.Sprint("event ", i, " is new"), fresh, i < 2, err)
		}
		events, err := tx.GroupEvents(g.ID)
		if len(events) != 2 || events[0].Raw[0] != 1 || events[1].Raw[0] != 2 || err != nil {
			t.Errorf("events %v, %v", events, err)
		}
		for n := 1; n <= 3; n++ {
			p := GroupPerson{Chat: g.ID, Key: testPerson(n), Member: true, Added: uint64(n), CheckAt: int64(n) * 10}
			if err := tx.PutGroupPerson(&p); err != nil {
				return err
			}
			p.Joined, p.Admin, p.JoinedAt, p.GoneAt, p.Told, p.AddedBy, p.LoggedAt = true, n == 1, 7, 3, []byte{9}, []byte{4, 1}, 8
			if err := tx.PutGroupPerson(&p); err != nil {
				return err
			}
			got, _, err := tx.GroupPerson(g.ID, testPerson(n))
			same(t, "person", got, p, err)
			got, _, err = tx.GroupPersonByID(p.ID)
			same(t, "person by number", got, p, err)
		}
		if _, found, err := tx.GroupPerson(other.ID, testPerson(1)); found || err != nil {
			t.Errorf("somebody is in another group, too: %v", err)
		}
		shares, err := tx.SharesGroup(testPerson(1))
		same(t, "shares a group to which we are only invited", shares, false, err)
		g.Invited = false
		if err := tx.PutChat(&g); err != nil {
			return err
		}
		shares, err = tx.SharesGroup(testPerson(1))
		same(t, "shares a group", shares, true, err)
		shares, err = tx.SharesGroup(testPerson(9))
		same(t, "a stranger shares a group", shares, false, err)
		due, err := tx.DueGroupChecks(20, 1000, 10)
		if len(due) != 2 || due[0].Key != testPerson(1) || err != nil {
			t.Errorf("due %v, %v", due, err)
		}
		if due, err := tx.DueGroupChecks(1, 25, 10); len(due) != 1 || err != nil {
			t.Errorf("after the clock was set back: %v, %v", due, err)
		}
		next, found, err := tx.NextGroupCheck()
		same(t, "next check", next, int64(10), err)
		same(t, "there is a check", found, true, nil)
		return tx.RemoveChat(g.ID)
	})
	view(t, s, func(tx *Tx) error {
		people, err := tx.GroupPeople(g.ID)
		events, err2 := tx.GroupEvents(g.ID)
		if len(people)+len(events) != 0 || err != nil || err2 != nil {
			t.Errorf("%d people, %d events are left; %v, %v", len(people), len(events), err, err2)
		}
		return nil
	})
}

// TestGroupDelivery: a message to a group waits once for each of its members, and each of them has it or not.
func TestGroupDelivery(t *testing.T) {
	s := open(t)
	g := addGroup(t, s, "one")
	m := addMessage(t, s, g.ID, 1)
	var people [3]GroupPerson
	update(t, s, func(tx *Tx) error {
		for i := range people {
			people[i] = GroupPerson{Chat: g.ID, Key: testPerson(i + 1), Member: true, Joined: true}
			if err := tx.PutGroupPerson(&people[i]); err != nil {
				return err
			}
			if err := tx.AddGroupRecipient(m, people[i].ID); err != nil {
				return err
			}
			if err := tx.Enqueue(&Outgoing{Kind: PrivateOutgoing, Message: m, Chat: g.ID, Recipient: people[i].Key[:], Payload: []byte{1}}); err != nil {
				return err
			}
		}
		list, err := tx.OutgoingOf(m)
		same(t, "rows that wait", len(list), 3, err)
		o, found, err := tx.OutgoingTo(m, people[1].Key[:])
		same(t, "one of them", string(o.Recipient), string(people[1].Key[:]), err)
		same(t, "it waits", found, true, nil)
		if err := tx.RemoveOutgoingTo(m, people[1].Key[:]); err != nil {
			return err
		}
		for range 2 {
			if _, err := tx.AddStep(&Step{Message: m, State: Delivered, At: 9, Who: "device", Person: people[1].ID}); err != nil {
				return err
			}
		}
		if _, err := tx.AddStep(&Step{Message: m, State: Delivered, At: 8, Who: "other", Person: people[1].ID}); err != nil {
			return err
		}
		list, err = tx.OutgoingOf(m)
		same(t, "rows that wait", len(list), 2, err)
		list[0].Failed = true
		return tx.PutOutgoing(&list[0])
	})
	if err := s.Update(t.Context(), func(tx *Tx) error {
		return tx.Enqueue(&Outgoing{Kind: PrivateOutgoing, Message: m, Chat: g.ID, Recipient: people[0].Key[:], Payload: []byte{1}})
	}); err == nil {
		t.Error("a message waits twice for the same person")
	}
	update(t, s, func(tx *Tx) error {
		addressed, delivered, err := tx.CountGroupRecipients(m)
		same(t, "addressed", addressed, 3, err)
		same(t, "delivered", delivered, 1, nil)
		list, err := tx.GroupRecipients(m)
		want := []GroupRecipient{{Key: testPerson(1), Failed: true}, {Key: testPerson(2), Delivered: 8}, {Key: testPerson(3), Waiting: true}}
		same(t, "recipients", fmt.Sprint(list), fmt.Sprint(want), err)
		if err := tx.PutWrapped(m, []byte{5}); err != nil {
			return err
		}
		wrapped, _, err := tx.Wrapped(m)
		same(t, "signed bytes", string(wrapped), "\x05", err)
		if err := tx.RemoveMessage(m); err != nil {
			return err
		}
		addressed, _, err = tx.CountGroupRecipients(m)
		same(t, "addressed when it is gone", addressed, 0, err)
		return nil
	})
}

func TestGroupRequestsAndDevices(t *testing.T) {
	s := open(t)
	who, admin := testPerson(1), testPerson(2)
	update(t, s, func(tx *Tx) error {
		r := GroupRequest{Group: "g", Key: who[:], Admin: admin[:], Name: "team", Clock: 3, Text: "hi", State: GroupRequestWaits, At: 4}
		if err := tx.PutGroupRequest(r); err != nil {
			return err
		}
		got, _, err := tx.GroupRequest("g", who)
		same(t, "request", fmt.Sprint(got), fmt.Sprint(r), err)
		list, err := tx.GroupRequests(GroupRequestWaits)
		same(t, "requests", len(list), 1, err)
		if err := tx.RemoveGroupRequest("g", who); err != nil {
			return err
		}
		list, err = tx.GroupRequests(GroupRequestWaits)
		same(t, "requests that are left", len(list), 0, err)

		d := OwnDevice{ID: "x", Name: "laptop", Kind: "desktop", Clock: 5, HeardAt: 6, GivenAt: 7}
		if err := tx.PutOwnDevice(d); err != nil {
			return err
		}
		device, _, err := tx.OwnDevice("x")
		same(t, "device", device, d, err)
		if err := tx.RemoveOwnDevice("x"); err != nil {
			return err
		}
		devices, err := tx.OwnDevices()
		same(t, "devices that are left", len(devices), 0, err)
		return nil
	})
}

// TestInvitationsOfStrangers are no private requests.
func TestInvitationsOfStrangers(t *testing.T) {
	s := open(t)
	g := Chat{Kind: GroupChat, Name: "g", Invited: true, Request: true, JoinedAt: 2}
	update(t, s, func(tx *Tx) error {
		if err := tx.PutChat(&g); err != nil {
			return err
		}
		requests, err := tx.Requests()
		same(t, "private requests", len(requests), 0, err)
		invitations, err := tx.GroupInvitations()
		same(t, "invitations", len(invitations), 1, err)
		return nil
	})
}

func TestMarkReadUpTo(t *testing.T) {
	s := open(t)
	g := addGroup(t, s, "one")
	for n := 1; n <= 4; n++ {
		row := addMessage(t, s, g.ID, n)
		update(t, s, func(tx *Tx) error { return tx.exec("UPDATE messages SET seen = 0 WHERE row = ?", row) })
	}
	update(t, s, func(tx *Tx) error {
		list, err := tx.Newer(g.ID, Place{}, 9)
		if err != nil || len(list) != 4 {
			t.Fatalf("%d messages, %v", len(list), err)
		}
		n, err := tx.MarkReadUpTo(g.ID, list[1].Clock)
		same(t, "looked at", n, int64(2), err)
		unread, err := tx.Unread(g.ID)
		same(t, "unread", unread, 2, err)
		return nil
	})
}

func TestGroupCountsAndBytes(t *testing.T) {
	s := open(t)
	g := addGroup(t, s, "one")
	update(t, s, func(tx *Tx) error {
		for n := 1; n <= 4; n++ {
			p := GroupPerson{Chat: g.ID, Key: testPerson(n), Member: n < 4, Joined: n == 1, Added: uint64(100 * n)}
			if err := tx.PutGroupPerson(&p); err != nil {
				return err
			}
		}
		members, waiting, err := tx.CountGroup(g.ID)
		same(t, "members and who waits", [2]int{members, waiting}, [2]int{3, 2}, err)
		made, err := tx.GroupCreated(g.ID)
		same(t, "made at", made.UnixMilli(), int64(100), err)
		in, err := tx.Groups(testPerson(1))
		same(t, "groups of a member", len(in), 1, err)
		in, err = tx.Groups(testPerson(4))
		same(t, "groups of a former member", len(in), 0, err)
		open, err := tx.OpenInvitations()
		same(t, "open invitations", len(open), 1, err)

		e := GroupEvent{Signature: bytes.Repeat([]byte{1}, 65), Author: []byte{4}, Raw: []byte{7}}
		if _, err := tx.AddGroupEvent(g.ID, e); err != nil {
			return err
		}
		has, err := tx.HasGroupEvent(g.ID, e.Signature, e.Raw)
		same(t, "has the event", has, true, err)
		has, err = tx.HasGroupEvent(g.ID, e.Signature, []byte{8})
		same(t, "has other words below the signature", has, false, err)
		if err := tx.RemoveGroupEvent(g.ID, e.Signature, e.Author); err != nil {
			return err
		}
		has, err = tx.HasGroupEvent(g.ID, e.Signature, e.Raw)
		same(t, "has what was removed", has, false, err)
		return nil
	})
	update(t, s, func(tx *Tx) error {
		blocked := testPerson(2)
		if err := tx.PutContact(&Contact{Key: blocked[:], State: ContactBlocked}); err != nil {
			return err
		}
		for n := 1; n <= 3; n++ {
			author := testPerson(n)
			m := Message{ID: bytes.Repeat([]byte{byte(n)}, 32), Chat: g.ID, Clock: uint64(n), Author: author[:], Text: "x", ContentType: 1}
			if _, err := tx.AddMessage(&m); err != nil {
				return err
			}
			if err := tx.PutWrapped(m.Row, []byte{byte(n)}); err != nil {
				return err
			}
			for to := range n {
				o := Outgoing{Kind: PrivateOutgoing, Message: m.Row, Chat: g.ID, Recipient: []byte{byte(to)}, Payload: []byte{1}, Failed: to == 0}
				if err := tx.Enqueue(&o); err != nil {
					return err
				}
			}
			waiting, failed, err := tx.CountOutgoing(m.Row)
			same(t, "waiting and failed", [2]int{waiting, failed}, [2]int{n - 1, 1}, err)
		}
		last, err := tx.LastWrapped(g.ID, 2)
		if len(last) != 2 || last[0][0] != 3 || last[1][0] != 1 || err != nil {
			t.Errorf("the last of who is not blocked: %v, %v", last, err)
		}
		unread, err := tx.Unread(g.ID)
		same(t, "unread of who is not blocked", unread, 2, err)
		return nil
	})
}

func TestRequestsForOneGroup(t *testing.T) {
	s := open(t)
	self, admin := testPerson(1), testPerson(2)
	update(t, s, func(tx *Tx) error {
		for n := 1; n <= 3; n++ {
			who := testPerson(n)
			r := GroupRequest{Group: "g", Key: who[:], Admin: admin[:], State: GroupRequestWaits, At: int64(10 - n)}
			if err := tx.PutGroupRequest(r); err != nil {
				return err
			}
		}
		list, err := tx.GroupRequestsFor("g", self)
		if len(list) != 2 || list[0].At != 7 || err != nil {
			t.Errorf("requests %v, %v", list, err)
		}
		asked, err := tx.AskedGroupAdmin(self, admin)
		same(t, "we asked", asked, true, err)
		asked, err = tx.AskedGroupAdmin(admin, self)
		same(t, "we did not ask", asked, false, err)
		return nil
	})
}

func TestUnreceive(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		for n, want := range []bool{true, false} {
			fresh, err := tx.MarkReceived(testPerson(1), [32]byte{1}, time.UnixMilli(1))
			same(t, fmt.Sprint("fresh at ", n), fresh, want, err)
		}
		if err := tx.Unreceive(testPerson(1), [32]byte{1}); err != nil {
			return err
		}
		fresh, err := tx.MarkReceived(testPerson(1), [32]byte{1}, time.UnixMilli(1))
		same(t, "fresh once more", fresh, true, err)
		return nil
	})
}
