package datasync_test

import (
	"slices"
	"testing"
	"time"

	"sotto/node/datasync"
	"sotto/node/datasync/datasynctest"
)

// halfway is a message to two devices of Bob's of which the first has acknowledged it.
func halfway(t testing.TB) (*datasynctest.State, datasync.ID) {
	t.Helper()
	s, id := begun(t, "hello", "one", "two")
	receive(t, s, datasync.Payload{Acks: []datasync.ID{id}}, bob, "one")
	return s, id
}

// repeat sends again what is due in a span of time, at its time, and tells when that was.
func repeat(t testing.TB, s *datasynctest.State, id datasync.ID, from, until time.Time) (at []time.Time) {
	t.Helper()
	for now := from; now.Before(until); {
		for _, u := range due(t, s, now) {
			must(t, datasync.Again(s, u.ID, u.Installations, now, steady(0)))
			at = append(at, now)
		}
		records, err := s.Records(id)
		must(t, err)
		if len(records) != 1 {
			t.Fatalf("records %+v", records)
		}
		now = now.Add(max(records[0].Wait(now), time.Millisecond))
	}
	return at
}

// A device that never acknowledges what another of the same person has is tried as often as any in the first hour, then ever
// more rarely, and twice a day in the end, at hours that change.
func TestSilentDevice(t *testing.T) {
	s, id := halfway(t)
	at := repeat(t, s, id, start, start.Add(datasync.MaxAge))
	hour := slices.IndexFunc(at, func(now time.Time) bool { return now.Sub(start) > time.Hour })
	if hour != 7 || len(at) > 80 {
		t.Errorf("sent again %d times, %d of them in the first hour", len(at), hour)
	}
	last, before := start, time.Duration(0)
	for _, now := range at {
		if d := now.Sub(last); d < before || d > 11*time.Hour {
			t.Errorf("after %v: %v, before that %v", now.Sub(start), d, before)
		}
		last, before = now, now.Sub(last)
	}
	if before != 11*time.Hour {
		t.Errorf("at last every %v", before)
	}
}

// Where nobody has it, it goes on hourly.
func TestNobodyHasIt(t *testing.T) {
	s, id := begun(t, "hello", "two")
	if at := repeat(t, s, id, start, start.Add(10*24*time.Hour)); len(at) < 10*24 {
		t.Errorf("sent again %d times", len(at))
	}
}

// A device that is heard from gets at once what waits for it, and only that.
func TestHeard(t *testing.T) {
	s, id := halfway(t)
	now := start.Add(5 * 24 * time.Hour)
	repeat(t, s, id, start, now)
	now = now.Add(time.Minute)
	for _, other := range []struct {
		what, device string
		some         bool
	}{{"another device", "one", false}, {"another person's", "two", false}, {"this one", "two", true}, {"again", "two", false}} {
		who := bob
		if other.what == "another person's" {
			who = carol
		}
		some, err := datasync.Heard(s, who, other.device, now)
		must(t, err)
		if some != other.some || (len(due(t, s, now)) == 1) != (other.some || other.what == "again") {
			t.Errorf("%s was heard: %v, due %d", other.what, some, len(due(t, s, now)))
		}
	}
	must(t, datasync.Again(s, id, []string{"two"}, now, steady(0)))
	if again := repeat(t, s, id, now, now.Add(10*time.Minute)); len(again) != 1 {
		t.Errorf("sent again %d times in the next minutes", len(again))
	}
	if got := receive(t, s, datasync.Payload{Acks: []datasync.ID{id}}, bob, "two"); len(got.Delivered) != 1 {
		t.Errorf("delivered %+v", got.Delivered)
	}
	if some, err := datasync.Heard(s, bob, "two", now); some || err != nil {
		t.Errorf("%v, %v", some, err)
	}
}

// A device that talks all the time and acknowledges nothing is sent to no more than thrice an hour, and never twice within the
// first wait.
func TestHeardAllTheTime(t *testing.T) {
	s, id := halfway(t)
	last, sent := start, 0
	for now := start; now.Before(start.Add(24 * time.Hour)); now = now.Add(5 * time.Second) {
		if _, err := datasync.Heard(s, bob, "two", now); err != nil {
			t.Fatal(err)
		}
		for _, u := range due(t, s, now) {
			if now.Sub(last) < 27*time.Second {
				t.Errorf("sent again after %v", now.Sub(last))
			}
			must(t, datasync.Again(s, id, u.Installations, now, steady(0)))
			last, sent = now, sent+1
		}
	}
	if sent > 3*24 {
		t.Errorf("sent again %d times in a day", sent)
	}
}

// Many messages wait for a device that comes back: each time that it is heard from, some more of them are due.
func TestHeardIsBounded(t *testing.T) {
	s := datasynctest.New()
	later := start.Add(time.Hour)
	for n := range 300 {
		m := datasync.New(alice, bob, []byte{byte(n), byte(n >> 8)}, start)
		must(t, datasync.Begin(s, bob, m, 1, []string{"one", "two"}, start, steady(0)))
		receive(t, s, datasync.Payload{Acks: []datasync.ID{m.ID()}}, bob, "one")
		must(t, s.PutRecord(datasync.Record{ID: m.ID(), Installation: "two", Sends: 12, Next: start.Add(11 * time.Hour), Slow: true}))
	}
	for _, want := range []int{256, 300, 300} {
		_, err := datasync.Heard(s, bob, "two", later)
		must(t, err)
		again, _, err := datasync.Retransmit(s, later, 1000)
		must(t, err)
		if len(again) != want {
			t.Errorf("%d are due, want %d", len(again), want)
		}
	}
}

// What waits for hours is not due, unless the clock was set back so far that it would wait for longer. To put a message off
// that is due for another device does not bring it forward.
func TestSlowRecords(t *testing.T) {
	s, id := halfway(t)
	slow := datasync.Record{ID: id, Installation: "two", Sends: 12, Next: start.Add(11 * time.Hour), Slow: true}
	must(t, s.PutRecord(slow))
	if len(due(t, s, start)) != 0 || len(due(t, s, start.Add(-time.Minute))) != 1 {
		t.Error("what is slow is due, or is not after the clock was set back")
	}
	must(t, s.PutRecord(datasync.Record{ID: id, Installation: "three", Sends: 1, Next: start}))
	must(t, datasync.Postpone(s, id, start))
	wantRecords(t, s, id, datasync.Record{ID: id, Installation: "three", Sends: 1, Next: start.Add(15 * time.Second)}, slow)
	must(t, datasync.Hasten(s, id, start))
	records, err := s.Records(id)
	must(t, err)
	for _, r := range records {
		if r.Slow || !r.Next.Equal(start) {
			t.Errorf("hastened to %+v", r)
		}
	}
}
