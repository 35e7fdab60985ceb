package account

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/zalando/go-keyring"

	"sotto/services/fault"
)

func TestSlotsComeAndGoWithoutTouchingTheKeys(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	database := f.opener.keys.Database
	wantCode(t, f.RemovePassword(t.Context()), fault.NotAllowed, "Add another way first.")
	must(t, f.AddKeychain(t.Context()))
	must(t, f.SetPassword(t.Context(), "tuna"))
	must(t, f.Lock(t.Context()))
	_, err := f.Unlock(t.Context(), made.ID, Credential{Password: "swordfish"})
	wantCode(t, err, fault.WrongPassword, "")
	_, err = f.Unlock(t.Context(), made.ID, Credential{Password: "tuna"})
	must(t, err)
	must(t, f.RemovePassword(t.Context()))
	wantCode(t, f.RemoveKeychain(t.Context()), fault.NotAllowed, "Add another way first.")
	must(t, f.Lock(t.Context()))
	_, err = f.Unlock(t.Context(), made.ID, Credential{Password: "tuna"})
	wantCode(t, err, fault.WrongPassword, "has no password")
	opened, err := f.Unlock(t.Context(), made.ID, Credential{})
	must(t, err)
	if opened.Slots != (Slots{Keychain: true, Phrase: true}) || f.opener.keys.Database != database {
		t.Errorf("got %+v", opened)
	}
}

func TestRemovedKeychainSlotOpensNothing(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	must(t, f.AddKeychain(t.Context()))
	kept, err := keyring.Get(keychainService, made.ID)
	must(t, err)
	must(t, f.RemoveKeychain(t.Context()))
	if _, err := keyring.Get(keychainService, made.ID); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("the entry stays: %v", err)
	}
	must(t, keyring.Set(keychainService, made.ID, kept))
	must(t, f.Lock(t.Context()))
	_, err = f.Unlock(t.Context(), made.ID, Credential{})
	wantCode(t, err, fault.NoKeychain, "not in the keychain")
}

func TestKeychainThatDoesNotForgetKeepsItsSlot(t *testing.T) {
	f := newFixture(t, t.TempDir())
	f.create(t, "Kay")
	must(t, f.AddKeychain(t.Context()))
	keyring.MockInitWithError(errLockedKeychain)
	wantCode(t, f.RemoveKeychain(t.Context()), fault.NoKeychain, "the key is still in it")
	if current, _ := f.Current(); !current.Slots.Keychain {
		t.Error("the slot is called removed while the entry still fits")
	}
	keyring.MockInit() // emptied by somebody else: as good as deleted
	must(t, f.RemoveKeychain(t.Context()))
	if current, _ := f.Current(); current.Slots.Keychain {
		t.Error("the slot stays")
	}
}

// The vault says that the keychain has the key, but somebody emptied or replaced it: the password must not go then.
func TestPasswordStaysWhereTheKeychainLostTheKey(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	must(t, f.AddKeychain(t.Context()))
	for name, spoil := range map[string]func(){
		"emptied":  keyring.MockInit,
		"replaced": func() { must(t, keyring.Set(keychainService, made.ID, strings.Repeat("ab", keySize))) },
		"locked":   func() { keyring.MockInitWithError(errLockedKeychain) },
	} {
		keyring.MockInit()
		spoil()
		wantCode(t, f.RemovePassword(t.Context()), fault.NoKeychain, "your password stays")
		if current, _ := f.Current(); !current.Slots.Password {
			t.Errorf("%s: the password is gone", name)
		}
	}
	keyring.MockInit()
	must(t, f.AddKeychain(t.Context()))
	must(t, f.RemovePassword(t.Context()))
}

func TestKeychainHoldsNothingButTheWrappingKey(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	must(t, f.AddKeychain(t.Context()))
	entry, err := keyring.Get(keychainService, made.ID)
	must(t, err)
	if len(entry) != 2*keySize {
		t.Errorf("the entry has %d characters, want 32 bytes in hex", len(entry))
	}
}

func TestAddKeychainThatFailsChangesNothing(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	keyring.MockInitWithError(errLockedKeychain)
	wantCode(t, f.AddKeychain(t.Context()), fault.NoKeychain, "did not answer")
	keyring.MockInit()
	f.disk = &brokenDisk{err: syscall.ENOSPC}
	wantCode(t, f.AddKeychain(t.Context()), fault.StorageProblem, "disk is full")
	if _, err := keyring.Get(keychainService, made.ID); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("an entry stays in the keychain: %v", err)
	}
	if current, _ := f.Current(); current.Slots.Keychain {
		t.Error("the account claims a keychain slot")
	}
}

func TestEditsOnAFullDiskLoseNothing(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	f.disk = &brokenDisk{err: syscall.ENOSPC}
	wantCode(t, f.SetPassword(t.Context(), "tuna"), fault.StorageProblem, "disk is full")
	wantCode(t, f.Rename(t.Context(), "Bo"), fault.StorageProblem, "nothing was lost")
	if current, _ := f.Current(); current != made.Account {
		t.Errorf("shown as changed: %+v", current)
	}
	f.disk = osDisk{}
	must(t, f.Lock(t.Context()))
	_, err := f.Unlock(t.Context(), made.ID, Credential{Password: "swordfish"})
	must(t, err)
}

