package account

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"sotto/services/event"
	"sotto/services/fault"
)

func TestEverySlotOpensTheSameAccount(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made, err := f.Create(t.Context(), Options{Password: "swordfish", Keychain: true})
	must(t, err)
	database := f.opener.keys.Database
	for name, c := range map[string]Credential{
		"password": {Password: "swordfish"}, "phrase": {Phrase: strings.ToUpper(made.Phrase)}, "keychain": {},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, f.Lock(t.Context()))
			opened, err := f.Unlock(t.Context(), made.ID, c)
			must(t, err)
			if opened.Key != made.Key || f.opener.keys.Database != database || !opened.BackupPending {
				t.Errorf("got %+v", opened)
			}
		})
	}
}

func TestComposedAndDecomposedPasswordsAreOne(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made, err := f.Create(t.Context(), Options{Password: "Zo\u00eb"})
	must(t, err)
	must(t, f.Lock(t.Context()))
	_, err = f.Unlock(t.Context(), made.ID, Credential{Password: "Zoe\u0308"})
	must(t, err)
}

func TestWrongCredentialsOpenNothingAndLoseNothing(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	must(t, f.Lock(t.Context()))
	before := filesBelow(t, f.cfg.Dir)
	cases := []struct {
		name     string
		c        Credential
		code     fault.Code
		sentence string
	}{
		{"password", Credential{Password: "Swordfish"}, fault.WrongPassword, "That password does not open this account."},
		{"phrase of another", Credential{Phrase: phraseB}, fault.BadPhrase, "belongs to another account"},
		{"no phrase", Credential{Phrase: "legal winner"}, fault.BadPhrase, "12, 15"},
		{"not in the keychain", Credential{}, fault.NoKeychain, "not in the keychain. Your password opens the account."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := f.Unlock(t.Context(), made.ID, c.c)
			wantCode(t, err, c.code, c.sentence)
			if _, open := f.Current(); open {
				t.Error("an account is open")
			}
		})
	}
	for path, content := range filesBelow(t, f.cfg.Dir) {
		if before[path] != content {
			t.Errorf("%s changed", path)
		}
	}
	_, err := f.Unlock(t.Context(), made.ID, Credential{Password: "swordfish"})
	must(t, err)
}

func TestKeychainThatFailsSaysWhatOpensTheAccount(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made, err := f.Create(t.Context(), Options{Password: "swordfish", Keychain: true})
	must(t, err)
	must(t, f.Lock(t.Context()))
	t.Run("locked", func(t *testing.T) {
		keyring.MockInitWithError(errLockedKeychain)
		_, err := f.Unlock(t.Context(), made.ID, Credential{})
		wantCode(t, err, fault.NoKeychain, "The keychain did not answer. Your password opens the account.")
	})
	t.Run("emptied", func(t *testing.T) {
		keyring.MockInit()
		_, err := f.Unlock(t.Context(), made.ID, Credential{})
		wantCode(t, err, fault.NoKeychain, "no longer has the key of this account. Your password")
	})
	t.Run("entry of another time", func(t *testing.T) {
		must(t, keyring.Set(keychainService, made.ID, strings.Repeat("ab", keySize)))
		_, err := f.Unlock(t.Context(), made.ID, Credential{})
		wantCode(t, err, fault.NoKeychain, "no longer has the key")
	})
	_, err = f.Unlock(t.Context(), made.ID, Credential{Password: "swordfish"})
	must(t, err)
}

func TestUnlockingTwiceChangesNothing(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	again, err := f.Unlock(t.Context(), made.ID, Credential{Password: "wrong"})
	must(t, err)
	if again != made.Account || len(f.opener.log) != 1 {
		t.Errorf("got %+v after %v", again, f.opener.log)
	}
}

func TestSwitchingClosesOneAndOpensTheNext(t *testing.T) {
	f := newFixture(t, t.TempDir())
	first, second := f.create(t, "first"), f.create(t, "second")
	_, err := f.Unlock(t.Context(), first.ID, Credential{Password: "wrong"})
	wantCode(t, err, fault.WrongPassword, "")
	if current, _ := f.Current(); current.ID != second.ID {
		t.Error("a wrong password closed the open account")
	}
	_, err = f.Unlock(t.Context(), first.ID, Credential{Password: "swordfish"})
	must(t, err)
	want := []string{"open " + first.ID, "close " + first.ID, "open " + second.ID, "close " + second.ID, "open " + first.ID}
	if !slices.Equal(f.opener.log, want) {
		t.Errorf("got %v, want %v", f.opener.log, want)
	}
}

