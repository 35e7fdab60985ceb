package models

import (
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
		say(s.PutSending(id, datasync.Sending{To: who, Ref: int64(r.IntN(5)), Created: at,
			Message: datasync.Message{Group: [32]byte{byte(r.IntN(9))}, Timestamp: r.Int64(), Body: make([]byte, r.IntN(5))}}))
	case 1:
		say(s.DropSending(id))
	case 2, 3:
		say(s.PutRecord(datasync.Record{ID: id, Installation: device, Sends: r.IntN(9), Next: at}))
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
	}
	return b.String()
}

func TestNextRecordAndForgetting(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		_, waits, err := tx.NextRecord()
		same(t, "an empty table waits", waits, false, err)
		for n := range 3 {
			if err := tx.PutRecord(datasync.Record{ID: datasync.ID{byte(n)}, Next: time.UnixMilli(int64(30 - 10*n))}); err != nil {
				return err
			}
			if _, err := tx.MarkReceived(testPerson(1), datasync.ID{byte(n)}, time.UnixMilli(int64(n))); err != nil {
				return err
			}
		}
		next, _, err := tx.NextRecord()
		same(t, "next", next, int64(10), err)
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
