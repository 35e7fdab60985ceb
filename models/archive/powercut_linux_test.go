package archive

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

// powerCuts is how many times the light goes out; more under make prove.
var powerCuts = 12

// The envelopes of a life: in batches, one a second.
const (
	lifeBatches = 40
	lifeBatch   = 12
)

// life is an archive that puts and prunes until the power goes.
type life struct {
	disk *disk
	path string
	left string // what the cut leaves of it, once there was one
	calls,
	last int // calls of the engine that change files; that before which the power goes, or 0

	stored  int    // batches of which Put has said that they are stored
	pruned  uint32 // Prune has said that what is older is gone
	pruning uint32 // Prune was asked for that
}

// TestPowerCuts cuts the power before any call with which the engine changes a file: while the schema is made, in the middle of a
// commit's frames, before and after their synchronisation, while the log is folded into the file, while old envelopes are
// removed. What Put had said is stored is there, what Prune had said is gone is not, no batch is there in part, and the totals
// are right.
//
// Of what was not synchronised, any sectors survive and others do not, in any order, in the file and in its log. It is not simulated
// that a disk damages what it was not told to write, or says that it has synchronised when it has not.
func TestPowerCuts(t *testing.T) {
	calls, rounds := liveUntilCut(t, 0, 0, "").calls, powerCuts
	if testing.Short() {
		rounds = 3
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(round), 1))
			l := liveUntilCut(t, uint64(round), 1+r.IntN(calls), "")
			if wrong := l.wrong(t); wrong != "" {
				t.Errorf("cut before call %d of %d, %d batches stored: %s", l.last, calls, l.stored, wrong)
			}
		})
	}
}

// TestPowerCutsAreNoticed shows that the simulation loses what it should: where commits are not synchronised, some are gone.
func TestPowerCutsAreNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("proves the test, not the archive")
	}
	lost := 0
	for seed := range uint64(4) {
		if liveUntilCut(t, seed, 0, "PRAGMA synchronous=normal").wrong(t) != "" {
			lost++
		}
	}
	if lost == 0 {
		t.Error("nothing was lost although commits were not synchronised")
	}
}

// liveUntilCut puts batches and prunes now and then, with small steps and a log that is often folded into the file. The
// power goes before the last call, or at the end. A pragma changes what the engine does, if there is one.
func liveUntilCut(t *testing.T, seed uint64, last int, pragma string) *life {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	l := &life{path: filepath.Join(t.TempDir(), "mail.db"), last: last}
	cut := func() { l.left = l.disk.Cut(t, r, l.path) }
	l.disk = &disk{step: func() {
		if l.calls++; l.calls == last {
			cut()
		}
	}}
	l.disk.Opened(l.path) // Open makes the file and its name durable before the engine hears of it
	if err := l.disk.SyncFolder(filepath.Dir(l.path)); err != nil {
		t.Fatal(err)
	}
	off := engineOn(t, l.disk)
	defer off() // last, when the files are closed
	a, err := Open(t.Context(), l.path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	a.bounds.step = 7
	for _, p := range []string{"PRAGMA wal_autocheckpoint=30", pragma} {
		if err := a.writer.Exec(p).Error; p != "" && err != nil {
			t.Fatal(err)
		}
	}
	l.live(t, a)
	if l.left == "" {
		cut()
	}
	return l
}

func (l *life) live(t *testing.T, a *Archive) {
	for batch := 0; batch < lifeBatches && l.left == ""; batch++ {
		put(t, a, lifeEnvelopes(batch)...)
		if l.left != "" {
			return // it did not hear any more that this is stored
		}
		if l.stored++; batch%8 != 7 {
			continue
		}
		l.pruning = lifeEnvelopes(batch - 4)[0].Sent
		if _, err := a.Prune(t.Context(), l.pruning, 0); err != nil {
			t.Fatal(err)
		}
		if l.left == "" {
			l.pruned = l.pruning
		}
	}
}

func lifeEnvelopes(batch int) []mailserver.Stored {
	return envelopesOf(uint64(batch), uint32(1000+batch*lifeBatch), lifeBatch, 3, 500)
}

// wrong opens what the cut left and says what it should not be like.
func (l *life) wrong(t *testing.T) string {
	t.Helper()
	a, err := Open(t.Context(), l.left)
	if err != nil {
		return err.Error()
	}
	defer a.Close()
	var verdict string
	if err := a.reader.Raw("PRAGMA integrity_check").Row().Scan(&verdict); err != nil || verdict != "ok" {
		return fmt.Sprint("the file is damaged: ", verdict, err)
	}
	checkTotals(t, a)
	have := map[whisper.Hash]bool{}
	for _, s := range findAll(t, a) {
		have[s.Hash] = true
	}
	for batch := range lifeBatches {
		there := 0
		for _, s := range lifeEnvelopes(batch) {
			if have[s.Hash] {
				there++
			}
			switch {
			case have[s.Hash] && s.Sent < l.pruned:
				return fmt.Sprintf("an envelope of batch %d is there again", batch)
			case !have[s.Hash] && s.Sent >= l.pruning && batch < l.stored:
				return fmt.Sprintf("an envelope of batch %d is lost", batch)
			}
		}
		if batch >= l.stored && there%lifeBatch != 0 || batch > l.stored && there > 0 {
			return fmt.Sprintf("%d envelopes of batch %d are there", there, batch)
		}
	}
	return ""
}
