package models

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"sotto/node/datasync"
	"sotto/node/datasync/datasynctest"
)

// TestSyncStateIsLikeTheOneInMemory does the same at random with both and compares all that they tell.
func TestSyncStateIsLikeTheOneInMemory(t *testing.T) {
	single(t)
	s, memory := open(t), datasynctest.New()
	update(t, s, func(tx *Tx) error {
		for n := range 600 {
			var said [2]string
			for i, state := range []datasync.State{tx, memory} {
				said[i] = syncAtRandom(rand.New(rand.NewPCG(uint64(n), 0)), state)
			}
			if said[0] != said[1] {
				return fmt.Errorf("after step %d:\n%s\nwant\n%s", n, said[0], said[1])
			}
		}
		return nil
	})
}

// syncAtRandom changes a state and is what it tells then. Everything follows from r.
func syncAtRandom(r *rand.Rand, s datasync.State) string {
	id, who, at := datasync.ID{byte(r.IntN(9))}, testPerson(r.IntN(3)), time.UnixMilli(int64(r.IntN(1000)))
	device := []string{datasync.Anyone, "a", "b"}[r.IntN(3)]
	var b strings.Builder
	say := func(v ...any) { fmt.Fprintln(&b, v...) }
	switch r.IntN(6) {
	case 0:
		say(s.PutSending(id, datasync.Sending{To: who, Ref: int64(r.IntN(5)), Created: at, Reached: r.IntN(2) == 0,
			Message: datasync.Message{Group: [32]byte{byte(r.IntN(9))}, Timestamp: r.Int64(), Body: make([]byte, r.IntN(5))}}))
	case 1:
		say(s.DropSending(id))
	case 2, 3:
		ahead := []time.Duration{0, datasync.MaxWait, datasync.MaxSlow}[r.IntN(3)] // as after the clock was set back
		say(s.PutRecord(datasync.Record{ID: id, Installation: device, Sends: r.IntN(9), Next: at.Add(ahead), Slow: r.IntN(2) == 0}))
	case 4:
		say(s.DropRecord(id, device))
	case 5:
		fresh, err := s.MarkReceived(who, id, at)
		say(fresh, err)
	}
	sending, found, err := s.Sending(id)
	say(sending, found, err)
	theirs, err := s.SendingsTo(who)
	say(theirs, err)
	records, err := s.Records(id)
	say(records, err)
	received, err := s.Received(who, id)
	say(received, err)
	for _, limit := range []int{1, 3, 100} {
		due, err := s.Due(at, limit)
		say(due, err)
		slow, err := s.Slow(who, device, limit)
		say(slow, err)
	}
	return b.String()
}

func TestNextRecordAndForgetting(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		_, waits, err := tx.NextRecord(time.UnixMilli(0))
		same(t, "an empty table waits", waits, false, err)
		for n := range 3 {
			if err := tx.PutRecord(datasync.Record{ID: datasync.ID{byte(n)}, Next: time.UnixMilli(int64(30 - 10*n))}); err != nil {
				return err
			}
			if _, err := tx.MarkReceived(testPerson(1), datasync.ID{byte(n)}, time.UnixMilli(int64(n))); err != nil {
				return err
			}
		}
		for now, want := range map[int64]time.Duration{0: 10, 9: 1, 10: 0, 99: 0} {
			next, _, err := tx.NextRecord(time.UnixMilli(now))
			same(t, fmt.Sprint("next at ", now), next, want*time.Millisecond, err)
		}
		if err := tx.ForgetReceived(2); err != nil {
			return err
		}
		for n := range 3 {
			known, err := tx.Received(testPerson(1), datasync.ID{byte(n)})
			same(t, fmt.Sprint("received ", n), known, n == 2, err)
		}
		return nil
	})
}

