package models

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// spansOf lists what is stored of one topic and server.
func spansOf(t testing.TB, s *Store, topic [4]byte, server [32]byte) (spans [][2]int64) {
	t.Helper()
	update(t, s, func(tx *Tx) error {
		list, err := tx.Coverage()
		for _, c := range list {
			if c.Topic == topic && c.Server == server {
				spans = append(spans, [2]int64{c.Start, c.Until})
			}
		}
		return err
	})
	return spans
}

// Coverage is compared with one mark for each second.
func TestCoverageIsASetOfSeconds(t *testing.T) {
	single(t)
	s := open(t)
	topics := byte(0)
	rapid.Check(t, func(r *rapid.T) {
		topics++
		topic, server := [4]byte{topics, 1}, [32]byte{1}
		var marked [50]bool
		for range rapid.IntRange(1, 12).Draw(r, "spans") {
			c := Coverage{Topic: topic, Server: server, Start: rapid.Int64Range(0, 50).Draw(r, "start"), Until: rapid.Int64Range(0, 50).Draw(r, "until")}
			update(t, s, func(tx *Tx) error { return tx.Cover(c) })
			for at := c.Start; at < c.Until; at++ {
				marked[at] = true
			}
		}
		var want [][2]int64
		for at := 0; at < len(marked); at++ {
			start := at
			for at < len(marked) && marked[at] {
				at++
			}
			if at > start {
				want = append(want, [2]int64{int64(start), int64(at)})
			}
		}
		if got := spansOf(t, s, topic, server); !slices.Equal(got, want) {
			r.Fatalf("got %v, want %v", got, want)
		}
		update(t, s, func(tx *Tx) error { return tx.ForgetCoverage(1 << 40) })
	})
}

func TestCoverageOfOthersIsLeftAlone(t *testing.T) {
	s := open(t)
	a, b := [4]byte{1}, [4]byte{2}
	one, two := [32]byte{1}, [32]byte{2}
	update(t, s, func(tx *Tx) error {
		for _, c := range []Coverage{
			{Topic: a, Server: one, Start: 0, Until: 10}, {Topic: a, Server: two, Start: 5, Until: 15},
			{Topic: b, Server: one, Start: 8, Until: 20}, {Topic: a, Server: one, Start: 10, Until: 12, At: 7},
		} {
			if err := tx.Cover(c); err != nil {
				return err
			}
		}
		list, err := tx.Coverage()
		want := []Coverage{{a, one, 0, 12, 7}, {a, two, 5, 15, 0}, {b, one, 8, 20, 0}}
		if !slices.Equal(list, want) {
			t.Errorf("got %v, want %v", list, want)
		}
		return err
	})
	update(t, s, func(tx *Tx) error { return tx.ForgetCoverage(15) })
	if len(spansOf(t, s, a, one)) != 0 || len(spansOf(t, s, a, two)) != 1 || len(spansOf(t, s, b, one)) != 1 {
		t.Error("the wrong spans were forgotten")
	}
}

func TestCoverageIsRecalled(t *testing.T) {
	s := open(t)
	topic, server := [4]byte{1}, [32]byte{1}
	update(t, s, func(tx *Tx) error {
		for _, span := range [][2]int64{{0, 10}, {20, 60}, {80, 120}, {130, 140}} {
			if err := tx.Cover(Coverage{Topic: topic, Server: server, Start: span[0], Until: span[1]}); err != nil {
				return err
			}
		}
		return tx.RecallCoverage(100, 90)
	})
	if got, want := spansOf(t, s, topic, server), [][2]int64{{0, 10}, {20, 60}, {80, 90}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSpansAreBounded(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		for n := range int64(mostSpans + 10) {
			if err := tx.Cover(Coverage{Start: 10 * n, Until: 10*n + 5}); err != nil {
				return err
			}
		}
		return nil
	})
	got := spansOf(t, s, [4]byte{}, [32]byte{})
	if len(got) != mostSpans || got[0][0] != 100 {
		t.Errorf("%d spans, the first %v; the newest %d should be there", len(got), got[0], mostSpans)
	}
}

func TestMailserversAreRemembered(t *testing.T) {
	s := open(t)
	want := Mailserver{Node: [32]byte{1}, Answered: 5, Failed: 6, Failures: 2, Missed: 3, Trouble: "It is slow."}
	update(t, s, func(tx *Tx) error {
		if m, err := tx.Mailserver(want.Node); err != nil || m != (Mailserver{Node: want.Node}) {
			t.Errorf("before: %+v %v", m, err)
		}
		if err := tx.PutMailserver(Mailserver{Node: want.Node}); err != nil {
			return err
		}
		return tx.PutMailserver(want)
	})
	update(t, s, func(tx *Tx) error {
		list, err := tx.Mailservers()
		if len(list) != 1 || list[0] != want {
			t.Errorf("got %+v", list)
		}
		return err
	})
}

func TestEnvelopesAreKnown(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		_, err := tx.MarkEnvelope([32]byte{1}, 5)
		return err
	})
	update(t, s, func(tx *Tx) error {
		known, err := tx.HasEnvelope([32]byte{1})
		other, err2 := tx.HasEnvelope([32]byte{2})
		if !known || other || err2 != nil {
			t.Errorf("known %v, other %v %v", known, other, err2)
		}
		return err
	})
}
