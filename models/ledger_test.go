package models

import (
	"errors"
	"fmt"
	"testing"
)

// addMessage stores a message in a chat and returns its row.
func addMessage(t testing.TB, s *Store, chat int64, n int) int64 {
	t.Helper()
	m := Message{ID: testID(n), Chat: chat, Clock: uint64(n), Author: []byte{4}, Outgoing: true, Seen: true}
	update(t, s, func(tx *Tx) error {
		_, err := tx.AddMessage(&m)
		return err
	})
	return m.Row
}

func TestProgress(t *testing.T) {
	single(t)
	for name, c := range map[string]struct {
		steps []Step
		want  Progress
	}{
		"queued":             {[]Step{{State: Queued}}, Progress{State: Queued}},
		"sent to two":        {[]Step{{State: Queued}, {State: Sent, Who: "a"}, {State: Sent, Who: "b"}}, Progress{State: Sent, Peers: 2}},
		"the same twice":     {[]Step{{State: Sent, Who: "a"}, {State: Sent, Who: "a"}}, Progress{State: Sent, Peers: 1}},
		"unconfirmed":        {[]Step{{State: Queued}, {State: Sent, Who: "a", Unconfirmed: true}}, Progress{State: Sent, Peers: 1, Unconfirmed: true}},
		"confirmed later":    {[]Step{{State: Sent, Who: "a", Unconfirmed: true}, {State: Sent, Who: "a"}}, Progress{State: Sent, Peers: 1}},
		"one of two":         {[]Step{{State: Sent, Who: "a", Unconfirmed: true}, {State: Sent, Who: "b"}}, Progress{State: Sent, Peers: 2}},
		"failed":             {[]Step{{State: Queued}, {State: Failed, Reason: "nobody"}}, Progress{State: Failed, Reason: "nobody"}},
		"tried again":        {[]Step{{State: Queued}, {State: Failed, Reason: "nobody"}, {State: Queued}}, Progress{State: Queued}},
		"sent after failing": {[]Step{{State: Failed, Reason: "nobody"}, {State: Sent, Who: "a"}}, Progress{State: Sent, Peers: 1}},
		"late failure":       {[]Step{{State: Sent, Who: "a"}, {State: Failed, Reason: "late"}}, Progress{State: Sent, Peers: 1}},
		"two devices":        {[]Step{{State: Sent, Who: "a"}, {State: Delivered, Who: "d"}, {State: Delivered, Who: "e"}, {State: Delivered, Who: "d"}}, Progress{State: Delivered, Peers: 1, Delivered: 2}},
		"stored":             {[]Step{{State: Sent, Who: "a"}, {State: Stored, Who: "m", Until: 9}, {State: Accepted, Who: "n"}}, Progress{State: Stored, Peers: 3}},
		"furthest counts":    {[]Step{{State: Delivered, Who: "d"}, {State: Sent, Who: "a"}}, Progress{State: Delivered, Peers: 1, Delivered: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			row := addMessage(t, s, addChat(t, s, "lobby").ID, 1)
			update(t, s, func(tx *Tx) error {
				for _, step := range c.steps {
					step.Message = row
					if _, err := tx.AddStep(&step); err != nil {
						return err
					}
				}
				sums, err := tx.Progress(row, row+1)
				if len(sums) != 1 || sums[row] != c.want {
					t.Errorf("got %+v, want %+v", sums, c.want)
				}
				return err
			})
		})
	}
}

func TestStepsAreFacts(t *testing.T) {
	s := open(t)
	chat := addChat(t, s, "lobby").ID
	rows := []int64{addMessage(t, s, chat, 1), addMessage(t, s, chat, 2)}
	update(t, s, func(tx *Tx) error {
		for i, step := range []Step{
			{Message: rows[0], State: Queued, At: 1},
			{Message: rows[1], State: Queued, At: 2},
			{Message: rows[0], State: Sent, At: 3, Who: "a", Unconfirmed: true},
			{Message: rows[0], State: Sent, At: 4, Who: "a", Unconfirmed: true}, // known
			{Message: rows[0], State: Sent, At: 5, Who: "a"},
			{Message: rows[0], State: Sent, At: 6, Who: "a", Unconfirmed: true}, // says less than is known
		} {
			fresh, err := tx.AddStep(&step)
			if err != nil {
				return err
			}
			if fresh == (i == 3 || i == 5) || fresh && step.ID == 0 {
				t.Errorf("step %d: new is %v, id %d", i, fresh, step.ID)
			}
		}
		list, err := tx.Steps(rows[0])
		if len(list) != 3 || list[0].At != 1 || list[1].At != 3 || list[2].At != 5 || list[2].ID <= list[1].ID {
			t.Errorf("steps: %+v", list)
		}
		return err
	})
}