// TestNextRecordIsSlow: what waits for hours is no hurry, unless the clock was set back since, and hides nothing that is due for
// that reason.
func TestNextRecordIsSlow(t *testing.T) {
	s := open(t)
	now := time.UnixMilli(1 << 40)
	update(t, s, func(tx *Tx) error {
		next := func(what string, want time.Duration) {
			t.Helper()
			got, waits, err := tx.NextRecord(now)
			same(t, what, got, want, err)
			same(t, what+": waits", waits, true, nil)
		}
		err := tx.PutRecord(datasync.Record{ID: datasync.ID{1}, Next: now.Add(10 * time.Hour), Slow: true})
		next("a slow one", 10*time.Hour)
		err = errors.Join(err, tx.PutRecord(datasync.Record{ID: datasync.ID{2}, Next: now.Add(10*time.Hour + time.Minute)}))
		next("another, after the clock was set back", 0)
		err = errors.Join(err, tx.PutRecord(datasync.Record{ID: datasync.ID{2}, Next: now.Add(time.Minute)}))
		next("another that is due in a minute", time.Minute)
		err = errors.Join(err, tx.DropRecord(datasync.ID{2}, ""))
		now = now.Add(-2 * time.Hour)
		next("a slow one, after the clock was set back", 0)
		return err
	})
}

// TestForgetTaken leaves alone what still waits in the outbox, whether it failed or not, and what goes to others.
func TestForgetTaken(t *testing.T) {
	s := open(t)
	c := addChat(t, s, "lobby")
	update(t, s, func(tx *Tx) error {
		var refs []int64
		for n, to := range []int{1, 1, 1, 2} {
			m := Message{ID: testID(n), Chat: c.ID, Clock: 1, Author: []byte{4}}
			if _, err := tx.AddMessage(&m); err != nil {
				return err
			}
			refs = append(refs, m.Row)
			id := datasync.ID(m.ID)
			err := errors.Join(tx.PutSending(id, datasync.Sending{To: testPerson(to), Ref: m.Row}), tx.PutRecord(datasync.Record{ID: id}))
			if n < 2 {
				err = errors.Join(err, tx.Enqueue(&Outgoing{Kind: PrivateOutgoing, Message: m.Row, Payload: []byte{1}, Failed: n == 1}))
			}
			if err != nil {
				return err
			}
		}
		control := datasync.ID{99}
		err := errors.Join(tx.PutSending(control, datasync.Sending{To: testPerson(1)}), tx.PutRecord(datasync.Record{ID: control}),
			tx.Enqueue(&Outgoing{Kind: PrivateOutgoing, Payload: []byte{1}}), tx.ForgetTaken(testPerson(1)))
		for n, want := range []bool{true, true, false, true} {
			is, err := tx.Repeated(refs[n])
			same(t, fmt.Sprint("repeated ", n), is, want, err)
		}
		same(t, "left", rowsOf(t, tx, "sync_messages", "sync_records", "outbox"), "3 3 3", nil)
		return err
	})
}

func TestPayloads(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		for i, want := range []bool{true, false} {
			fresh, err := tx.MarkPayload([32]byte{1}, int64(10+i))
			same(t, fmt.Sprint("mark ", i), fresh, want, err)
		}
		if err := tx.ForgetPayloads(10); err != nil {
			return err
		}
		fresh, err := tx.MarkPayload([32]byte{1}, 12)
		same(t, "kept payload is new", fresh, false, err)
		if err := tx.ForgetPayloads(11); err != nil {
			return err
		}
		fresh, err = tx.MarkPayload([32]byte{1}, 13)
		same(t, "forgotten payload is new", fresh, true, err)
		return nil
	})
}

// TestOwedAcknowledgements are of one stranger, once each, and the newest stay.
func TestOwedAcknowledgements(t *testing.T) {
	single(t)
	s := open(t)
	update(t, s, func(tx *Tx) error {
		for n := range owedMost + 5 {
			for range 2 {
				if err := tx.OweAck(testPerson(1), datasync.ID(testID(n)), int64(n)); err != nil {
					return err
				}
			}
		}
		if err := tx.OweAck(testPerson(2), datasync.ID{9}, 1); err != nil {
			return err
		}
		list, err := tx.OwedAcks(testPerson(1))
		if len(list) != owedMost || list[0] != datasync.ID(testID(5)) || list[owedMost-1] != datasync.ID(testID(owedMost+4)) || err != nil {
			t.Errorf("%d are owed, %v", len(list), err)
		}
		if err := tx.ForgetOwed(testPerson(1)); err != nil {
			return err
		}
		list, err = tx.OwedAcks(testPerson(1))
		same(t, "owed after forgetting", list, []datasync.ID(nil), err)
		list, err = tx.OwedAcks(testPerson(2))
		same(t, "owed to another", list, []datasync.ID{{9}}, err)
		return nil
	})
}