func TestRenameAndColourLast(t *testing.T) {
	f := newFixture(t, t.TempDir())
	f.create(t, "Kay")
	must(t, f.Rename(t.Context(), " Bo "))
	must(t, f.SetColour(t.Context(), 7))
	wantCode(t, f.SetColour(t.Context(), Colours), fault.NotAllowed, "no such colour")
	wantCode(t, f.Rename(t.Context(), "a\tb"), fault.BadName, "one line")
	must(t, f.Lock(t.Context()))
	list, err := f.List(t.Context())
	must(t, err)
	if list[0].Name != "Bo" || list[0].Colour != 7 {
		t.Errorf("got %+v", list[0])
	}
}

func TestAccountsAreListedByName(t *testing.T) {
	f := newFixture(t, t.TempDir())
	for _, name := range []string{"cleo", "Bruno", "amy", "Bruno"} {
		f.create(t, name)
	}
	list, err := f.List(t.Context())
	must(t, err)
	var names []string
	for _, a := range list {
		names = append(names, a.Name)
	}
	if want := []string{"amy", "Bruno", "Bruno", "cleo"}; !slices.Equal(names, want) || list[1].ID > list[2].ID {
		t.Errorf("got %v", names)
	}
}

func TestRemoveAsksForThePassword(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	must(t, f.AddKeychain(t.Context()))
	wantCode(t, f.Remove(t.Context(), made.ID, ""), fault.WrongPassword, "")
	wantCode(t, f.Remove(t.Context(), made.ID, "wrong"), fault.WrongPassword, "")
	if _, open := f.Current(); !open {
		t.Error("a refused removal closed the account")
	}
	must(t, f.Remove(t.Context(), made.ID, "swordfish"))
	if left := filesBelow(t, f.cfg.Dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if _, err := keyring.Get(keychainService, made.ID); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("the keychain entry stays: %v", err)
	}
	if _, open := f.Current(); open {
		t.Error("the removed account is open")
	}
}

func TestRemoveALockedAccountWithoutPassword(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made, err := f.Create(t.Context(), Options{Keychain: true})
	must(t, err)
	must(t, f.Lock(t.Context()))
	must(t, f.Remove(t.Context(), made.ID, ""))
	list, err := f.List(t.Context())
	if err != nil || len(list) != 0 {
		t.Errorf("got %v %v", list, err)
	}
}

// What cannot be opened any more can at least be cleared away, so that the phrase can bring it back.
func TestRemoveADamagedAccount(t *testing.T) {
	f := newFixture(t, t.TempDir())
	must(t, errOf(f.Recover(t.Context(), phraseA, Options{Password: "swordfish"})))
	id := f.opener.keys.ID
	must(t, f.Lock(t.Context()))
	path := filepath.Join(f.cfg.Dir, id, vaultName)
	good, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, []byte(strings.Replace(string(good), `"version": 1`, `"version": 2`, 1)), 0o600))
	wantCode(t, f.Remove(t.Context(), id, ""), fault.StorageProblem, "Update Sotto")
	must(t, os.WriteFile(path, good[:len(good)/2], 0o600))
	must(t, f.Remove(t.Context(), id, ""))
	if list, err := f.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("left %v, %v", list, err)
	}
	must(t, errOf(f.Recover(t.Context(), phraseA, Options{Password: "swordfish"})))
}

func errOf(_ Account, err error) error { return err }

// A crash within Create leaves a folder without a vault; one within any change, a copy of the vault.
func TestWhatCrashesLeaveIsClearedAway(t *testing.T) {
	dir := t.TempDir()
	f := newFixture(t, dir)
	made := f.create(t, "Kay")
	must(t, f.Lock(t.Context()))
	half := filepath.Join(dir, strings.Repeat("0", 32))
	foreign := filepath.Join(dir, strings.Repeat("1", 32)) // its vault is lost: a backup may bring it back
	for _, path := range []string{
		filepath.Join(half, lockName), filepath.Join(half, vaultName+".123"),
		filepath.Join(foreign, lockName), filepath.Join(foreign, "account.db"),
		filepath.Join(dir, made.ID, vaultName+".456"),
	} {
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte("{}"), 0o600))
	}
	f = newFixture(t, dir)
	must(t, errOf(f.Unlock(t.Context(), made.ID, Credential{Password: "swordfish"})))
	for path, want := range map[string]bool{
		half: false, foreign: true, filepath.Join(dir, made.ID, vaultName): true, filepath.Join(dir, made.ID, vaultName+".456"): false,
	} {
		if exists(path) != want {
			t.Errorf("%s is there: %v", path, !want)
		}
	}
}

func TestAnInterruptedRemovalIsFinishedAtTheNextStart(t *testing.T) {
	dir := t.TempDir()
	f := newFixture(t, dir)
	gone, stays := f.create(t, "gone"), f.create(t, "stays")
	must(t, f.Lock(t.Context()))
	must(t, f.erase(gone.ID)) // and the process dies here
	list, err := f.List(t.Context())
	must(t, err)
	if len(list) != 1 || list[0].ID != stays.ID {
		t.Errorf("got %+v", list)
	}
	newFixture(t, dir)
	if _, err := os.Stat(filepath.Join(dir, gone.ID)); !os.IsNotExist(err) {
		t.Errorf("the folder stays: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, stays.ID, vaultName)); err != nil {
		t.Error(err)
	}
}