func TestOutbox(t *testing.T) {
	s := open(t)
	chat := addChat(t, s, "lobby").ID
	rows := []int64{addMessage(t, s, chat, 1), addMessage(t, s, chat, 2), addMessage(t, s, chat, 3)}
	update(t, s, func(tx *Tx) error {
		if _, found, err := tx.NextOutgoing(); found || err != nil {
			t.Errorf("an empty outbox has something due: %v", err)
		}
		for i, row := range rows {
			if err := tx.Enqueue(&Outgoing{Message: row, Chat: chat, Payload: []byte{byte(i)}, NextTry: int64(30 - 10*i)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := s.Update(t.Context(), func(tx *Tx) error { return tx.Enqueue(&Outgoing{Message: rows[0], Chat: chat, Payload: []byte{1}}) }); err == nil {
		t.Error("a message waits twice")
	}
	update(t, s, func(tx *Tx) error {
		list, err := tx.DueOutgoing(20, 40, 10)
		if len(list) != 2 || list[0].Message != rows[2] || list[1].Message != rows[1] {
			t.Errorf("due: %+v, %v", list, err)
		}
		if list, err := tx.DueOutgoing(5, 15, 10); len(list) != 2 || err != nil {
			t.Errorf("after the clock was set back: %+v, %v", list, err)
		}
		if list, err := tx.DueOutgoing(5, 30, 10); len(list) != 0 || err != nil {
			t.Errorf("before anything is due: %+v, %v", list, err)
		}
		o := list[0]
		o.Failed, o.Attempts, o.Envelope, o.Expiry = true, 6, testID(9), 40
		if err := tx.PutOutgoing(&o); err != nil {
			return err
		}
		got, found, err := tx.Outgoing(o.Message)
		if !found || err != nil || !got.Failed || got.Attempts != 6 || string(got.Envelope) != string(testID(9)) {
			t.Errorf("stored %+v, %v", got, err)
		}
		if gone, err := tx.RemoveOutgoing(rows[1]); !gone || err != nil {
			t.Errorf("remove: %v, %v", gone, err)
		}
		if gone, err := tx.RemoveOutgoing(rows[1]); gone || err != nil {
			t.Errorf("remove again: %v, %v", gone, err)
		}
		if next, found, err := tx.NextOutgoing(); next != 30 || !found || err != nil {
			t.Errorf("next due %d, %v, %v", next, found, err)
		}
		return nil
	})
}

// TestControlMessages belong to no message. The oldest private ones go where there are too many; what a person wrote and the
// contact code stay.
func TestControlMessages(t *testing.T) {
	s := open(t)
	chat := addChat(t, s, "lobby").ID
	who := testPerson(1)
	rows := []Outgoing{
		{Kind: ContactCodeOutgoing, Payload: []byte{1}},
		{Kind: PrivateOutgoing, Message: addMessage(t, s, chat, 1), Chat: chat, Recipient: who[:], Negotiated: true, Payload: []byte{1}},
	}
	for range 4 {
		rows = append(rows, Outgoing{Kind: PrivateOutgoing, Recipient: who[:], Payload: []byte{1}})
	}
	update(t, s, func(tx *Tx) error {
		for i := range rows {
			if err := tx.Enqueue(&rows[i]); err != nil {
				return err
			}
			got, _, err := tx.OutgoingByID(rows[i].ID)
			same(t, "stored", fmt.Sprint(got), fmt.Sprint(rows[i]), err)
		}
		_, found, err := tx.Outgoing(0)
		same(t, "something waits for no message", found, false, err)
		gone, err := tx.RemoveOutgoing(0)
		same(t, "no message is removed", gone, false, err)
		if err := tx.TrimControl(2); err != nil {
			return err
		}
		for i, row := range rows {
			_, found, err := tx.OutgoingByID(row.ID)
			same(t, fmt.Sprint("row ", i, " is left"), found, i != 2 && i != 3, err)
		}
		rows[5].Attempts = 3
		if err := tx.PutOutgoing(&rows[5]); err != nil {
			return err
		}
		got, _, err := tx.OutgoingByID(rows[5].ID)
		same(t, "replaced", fmt.Sprint(got), fmt.Sprint(rows[5]), err)
		if err := errors.Join(tx.RemoveOutgoingByID(rows[5].ID), tx.RemoveOutgoingByID(rows[5].ID)); err != nil {
			return err
		}
		list, err := tx.DueOutgoing(1, 2, 10)
		same(t, "due", fmt.Sprint(list), fmt.Sprint([]Outgoing{rows[0], rows[1], rows[4]}), err)
		return nil
	})
	if err := s.Update(t.Context(), func(tx *Tx) error { return tx.Enqueue(&Outgoing{Message: 99, Payload: []byte{1}}) }); err == nil {
		t.Error("something waits for a message that is not there")
	}
}

func TestEnvelopes(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		for i, want := range []bool{true, false} {
			if fresh, err := tx.MarkEnvelope([32]byte{1}, int64(10+i)); fresh != want || err != nil {
				t.Errorf("mark %d: %v, %v", i, fresh, err)
			}
		}
		if _, err := tx.MarkEnvelope([32]byte{2}, 20); err != nil {
			return err
		}
		if n, err := tx.ForgetEnvelopes(11); n != 1 || err != nil {
			t.Errorf("forgot %d, %v", n, err)
		}
		if fresh, err := tx.MarkEnvelope([32]byte{1}, 30); !fresh || err != nil {
			t.Errorf("forgotten envelope: %v, %v", fresh, err)
		}
		return nil
	})
}

func TestTopicKeys(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		if _, found, err := tx.TopicKey("lobby"); found || err != nil {
			t.Errorf("found %v, %v", found, err)
		}
		if err := tx.PutTopicKey(TopicKey{"lobby", []byte{1, 2, 3, 4}, testID(1)}); err != nil {
			return err
		}
		k, found, err := tx.TopicKey("lobby")
		if !found || err != nil || string(k.Topic) != "\x01\x02\x03\x04" || string(k.Key) != string(testID(1)) {
			t.Errorf("got %+v, %v", k, err)
		}
		return nil
	})
}
