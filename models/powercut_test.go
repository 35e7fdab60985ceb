package models

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"

	"sotto/models/modelstest"
)

// powerCuts is how many times the light goes out; more under make prove.
var powerCuts = 12

func TestPowerCuts(t *testing.T) {
	for round := range powerCuts {
		t.Run(fmt.Sprint(round), func(t *testing.T) { cutOnce(t, uint64(round)) })
	}
}

var errAbandoned = errors.New("abandoned")

// cutOnce commits at random, with checkpoints in between, and cuts the power in the middle of a transaction.
func cutOnce(t *testing.T, seed uint64) {
	left, commits := commitUntilCut(t, seed, modelstest.NewDisk())
	lookAt(t, left, commits)
}

// TestPowerCutsOnADiskThatLies proves that the other tests would notice: where nothing is synchronised, commits get lost.
func TestPowerCutsOnADiskThatLies(t *testing.T) {
	single(t)
	lost := 0
	for seed := range uint64(4) {
		d := modelstest.NewDisk()
		d.Lies = true
		left, commits := commitUntilCut(t, seed, d)
		s, err := Open(left, testKey)
		if err != nil || count0(s) != commits {
			lost++
		}
		if s != nil {
			_ = s.Close()
		}
	}
	if lost == 0 {
		t.Error("nothing was lost although nothing was synchronised")
	}
}

func commitUntilCut(t *testing.T, seed uint64, d *modelstest.Disk) (left string, commits int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	path := filepath.Join(t.TempDir(), "a.db")
	s, err := OpenOn(d, d.SyncFolder, path, testKey)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	update(t, s, func(tx *Tx) error { return tx.exec("PRAGMA wal_autocheckpoint=30") })
	commits = r.IntN(60)
	for i := range commits {
		update(t, s, func(tx *Tx) error { return tx.SetSetting(strconv.Itoa(i), make([]byte, r.IntN(9000)+1)) })
	}
	err = s.Update(context.Background(), func(tx *Tx) error {
		for i := range 10 {
			if err := tx.SetSetting(fmt.Sprint("uncommitted ", i), make([]byte, 60_000)); err != nil {
				return err
			}
		}
		left = d.Cut(t, r, path)
		return errAbandoned
	})
	if !errors.Is(err, errAbandoned) {
		t.Fatal(err)
	}
	return left, commits
}

// TestPowerCutsWhileCreating cuts the power before each synchronisation of the first start: the next one succeeds.
func TestPowerCutsWhileCreating(t *testing.T) {
	single(t)
	r := rand.New(rand.NewPCG(1, 1))
	d := modelstest.NewDisk()
	path := filepath.Join(t.TempDir(), "a.db")
	var left []string
	d.Before = func() { left = append(left, d.Cut(t, r, path)) }
	s, err := OpenOn(d, d.SyncFolder, path, testKey)
	if err != nil {
		t.Fatal(err)
	}
	left = append(left, d.Cut(t, r, path))
	update(t, s, func(tx *Tx) error { return tx.SetSetting("first", []byte("row")) })
	last := d.Cut(t, r, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if len(left) < 5 {
		t.Errorf("%d synchronisations while creating", len(left))
	}
	for i, path := range left {
		if s, err := Open(path, testKey); err != nil {
			t.Errorf("after cut %d of %d: %v", i, len(left), err)
		} else if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := count(t, openAt(t, last)); n != 1 {
		t.Errorf("%d rows after the first commit", n)
	}
}

// lookAt opens what a power cut left and expects the commits and nothing else.
func lookAt(t *testing.T, path string, commits int) {
	t.Helper()
	s := openAt(t, path)
	if n := count(t, s); n != commits {
		t.Errorf("%d rows after %d commits", n, commits)
	}
	view(t, s, func(tx *Tx) error {
		for i := range commits {
			if _, found, err := tx.Setting(strconv.Itoa(i)); !found || err != nil {
				t.Errorf("commit %d is lost: %v", i, err)
			}
		}
		var verdict string
		if err := tx.db.Raw("PRAGMA integrity_check").Scan(&verdict).Error; err != nil || verdict != "ok" {
			t.Errorf("integrity: %s, %v", verdict, err)
		}
		return nil
	})
}
