package models

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/node/secure/securetest"
)

// testPerson is a key that sorts like n. It is not a point of the curve, which nothing here asks for.
func testPerson(n int) identity.PublicKey {
	return identity.PublicKey([]byte(fmt.Sprintf("\x04%064d", n)))
}

// testSession is a session every field of which is set, with another value.
func testSession(n int) secure.Session {
	return secure.Session{Identity: testPerson(n), Installation: "device", Prekey: secure.Point{1}, Ephemeral: secure.Point{2},
		Initiated: true, Answered: true, Retired: true, Root: [32]byte{3}, Own: [32]byte{4}, OwnPublic: secure.Point{5},
		Remote: secure.Point{6}, SendChain: [32]byte{7}, RecvChain: [32]byte{8}, SendN: 9, RecvN: 10, PN: 1<<32 - 1}
}

// testSkipped are the keys of count messages from a number on.
func testSkipped(from, count int) []secure.SkippedKey {
	keys := make([]secure.SkippedKey, count)
	for i := range keys {
		keys[i] = secure.SkippedKey{Ratchet: secure.Point{7}, N: uint32(from + i), Key: [32]byte(testID(from + i))}
	}
	return keys
}

// TestSecureStateIsKept stores every field and finds it after the store was opened again.
func TestSecureStateIsKept(t *testing.T) {
	path := t.TempDir() + "/a.db"
	s := openAt(t, path)
	session := testSession(1)
	prekey := secure.OwnPrekey{Key: secure.Point{1}, Private: [32]byte{2}, Version: 1<<32 - 1, Created: time.UnixMilli(5)}
	device := secure.Installation{Identity: testPerson(1), ID: "device", Prekey: secure.Point{3}, Version: 4, Protocol: 1,
		Timestamp: 1 << 60, Seen: time.UnixMilli(6), Enabled: true, Answered: true}
	healing := secure.Healing{At: time.UnixMilli(7), Sent: time.UnixMilli(8), Sends: 9, Message: []byte("begin anew")}
	update(t, s, func(tx *Tx) error {
		return errors.Join(tx.PutSession(&session), tx.PutOwnPrekey(prekey), tx.PutInstallation(device),
			tx.PutOwnBundle([]byte("bundle")), tx.PutHealed(testPerson(1), healing),
			tx.PutSkipped(session.ID, []secure.SkippedKey{{Ratchet: secure.Point{8}, N: 1<<32 - 1, Key: [32]byte{9}}}, 10))
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	update(t, s, func(tx *Tx) error {
		sessions, err := tx.Sessions(session.Identity, session.Installation, session.Prekey)
		same(t, "sessions", sessions, []secure.Session{session}, err)
		own, _, err := tx.OwnPrekey()
		same(t, "own prekey", own, prekey, err)
		own, _, err = tx.OwnPrekeyOf(prekey.Key)
		same(t, "own prekey by key", own, prekey, err)
		_, found, err := tx.OwnPrekeyOf(secure.Point{99})
		same(t, "unknown prekey", found, false, err)
		devices, err := tx.Installations(testPerson(1))
		same(t, "installations", devices, []secure.Installation{device}, err)
		bundle, err := tx.OwnBundle()
		same(t, "bundle", string(bundle), "bundle", err)
		healed, err := tx.Healed(testPerson(1))
		same(t, "healed", healed, healing, err)
		key, _, err := tx.TakeSkipped(session.ID, secure.Point{8}, 1<<32-1)
		same(t, "skipped key", key, [32]byte{9}, err)
		_, found, err = tx.TakeSkipped(session.ID, secure.Point{8}, 1<<32-1)
		same(t, "skipped key again", found, false, err)
		return nil
	})
}

// same fails where a call failed or got is not what is wanted.
func same(t *testing.T, what string, got, want any, err error) {
	t.Helper()
	if !reflect.DeepEqual(got, want) || err != nil {
		t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
	}
}

// TestSecureStateIsLikeTheOneInMemory does the same at random with both and compares all that they tell.
func TestSecureStateIsLikeTheOneInMemory(t *testing.T) {
	single(t)
	s, memory := open(t), securetest.New()
	r := rand.New(rand.NewPCG(3, 4))
	update(t, s, func(tx *Tx) error {
		for n := range 600 {
			for _, state := range []secure.State{tx, memory} {
				if err := actAtRandom(rand.New(rand.NewPCG(uint64(n), 0)), state, n); err != nil {
					return fmt.Errorf("step %d: %w", n, err)
				}
			}
			who, at := testPerson(r.IntN(3)), uint32(r.IntN(n+1))
			if got, want := answers(tx, who, at), answers(memory, who, at); got != want {
				return fmt.Errorf("after step %d:\n%s\nwant\n%s", n, got, want)
			}
		}
		return nil
	})
}

// actAtRandom changes a state. Everything follows from r, and sessions from what the state lists.
func actAtRandom(r *rand.Rand, s secure.State, n int) error {
	who, device, prekey := testPerson(r.IntN(3)), fmt.Sprint("device ", r.IntN(3)), secure.Point{byte(r.IntN(3))}
	at := time.UnixMilli(int64(r.IntN(1000)))
	sessions, err := s.Sessions(who, device, prekey)
	if err != nil {
		return err
	}
	switch r.IntN(12) {
	case 0:
		return s.PutOwnPrekey(secure.OwnPrekey{Key: secure.Point([]byte(fmt.Sprintf("%033d", n))), Version: uint32(n), Created: at})
	case 1:
		return s.ForgetOwnPrekeys(at)
	case 2:
		return s.PutOwnBundle(fmt.Appendf(nil, "bundle %d", n))
	case 3:
		return s.PutInstallation(secure.Installation{Identity: who, ID: device, Timestamp: int64(r.IntN(9)), Seen: at, Enabled: n%2 == 0})
	case 4:
		return s.ForgetInstallation(who, device)
	case 5:
		return s.RetireSessions(who, []string{"", device}[n%2])
	case 6:
		return s.TrimSessions(who, device, r.IntN(9))
	case 7:
		return s.PutHealed(who, secure.Healing{At: at, Sent: at.Add(time.Second), Sends: n, Message: fmt.Appendf(nil, "anew %d", n)})
	case 8:
		if len(sessions) > 0 {
			return s.PutSkipped(sessions[0].ID, testSkipped(10*n, 1+r.IntN(10)), 20)
		}
	case 9:
		if len(sessions) > 0 {
			moved := sessions[r.IntN(len(sessions))]
			moved.RecvN, moved.RecvChain, moved.Retired = uint32(n), [32]byte(testID(n)), false
			return s.PutSession(&moved)
		}
	default:
		return s.PutSession(&secure.Session{Identity: who, Installation: device, Prekey: prekey, SendN: uint32(n), Answered: n%3 == 0})
	}
	return nil
}

// answers is what a state tells of somebody, and the skipped keys of what a step left out, which it takes. The numbers of
// sessions are left out: which ones are given is the state's affair.
func answers(s secure.State, who identity.PublicKey, step uint32) string {
	var b strings.Builder
	say := func(v ...any) { fmt.Fprintln(&b, v...) }
	own, found, err := s.OwnPrekey()
	say(own, found, err)
	own, found, err = s.OwnPrekeyOf(secure.Point([]byte(fmt.Sprintf("%033d", step))))
	say(own, found, err)
	bundle, err := s.OwnBundle()
	say(string(bundle), err)
	devices, err := s.Installations(who)
	say(devices, err)
	healed, err := s.Healed(who)
	say(healed, err)
	for device := range 3 {
		talking, err := s.Talking(who, fmt.Sprint("device ", device))
		say(talking, err)
		for prekey := range 3 {
			list, err := s.Sessions(who, fmt.Sprint("device ", device), secure.Point{byte(prekey)})
			for _, session := range list {
				for n := range uint32(3) {
					key, found, err := s.TakeSkipped(session.ID, secure.Point{7}, 10*step+n)
					say(key, found, err)
				}
				session.ID = 0
				say(session, err)
			}
		}
	}
	return b.String()
}

// TestOldestSkippedKeysGo: however many are left out, the session lives on with the newest of its own, and other sessions
// keep theirs.
func TestOldestSkippedKeysGo(t *testing.T) {
	s := open(t)
	a, b := testSession(1), testSession(2)
	update(t, s, func(tx *Tx) error {
		return errors.Join(tx.PutSession(&a), tx.PutSession(&b), tx.PutSkipped(b.ID, testSkipped(0, 5), 20),
			tx.PutSkipped(a.ID, testSkipped(0, 15), 20), tx.PutSkipped(b.ID, testSkipped(5, 5), 20), tx.PutSkipped(a.ID, testSkipped(15, 15), 20))
	})
	update(t, s, func(tx *Tx) error {
		for n := range uint32(30) {
			_, found, err := tx.TakeSkipped(a.ID, secure.Point{7}, n)
			same(t, fmt.Sprint("key ", n), found, n >= 10, err)
			_, found, err = tx.TakeSkipped(b.ID, secure.Point{7}, n)
			same(t, fmt.Sprint("key of another session ", n), found, n < 10, err)
		}
		sessions, err := tx.Sessions(a.Identity, a.Installation, a.Prekey)
		same(t, "sessions", sessions, []secure.Session{a}, err)
		return nil
	})
}

// TestSkippedKeyOfTheSameNumber: who goes back to an old ratchet key can bring the same number again.
func TestSkippedKeyOfTheSameNumber(t *testing.T) {
	s := open(t)
	session := testSession(1)
	update(t, s, func(tx *Tx) error {
		again := []secure.SkippedKey{{Ratchet: secure.Point{7}, Key: [32]byte{99}}}
		if err := errors.Join(tx.PutSession(&session), tx.PutSkipped(session.ID, testSkipped(0, 2), 9), tx.PutSkipped(session.ID, again, 9)); err != nil {
			return err
		}
		key, _, err := tx.TakeSkipped(session.ID, secure.Point{7}, 0)
		same(t, "key", key, [32]byte{99}, err)
		return nil
	})
}

// TestForgettingTakesKeysAlong counts what is left of two people in each table.
func TestForgettingTakesKeysAlong(t *testing.T) {
	single(t)
	for name, c := range map[string]struct {
		forget func(*Tx) error
		want   string // sessions, keys, installations, healed, received, owed, prekeys
	}{
		"installation":      {func(tx *Tx) error { return tx.ForgetInstallation(testPerson(1), "device") }, "1 3 1 2 2 2 1"},
		"sessions":          {func(tx *Tx) error { return tx.TrimSessions(testPerson(1), "device", 0) }, "1 3 2 2 2 2 1"},
		"identity":          {func(tx *Tx) error { return tx.ForgetIdentity(testPerson(1)) }, "1 3 1 1 1 1 1"},
		"our keys":          {func(tx *Tx) error { return tx.ForgetInstallationKeys() }, "0 0 2 0 2 2 0"},
		"somebody else":     {func(tx *Tx) error { return tx.ForgetIdentity(testPerson(3)) }, "2 6 2 2 2 2 1"},
		"another's devices": {func(tx *Tx) error { return tx.ForgetInstallation(testPerson(1), "other") }, "2 6 2 2 2 2 1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			update(t, s, func(tx *Tx) error {
				for n := 1; n <= 2; n++ {
					session, who := testSession(n), testPerson(n)
					_, err := tx.MarkReceived(who, [32]byte{1}, time.UnixMilli(1))
					err = errors.Join(err, tx.PutSession(&session), tx.PutSkipped(session.ID, testSkipped(0, 3), 9),
						tx.PutInstallation(secure.Installation{Identity: who, ID: "device"}), tx.PutHealed(who, secure.Healing{At: time.UnixMilli(1)}),
						tx.OweAck(who, [32]byte{1}, 1))
					if err != nil {
						return err
					}
				}
				return errors.Join(tx.PutOwnPrekey(secure.OwnPrekey{Key: secure.Point{1}}), tx.PutOwnBundle([]byte{1}), c.forget(tx))
			})
			view(t, s, func(tx *Tx) error {
				same(t, "left", rowsOf(t, tx, "sessions", "skipped_keys", "installations", "healed", "sync_received", "owed_acks", "own_prekeys"), c.want, nil)
				bundle, err := tx.OwnBundle()
				same(t, "bundle is there", len(bundle) > 0, name != "our keys", err)
				return nil
			})
		})
	}
}

// rowsOf is how many rows tables have, with spaces between.
func rowsOf(t *testing.T, tx *Tx, tables ...string) string {
	t.Helper()
	counts := make([]string, len(tables))
	for i, table := range tables {
		n, _, err := one(tx, column[int], "SELECT count(*) FROM "+table)
		if err != nil {
			t.Error(err)
		}
		counts[i] = fmt.Sprint(n)
	}
	return strings.Join(counts, " ")
}

// TestDamagedKeyIsAnError: bytes of another length are no key, and are not in the error.
func TestDamagedKeyIsAnError(t *testing.T) {
	s := open(t)
	session := testSession(1)
	update(t, s, func(tx *Tx) error {
		if err := errors.Join(tx.PutSession(&session), tx.exec("UPDATE sessions SET root = x'736563726574'")); err != nil {
			return err
		}
		if _, err := tx.Sessions(session.Identity, session.Installation, session.Prekey); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
		return nil
	})
}
