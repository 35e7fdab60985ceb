package models

import (
	"context"
	"testing"
	"time"

	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/secure"
)

// benchmarkIn runs fn in transactions of a hundred, as what waits is taken in.
func benchmarkIn(b *testing.B, s *Store, fn func(tx *Tx, n int) error) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; {
		err := s.Update(context.Background(), func(tx *Tx) error {
			for end := min(i+100, b.N); i < end; i++ {
				if err := fn(tx, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSessionPutGet is a session that is read and moved on.
func BenchmarkSessionPutGet(b *testing.B) {
	s := open(b)
	session := testSession(1)
	update(b, s, func(tx *Tx) error { return tx.PutSession(&session) })
	benchmarkIn(b, s, func(tx *Tx, n int) error {
		list, err := tx.Sessions(session.Identity, session.Installation, session.Prekey)
		if err != nil {
			return err
		}
		list[0].RecvN = uint32(n)
		return tx.PutSession(&list[0])
	})
}

// BenchmarkSkipped is a key that is put away and one that is taken, with two thousand there.
func BenchmarkSkipped(b *testing.B) {
	s := open(b)
	session := testSession(1)
	update(b, s, func(tx *Tx) error {
		if err := tx.PutSession(&session); err != nil {
			return err
		}
		return tx.PutSkipped(session.ID, testSkipped(0, 2000), 2000)
	})
	benchmarkIn(b, s, func(tx *Tx, n int) error {
		if err := tx.PutSkipped(session.ID, testSkipped(2000+n, 1), 2000); err != nil {
			return err
		}
		_, _, err := tx.TakeSkipped(session.ID, secure.Point{7}, uint32(n))
		return err
	})
}

// BenchmarkSkipMost is a message that leaves out as many as it may.
func BenchmarkSkipMost(b *testing.B) {
	s := open(b)
	session := testSession(1)
	update(b, s, func(tx *Tx) error { return tx.PutSession(&session) })
	benchmarkIn(b, s, func(tx *Tx, n int) error { return tx.PutSkipped(session.ID, testSkipped(2000*n, 2000), 2000) })
}

// BenchmarkPrivate is all that the database does for a private message that comes in from a contact.
func BenchmarkPrivate(b *testing.B) {
	s := open(b)
	session, who := testSession(1), testPerson(1)
	c := Chat{Kind: PrivateChat, Name: who.String(), Active: true}
	update(b, s, func(tx *Tx) error {
		if err := tx.PutChat(&c); err != nil {
			return err
		}
		if err := tx.PutContact(&Contact{Key: who[:], State: ContactAdded}); err != nil {
			return err
		}
		if err := tx.PutInstallation(secure.Installation{Identity: who, ID: session.Installation, Answered: true}); err != nil {
			return err
		}
		return tx.PutSession(&session)
	})
	benchmarkIn(b, s, func(tx *Tx, n int) error {
		return tx.Savepoint(func() error { return takeIn(tx, who, c.ID, session, n) })
	})
}

// takeIn asks and tells the database what the layers do for one message.
func takeIn(tx *Tx, who identity.PublicKey, chat int64, session secure.Session, n int) error {
	id := [32]byte(testID(n))
	if _, err := tx.MarkEnvelope(id, 1); err != nil {
		return err
	}
	if _, err := tx.MarkPayload(id, 1); err != nil {
		return err
	}
	if _, _, err := tx.Contact(who); err != nil {
		return err
	}
	if _, _, err := tx.ChatNamed(PrivateChat, who.String()); err != nil {
		return err
	}
	for range 3 {
		if _, err := tx.Installations(who); err != nil {
			return err
		}
	}
	list, err := tx.Sessions(who, session.Installation, session.Prekey)
	if err != nil {
		return err
	}
	if _, _, err := tx.TakeSkipped(list[0].ID, secure.Point{7}, uint32(n)); err != nil {
		return err
	}
	if err := tx.PutSession(&list[0]); err != nil {
		return err
	}
	if _, err := tx.MarkReceived(who, id, time.UnixMilli(1)); err != nil {
		return err
	}
	_, err = tx.AddMessage(benchmarkMessage(chat, n))
	return err
}

// BenchmarkSend is what the database does for a private message that goes out to one device.
func BenchmarkSend(b *testing.B) {
	s := open(b)
	session, who := testSession(1), testPerson(1)
	update(b, s, func(tx *Tx) error { return tx.PutSession(&session) })
	benchmarkIn(b, s, func(tx *Tx, n int) error {
		id := datasync.ID(testID(n))
		if err := tx.PutSession(&session); err != nil {
			return err
		}
		if err := tx.PutSending(id, datasync.Sending{To: who, Message: datasync.Message{Body: make([]byte, 300)}}); err != nil {
			return err
		}
		if err := tx.PutRecord(datasync.Record{ID: id, Installation: session.Installation, Next: time.UnixMilli(int64(n))}); err != nil {
			return err
		}
		return tx.Enqueue(&Outgoing{Kind: PrivateOutgoing, Recipient: who[:], Payload: make([]byte, 900)})
	})
}

// BenchmarkDue is a look at what is to be sent again, with ten thousand messages due.
func BenchmarkDue(b *testing.B) {
	s := open(b)
	update(b, s, func(tx *Tx) error {
		for n := range 10_000 {
			if err := tx.PutRecord(datasync.Record{ID: datasync.ID(testID(n)), Next: time.UnixMilli(int64(n))}); err != nil {
				return err
			}
		}
		return nil
	})
	benchmarkIn(b, s, func(tx *Tx, _ int) error {
		_, err := tx.Due(time.UnixMilli(20_000), 32)
		return err
	})
}

// BenchmarkBlocked is a page and a row of the sidebar of a channel in which blocked people wrote nine of ten messages.
func BenchmarkBlocked(b *testing.B) {
	s, c := benchmarkStore(b, 10_000)
	update(b, s, func(tx *Tx) error {
		for n := range 200 {
			who := testPerson(n)
			if err := tx.PutContact(&Contact{Key: who[:], State: ContactBlocked}); err != nil {
				return err
			}
			if err := tx.exec("UPDATE messages SET author = ? WHERE row % 200 = ? AND row % 10 <> 0", who[:], n); err != nil {
				return err
			}
		}
		return nil
	})
	b.ResetTimer()
	for b.Loop() {
		err := s.View(context.Background(), func(tx *Tx) error {
			if _, err := tx.Summarize(c); err != nil {
				return err
			}
			list, err := tx.Older(c.ID, nil, 50)
			if len(list) != 50 {
				b.Fatalf("a page of %d", len(list))
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
