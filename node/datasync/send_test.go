package datasync_test

import (
	"slices"
	"testing"
	"time"

	"sotto/node/datasync"
	"sotto/node/datasync/datasynctest"
)

func TestBegin(t *testing.T) {
	s, id := begun(t, "hello", "one", "two")
	sending, found, err := s.Sending(id)
	if err != nil || !found || sending.To != bob || sending.Ref != 7 || !sending.Created.Equal(start) || string(sending.Body) != "hello" {
		t.Errorf("stored %+v, %v, %v", sending, found, err)
	}
	wantRecords(t, s, id, datasync.Record{ID: id, Installation: "one", Sends: 1, Next: start.Add(27 * time.Second)},
		datasync.Record{ID: id, Installation: "two", Sends: 1, Next: start.Add(27 * time.Second)})
}

func wantRecords(t testing.TB, s datasync.State, id datasync.ID, want ...datasync.Record) {
	t.Helper()
	got, err := s.Records(id)
	must(t, err)
	if !slices.EqualFunc(got, want, func(a, b datasync.Record) bool {
		return a.ID == b.ID && a.Installation == b.Installation && a.Sends == b.Sends && a.Slow == b.Slow && a.Next.Equal(b.Next)
	}) {
		t.Errorf("records %+v, want %+v", got, want)
	}
}

// Times are stored in whole milliseconds, and the random part is at most nine seconds.
func TestBeginTimes(t *testing.T) {
	for _, random := range []steady{0, 1, 0x55, 0xff} {
		s, now := datasynctest.New(), start.Add(123*time.Microsecond)
		m := datasync.New(alice, bob, nil, now)
		must(t, datasync.Begin(s, bob, m, 1, nil, now, random))
		records, err := s.Records(m.ID())
		must(t, err)
		sending, _, err := s.Sending(m.ID())
		must(t, err)
		next := records[0].Next
		if wait := next.Sub(start); wait < 27*time.Second || wait > 36*time.Second || next.Nanosecond()%1e6 != 0 || !sending.Created.Equal(start) {
			t.Errorf("created %v, next after %v", sending.Created, wait)
		}
	}
	s := datasynctest.New()
	if err := datasync.Begin(s, bob, datasync.New(alice, bob, nil, start), 1, nil, start, none{}); err == nil {
		t.Error("waited for a random time without randomness")
	}
}

// The wait has its cap, however often a message was sent.
func TestWaitIsCapped(t *testing.T) {
	s, id := begun(t, "hello", "one")
	must(t, s.PutRecord(datasync.Record{ID: id, Installation: "one", Sends: 1 << 40, Next: start}))
	must(t, datasync.Again(s, id, []string{"one"}, start, steady(0)))
	wantRecords(t, s, id, datasync.Record{ID: id, Installation: "one", Sends: 1<<40 + 1, Next: start.Add(time.Hour)})
}

func TestRetransmit(t *testing.T) {
	s, id := begun(t, "hello", "one", "two")
	if got := due(t, s, start.Add(26*time.Second)); len(got) != 0 {
		t.Errorf("due too early: %v", got)
	}
	got := due(t, s, start.Add(27*time.Second))
	if len(got) != 1 || got[0].ID != id || got[0].Ref != 7 || got[0].To != bob || !slices.Equal(got[0].Installations, []string{"one", "two"}) {
		t.Fatalf("due: %+v", got)
	}
	if receive(t, s, datasync.Payload{Acks: []datasync.ID{id}}, bob, "one"); !slices.Equal(due(t, s, start.Add(time.Minute))[0].Installations, []string{"two"}) {
		t.Error("to be sent again to a device that has it")
	}
}

func TestRetransmitLimit(t *testing.T) {
	s := datasynctest.New()
	var want []datasync.ID
	for i := range 5 {
		now := start.Add(time.Duration(i) * time.Second)
		m := datasync.New(alice, bob, nil, now)
		must(t, datasync.Begin(s, bob, m, 1, []string{"one", "two"}, now, steady(0)))
		want = append(want, m.ID())
	}
	again, _, err := datasync.Retransmit(s, start.Add(time.Hour), 3)
	must(t, err)
	var got []datasync.ID
	for _, u := range again {
		got = append(got, u.ID)
	}
	if !slices.Equal(got, want[:3]) {
		t.Errorf("got %x, want the three that are due the longest", got)
	}
}

// Again takes over the devices that the message was really encrypted for.
func TestAgain(t *testing.T) {
	for name, c := range map[string]struct {
		before, after []string
		want          map[string]int // sendings to each
	}{
		"the same":           {[]string{"one", "two"}, []string{"one", "two"}, map[string]int{"one": 2, "two": 2}},
		"one is gone":        {[]string{"one", "two"}, []string{"two"}, map[string]int{"two": 2}},
		"one is new":         {[]string{"one"}, []string{"one", "two"}, map[string]int{"one": 2, "two": 1}},
		"now they are known": {nil, []string{"one", "two"}, map[string]int{"one": 1, "two": 1}},
		"now none is":        {[]string{"one"}, nil, map[string]int{datasync.Anyone: 1}},
		"still none is":      {nil, nil, map[string]int{datasync.Anyone: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			s, id := begun(t, "hello", c.before...)
			must(t, datasync.Again(s, id, c.after, start, steady(0)))
			records, err := s.Records(id)
			must(t, err)
			if len(records) != len(c.want) {
				t.Errorf("records %+v", records)
			}
			for _, r := range records {
				if wait := r.Next.Sub(start); r.Sends != c.want[r.Installation] || wait != 27*time.Second<<(r.Sends-1) {
					t.Errorf("%q: %d sendings, next after %v", r.Installation, r.Sends, wait)
				}
			}
		})
	}
}

