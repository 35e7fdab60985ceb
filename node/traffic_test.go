package node

import (
	"bytes"
	"sync"
	"testing"
	"time"
)

func TestBudget(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	b := budget{limit: 1000, policy: ReceiveAutomatic}
	for _, step := range []struct {
		name  string
		at    time.Time
		wire  uint64
		want  bool
		spent int64
	}{
		{"at first", noon, 0, true, 0},
		{"within", noon.Add(time.Hour), 999, true, 999},
		{"spent", noon.Add(2 * time.Hour), 1000, false, 1000},
		{"stays so", noon.Add(3 * time.Hour), 1100, false, 1100},
		{"the next day", noon.Add(24 * time.Hour), 1200, true, 100},
		{"spent again", noon.Add(25 * time.Hour), 5000, false, 3900},
		{"the clock went back a day", noon, 5000, true, 0},
	} {
		if got := b.look(step.at, step.wire, Kinds{}); got != step.want {
			t.Errorf("%s: everything %v", step.name, got)
		}
		if _, _, s := b.state(); s.Bytes != step.spent {
			t.Errorf("%s: spent %d, want %d", step.name, s.Bytes, step.spent)
		}
	}
}

func TestBudgetPolicies(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	b := budget{limit: 1000, policy: ReceiveEverything}
	if !b.look(now, 5000, Kinds{}) {
		t.Error("everything is everything, whatever it costs")
	}
	b.setPolicy(ReceiveConcerning)
	if b.look(now, 5000, Kinds{}) {
		t.Error("what concerns me is not everything")
	}
	b.setPolicy(ReceiveAutomatic)
	if b.look(now, 5000, Kinds{}) {
		t.Error("what was spent under another policy counts")
	}
}

func TestBudgetOfAnEarlierRun(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	b := budget{limit: 1000, spent: Spent{Day: "2026-11-22", Bytes: 990}}
	if !b.look(now, 0, Kinds{}) || b.look(now, 10, Kinds{}) {
		t.Error("what an earlier run spent today does not count")
	}
	b = budget{limit: 1000, spent: Spent{Day: "2026-11-21", Bytes: 5000}}
	if !b.look(now, 10, Kinds{}) {
		t.Error("what was spent yesterday counts")
	}
}

func TestTheDaysTrafficByKind(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	earlier := Kinds{1, 2, 3, 4, 5}
	b := budget{spent: Spent{Day: "2026-11-22", Kinds: earlier}}
	first := Kinds{10, 20, 30, 40, 50}
	b.look(noon, 0, first)
	b.look(noon.Add(time.Hour), 0, first)
	if _, _, s := b.state(); s.Kinds != (Kinds{11, 22, 33, 44, 55}) {
		t.Errorf("with the earlier run's: %+v", s)
	}
	b.look(noon.Add(24*time.Hour), 0, Kinds{11, 20, 30, 40, 57})
	if _, _, s := b.state(); s.Kinds != (Kinds{Useful: 1, Out: 7}) || s.Day != "2026-11-23" {
		t.Errorf("the next day: %+v", s)
	}
}

func TestTheBudgetCanBeAnotherOne(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	b := budget{limit: 1000, policy: ReceiveAutomatic}
	b.setLimit(100)
	if b.look(now, 500, Kinds{}) {
		t.Error("the old one holds")
	}
	b.setLimit(501)
	if _, limit, _ := b.state(); !b.look(now, 500, Kinds{}) || limit != 501 {
		t.Error("the new one does not hold")
	}
}

// lockedBuffer takes what several goroutines log.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Len()
}

func (b *lockedBuffer) contains(s string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Contains(b.buf.Bytes(), []byte(s))
}
