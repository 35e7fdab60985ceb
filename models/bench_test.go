package models

import (
	"context"
	"fmt"
	"testing"
)

// benchmarkStore is a store with a chat of n messages.
func benchmarkStore(b *testing.B, n int) (*Store, Chat) {
	s := open(b)
	c := addChat(b, s, "lobby")
	update(b, s, func(tx *Tx) error {
		for i := range n {
			if _, err := tx.AddMessage(benchmarkMessage(c.ID, i)); err != nil {
				return err
			}
		}
		return nil
	})
	b.ReportAllocs()
	b.ResetTimer()
	return s, c
}

func benchmarkMessage(chat int64, n int) *Message {
	return &Message{ID: testID(n), Chat: chat, Clock: uint64(1_750_000_000_000 + n), Author: make([]byte, 65), ContentType: 1,
		Text: "a line of a conversation that is about as long as lines are", Seen: n%100 != 0}
}

// BenchmarkCommit is one message in one durable transaction.
func BenchmarkCommit(b *testing.B) {
	s, c := benchmarkStore(b, 0)
	for i := range b.N {
		update(b, s, func(tx *Tx) error {
			_, err := tx.AddMessage(benchmarkMessage(c.ID, i))
			return err
		})
	}
}

// BenchmarkBatch is one message, within its savepoint, of a transaction with a hundred.
func BenchmarkBatch(b *testing.B) {
	s, c := benchmarkStore(b, 0)
	for i := 0; i < b.N; {
		update(b, s, func(tx *Tx) error {
			for end := min(i+100, b.N); i < end; i++ {
				err := tx.Savepoint(func() error {
					_, err := tx.AddMessage(benchmarkMessage(c.ID, i))
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// BenchmarkPage is fifty messages in the middle of a chat.
func BenchmarkPage(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint("of ", n), func(b *testing.B) {
			s, c := benchmarkStore(b, n)
			middle := benchmarkMessage(c.ID, n-n/4)
			for b.Loop() {
				err := s.View(context.Background(), func(tx *Tx) error {
					_, err := tx.Older(c.ID, &Place{Clock: middle.Clock, ID: middle.ID}, 50)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSummary is one row of the sidebar.
func BenchmarkSummary(b *testing.B) {
	s, c := benchmarkStore(b, 10_000)
	for b.Loop() {
		err := s.View(context.Background(), func(tx *Tx) error {
			_, err := tx.Summarize(c)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen is an unlock's share: the cipher, the schema, two pools.
func BenchmarkOpen(b *testing.B) {
	path := b.TempDir() + "/a.db"
	for b.Loop() {
		s, err := Open(path, testKey)
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
