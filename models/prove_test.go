//go:build prove

package models

import (
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func init() { powerCuts = 200 }

// fill stores n messages in a chat, the last 20 of them unread.
func fill(t testing.TB, s *Store, chat int64, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, uint64(n)))
	for done := 0; done < n; {
		update(t, s, func(tx *Tx) error {
			list := make([]Message, 0, 500)
			for ; len(list) < cap(list) && done < n; done++ {
				id := make([]byte, 32)
				for i := 0; i < 32; i += 8 {
					binary.LittleEndian.PutUint64(id[i:], r.Uint64())
				}
				list = append(list, Message{ID: id, Chat: chat, Clock: uint64(1_750_000_000_000 + done), Author: make([]byte, 65),
					Text: "a line of a conversation that is about as long as lines are", ContentType: 1, Seen: done < n-20})
			}
			return tx.db.Create(&list).Error
		})
	}
}

// TestProveOpeningAChannel measures what a view asks of a channel when it opens, with ten messages and with a million.
func TestProveOpeningAChannel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := openAt(t, path)
	small, middle, large := addChat(t, s, "ten"), addChat(t, s, "two hundred"), addChat(t, s, "million")
	fill(t, s, small.ID, 10)
	fill(t, s, middle.ID, 200)
	started := time.Now()
	fill(t, s, large.ID, 1_000_000)
	t.Logf("a million messages stored in %v", time.Since(started).Round(time.Second))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	started = time.Now()
	s = openAt(t, path)
	t.Logf("store opened in %v", time.Since(started).Round(time.Microsecond))
	first := timeOpening(t, s, large.ID)
	t.Logf("first opening after the start: %v", first)
	ten, hundreds, million := median(t, s, small.ID), median(t, s, middle.ID), median(t, s, large.ID)
	t.Logf("two pages, first unread, unread count: %v with ten messages, %v with two hundred, %v with a million", ten, hundreds, million)
	if million > 3*hundreds && million > 20*time.Millisecond { // ten messages fill no page
		t.Errorf("a channel of a million opens in %v, one of two hundred in %v", million, hundreds)
	}
}

func median(t *testing.T, s *Store, chat int64) time.Duration {
	times := make([]time.Duration, 101)
	for i := range times {
		times[i] = timeOpening(t, s, chat)
	}
	slices.Sort(times)
	return times[len(times)/2]
}

func timeOpening(t *testing.T, s *Store, chat int64) time.Duration {
	started := time.Now()
	view(t, s, func(tx *Tx) error {
		page, err := tx.Older(chat, nil, 50)
		if err != nil || len(page) == 0 {
			t.Errorf("page of %d, %v", len(page), err)
		}
		if _, found, err := tx.FirstUnread(chat, 120_000); !found || err != nil {
			t.Errorf("first unread: %v, %v", found, err)
		}
		if n, err := tx.Unread(chat); n == 0 || n > 20 || err != nil {
			t.Errorf("unread: %d, %v", n, err)
		}
		_, err = tx.Older(chat, &Place{Clock: page[len(page)-1].Clock, ID: page[len(page)-1].ID}, 50)
		return err
	})
	return time.Since(started)
}