// An acknowledgement may come between Retransmit and Again.
func TestAgainAfterAck(t *testing.T) {
	s, id := begun(t, "hello", "one")
	receive(t, s, datasync.Payload{Acks: []datasync.ID{id}}, bob, "one")
	must(t, datasync.Again(s, id, []string{"one"}, start, steady(0)))
	must(t, datasync.Postpone(s, id, start))
	must(t, datasync.Hasten(s, id, start))
	if sendings, records, _ := s.Counts(); sendings+records != 0 {
		t.Error("an acknowledged message came back")
	}
}

func TestPostpone(t *testing.T) {
	s, id := begun(t, "hello", "one")
	later := datasync.Record{ID: id, Installation: "two", Sends: 5, Next: start.Add(time.Hour)}
	must(t, s.PutRecord(later))
	now := start.Add(27 * time.Second)
	must(t, datasync.Postpone(s, id, now))
	wantRecords(t, s, id, datasync.Record{ID: id, Installation: "one", Sends: 1, Next: now.Add(15 * time.Second)}, later)
	if len(due(t, s, now)) != 0 {
		t.Error("still due")
	}
}

func TestHasten(t *testing.T) {
	s, id := begun(t, "hello", "one")
	must(t, datasync.Hasten(s, id, start))
	wantRecords(t, s, id, datasync.Record{ID: id, Installation: "one", Sends: 1, Next: start})
	must(t, datasync.Hasten(s, id, start.Add(time.Minute)))
	wantRecords(t, s, id, datasync.Record{ID: id, Installation: "one", Sends: 1, Next: start}) // never later than it was
}

// A device that appears gets what another of its owner's has not acknowledged, at once; nothing else.
func TestAppeared(t *testing.T) {
	s, id := begun(t, "text", "old", "phone")
	receive(t, s, datasync.Payload{Acks: []datasync.ID{id}}, bob, "phone")
	for _, other := range []datasync.Message{datasync.New(alice, carol, []byte("to Carol"), start), datasync.New(alice, bob, []byte("to any"), start)} {
		installations, to := []string{"old"}, carol
		if string(other.Body) == "to any" {
			installations, to = nil, bob
		}
		must(t, datasync.Begin(s, to, other, 8, installations, start, steady(0)))
	}
	now := start.Add(time.Second)
	for range 2 {
		_, err := datasync.Appeared(s, bob, "new", now)
		must(t, err)
	}
	again := due(t, s, now)
	if len(again) != 1 || again[0].ID != id || !slices.Equal(again[0].Installations, []string{"new", "old"}) {
		t.Fatalf("due: %+v", again)
	}
	must(t, datasync.Again(s, id, again[0].Installations, now, steady(0)))
	if got := receive(t, s, datasync.Payload{Acks: []datasync.ID{id}}, bob, "new"); len(got.Delivered) != 1 {
		t.Errorf("delivered %+v", got.Delivered)
	}
	if again := due(t, s, now.Add(time.Hour)); len(again) != 3 || slices.Contains(again[0].Installations, "new") {
		t.Errorf("due: %+v", again)
	}
	if some, err := datasync.Appeared(s, alice, "new", now); some || err != nil {
		t.Errorf("something for nobody: %v, %v", some, err)
	}
}

func TestGivingUp(t *testing.T) {
	s, id := begun(t, "hello", "one", "two")
	if got := due(t, s, start.Add(datasync.MaxAge)); len(got) != 1 {
		t.Fatalf("due on the last day: %v", got)
	}
	again, givenUp, err := datasync.Retransmit(s, start.Add(datasync.MaxAge+time.Millisecond), 10)
	if err != nil || len(again) != 0 || len(givenUp) != 1 || givenUp[0].ID != id || givenUp[0].Ref != 7 || len(givenUp[0].Installations) != 2 {
		t.Errorf("again %v, given up %v, %v", again, givenUp, err)
	}
	if sendings, records, _ := s.Counts(); sendings+records != 0 {
		t.Error("not forgotten")
	}
}

// Records without their message would be due for ever, in front of all others.
func TestRetransmitForgetsOrphans(t *testing.T) {
	s := datasynctest.New()
	must(t, s.PutRecord(datasync.Record{ID: datasync.ID{1}, Next: start}))
	if got := due(t, s, start); len(got) != 0 {
		t.Errorf("due: %v", got)
	}
	if _, records, _ := s.Counts(); records != 0 {
		t.Error("still there")
	}
}