func TestLockDropsTheKeysAndSaysSo(t *testing.T) {
	f := newFixture(t, t.TempDir())
	f.create(t, "Kay")
	f.mu.RLock()
	o := f.open
	f.mu.RUnlock()
	must(t, f.Lock(t.Context()))
	if o.secrets.chat != [32]byte{} || o.secrets.database != [32]byte{} || !slices.Equal(o.wrapping, make([]byte, keySize)) {
		t.Error("keys stayed in memory")
	}
	if _, open := f.Current(); open || f.opener.log[len(f.opener.log)-1] != "close "+o.file.ID {
		t.Errorf("still open; %v", f.opener.log)
	}
	<-f.events.C
	if e := <-f.events.C; e.Kind != event.Account {
		t.Errorf("got %+v", e)
	}
	must(t, f.Lock(t.Context()))
	if err := f.Rename(t.Context(), "x"); fault.CodeOf(err) != fault.Locked {
		t.Errorf("rename while locked: %v", err)
	}
}

func TestAnotherProcessHasTheAccount(t *testing.T) {
	dir := t.TempDir()
	f, other := newFixture(t, dir), newFixture(t, dir)
	made := f.create(t, "Kay")
	_, err := other.Unlock(t.Context(), made.ID, Credential{Password: "swordfish"})
	wantCode(t, err, fault.AccountInUse, "Another Sotto has this account open.")
	wantCode(t, other.Remove(t.Context(), made.ID, "swordfish"), fault.AccountInUse, "")
	must(t, f.Lock(t.Context()))
	_, err = other.Unlock(t.Context(), made.ID, Credential{Password: "swordfish"})
	must(t, err)
}

func TestNoSuchAccount(t *testing.T) {
	f := newFixture(t, t.TempDir())
	for _, id := range []string{"", "../../etc", strings.Repeat("0", 32), strings.Repeat("A", 32)} {
		_, err := f.Unlock(t.Context(), id, Credential{Password: "p"})
		wantCode(t, err, fault.NoSuchAccount, "no such account")
		wantCode(t, f.Remove(t.Context(), id, "p"), fault.NoSuchAccount, "")
	}
}

func TestOpenerThatFailsLeavesTheAccountLockedAndFree(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	must(t, f.Lock(t.Context()))
	f.opener.failing = fault.New(fault.StorageProblem, "The disk is full.")
	_, err := f.Unlock(t.Context(), made.ID, Credential{Password: "swordfish"})
	wantCode(t, err, fault.StorageProblem, "disk is full")
	f.opener.failing = nil
	_, err = f.Unlock(t.Context(), made.ID, Credential{Password: "swordfish"})
	must(t, err)
}

func TestDamagedVaultIsListedAndExplained(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	must(t, f.Lock(t.Context()))
	path := filepath.Join(f.cfg.Dir, made.ID, vaultName)
	good, err := os.ReadFile(path)
	must(t, err)
	cases := []struct{ name, content, sentence string }{
		{"truncated", string(good[:len(good)/2]), "is damaged"},
		{"empty", "", "is damaged"},
		{"newer", strings.Replace(string(good), `"version": 1`, `"version": 2, "more": {}`, 1), "Update Sotto"},
		{"another account's", strings.Replace(string(good), made.ID, strings.Repeat("0", 32), 1), "is damaged"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			must(t, os.WriteFile(path, []byte(c.content), 0o600))
			_, err := f.Unlock(t.Context(), made.ID, Credential{Password: "swordfish"})
			wantCode(t, err, fault.StorageProblem, c.sentence)
			list, err := f.List(t.Context())
			must(t, err)
			if len(list) != 1 || !strings.HasPrefix(list[0].Name, "Damaged account") {
				t.Errorf("got %+v", list)
			}
		})
	}
	must(t, os.WriteFile(path, good, 0o600))
	_, err = f.Unlock(t.Context(), made.ID, Credential{Password: "swordfish"})
	must(t, err)
}

func TestWaitingForOnesTurnEndsWithTheContext(t *testing.T) {
	f := newFixture(t, t.TempDir())
	done, err := f.exclusive(t.Context())
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Rename(ctx, "x"); err == nil {
		t.Error("it did not wait")
	}
	done()
}
