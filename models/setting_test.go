package models

import (
	"context"
	"path/filepath"
	"testing"
	"time"
)

// testKey is the key of every test's database.
var testKey = [32]byte{1, 2, 3}

// open opens a fresh store that the test closes.
func open(t testing.TB) *Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "account", "account.db"))
}

func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, testKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// update and view fail the test where the transaction fails.
func update(t testing.TB, s *Store, fn func(*Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, s *Store, fn func(*Tx) error) {
	t.Helper()
	if err := s.View(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func TestSettings(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		if _, found, err := tx.Setting("budget"); found || err != nil {
			t.Errorf("unset: found %v, %v", found, err)
		}
		if err := tx.SetSetting("budget", []byte("100")); err != nil {
			return err
		}
		return tx.SetSetting("budget", []byte("200"))
	})
	view(t, s, func(tx *Tx) error {
		if v, found, err := tx.Setting("budget"); string(v) != "200" || !found || err != nil {
			t.Errorf("got %q, %v, %v", v, found, err)
		}
		return nil
	})
	update(t, s, func(tx *Tx) error {
		if err := tx.SetSetting("budget", nil); err != nil {
			return err
		}
		if _, found, _ := tx.Setting("budget"); found {
			t.Error("removed setting is still there")
		}
		return nil
	})
}

func TestPeers(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		for i, enode := range []string{"enode://b", "enode://a", "enode://b"} {
			fresh, err := tx.AddPeer(Peer{Enode: enode, Added: int64(i)})
			if err != nil {
				return err
			}
			if fresh != (i < 2) {
				t.Errorf("peer %d: new is %v", i, fresh)
			}
		}
		list, err := tx.Peers()
		if len(list) != 2 || list[0].Enode != "enode://b" || list[0].Added != 0 {
			t.Errorf("peers: %+v", list)
		}
		return err
	})
	update(t, s, func(tx *Tx) error {
		known, err := tx.RemovePeer("enode://a")
		unknown, err2 := tx.RemovePeer("enode://a")
		if !known || unknown || err != nil || err2 != nil {
			t.Errorf("remove: %v %v %v %v", known, unknown, err, err2)
		}
		return nil
	})
}

func TestRecovered(t *testing.T) {
	s := open(t)
	since := func(d time.Duration) (recovered bool) {
		view(t, s, func(tx *Tx) error {
			made, err := tx.Made()
			if err != nil {
				return err
			}
			recovered, err = tx.RecoveredSince(time.UnixMilli(made).Add(d))
			return err
		})
		return recovered
	}
	if since(-time.Hour) {
		t.Error("a new account was somewhere else before")
	}
	update(t, s, (*Tx).NoteRecovery)
	if !since(-time.Millisecond) || since(0) {
		t.Error("not by the time at which the account came here")
	}
}
