package account

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/zalando/go-keyring"

	"sotto/node/identity"
	"sotto/services/event"
	"sotto/services/fault"
)

func TestCreateOpensANewAccount(t *testing.T) {
	f := newFixture(t, filepath.Join(t.TempDir(), "accounts"))
	made := f.create(t, "  Kay ")
	if made.Name != "Kay" || !made.Unlocked || !made.BackupPending || made.Slots != (Slots{Password: true, Phrase: true}) {
		t.Errorf("got %+v", made.Account)
	}
	if len(strings.Fields(made.Phrase)) != 12 {
		t.Errorf("the phrase has %d words", len(strings.Fields(made.Phrase)))
	}
	keys, _, err := keysOfPhrase(made.Phrase)
	must(t, err)
	if public := identity.KeyOf(&keys.Chat.PublicKey); made.Key != public.String() || made.Short != public.Short() {
		t.Errorf("the account's key %s does not come from the phrase", made.Key)
	}
	if crypto.PubkeyToAddress(f.opener.keys.Chat.PublicKey) != crypto.PubkeyToAddress(keys.Chat.PublicKey) ||
		f.opener.keys.Database == [32]byte{} || f.opener.keys.Folder != filepath.Join(f.cfg.Dir, made.ID) {
		t.Errorf("the opener was given other keys: %+v", f.opener.keys)
	}
	if e := <-f.events.C; e.Kind != event.Account {
		t.Errorf("first event: %+v", e)
	}
}

func TestCreateWithoutNameTakesThePseudonymButTellsItOnlyWhileOpen(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "")
	if made.Name != made.Pseudonym {
		t.Errorf("name %q, pseudonym %q", made.Name, made.Pseudonym)
	}
	must(t, f.Lock(t.Context()))
	list, err := f.List(t.Context())
	must(t, err)
	if want := "Account " + made.ID[:4]; list[0].Name != want || list[0].Pseudonym != "" || list[0].Key != "" {
		t.Errorf("locked: %+v, want the name %q and nothing else", list[0], want)
	}
}

func TestNothingButNameAndColourIsReadableOnDisk(t *testing.T) {
	dir := t.TempDir()
	f := newFixture(t, dir)
	made := f.create(t, "Kay")
	keys, phrase, err := keysOfPhrase(made.Phrase)
	must(t, err)
	secretsOf := []string{
		made.Key[4:40], made.Short, made.Phrase, "swordfish",
		string(crypto.FromECDSA(keys.Chat)), string(f.opener.keys.Database[:]),
	}
	secretsOf = append(secretsOf, strings.Join(phrase.Words()[:2], " "))
	for path, content := range filesBelow(t, dir) {
		for _, secret := range secretsOf {
			if strings.Contains(content, secret) {
				t.Errorf("%s has a secret in the clear", path)
			}
		}
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode().Perm())
		}
	}
	info, err := os.Stat(filepath.Join(dir, made.ID))
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v", info.Mode().Perm())
	}
}

func TestCreateRefusesNames(t *testing.T) {
	f := newFixture(t, t.TempDir())
	for _, name := range []string{strings.Repeat("x", maxName+1), "a\nb", "a\x00b", "\xff\xfe"} {
		_, err := f.Create(t.Context(), Options{Name: name, Password: "p"})
		wantCode(t, err, fault.BadName, "one line")
	}
	if len(filesBelow(t, f.cfg.Dir)) != 0 {
		t.Error("a refused account left files")
	}
}

func TestCreateWithoutKeychainLeavesNothing(t *testing.T) {
	f := newFixture(t, t.TempDir())
	keyring.MockInitWithError(errLockedKeychain)
	_, err := f.Create(t.Context(), Options{Name: "Kay", Keychain: true})
	wantCode(t, err, fault.NoKeychain, "Choose a password instead.")
	if len(filesBelow(t, f.cfg.Dir)) != 0 {
		t.Error("a refused account left files")
	}
}

func TestCreateOnAFullDiskOrReadOnlyFolderLeavesNothing(t *testing.T) {
	cases := []struct {
		name, sentence string
		err            error
	}{
		{"full disk", "The disk is full.", syscall.ENOSPC},
		{"read-only", "may not write to its folder", syscall.EROFS},
		{"no permission", "may not write to its folder", syscall.EACCES},
		{"broken disk", "Check the disk", syscall.EIO},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, t.TempDir())
			f.disk = &brokenDisk{err: c.err}
			_, err := f.Create(t.Context(), Options{Password: "p", Keychain: true})
			wantCode(t, err, fault.StorageProblem, c.sentence)
			if len(filesBelow(t, f.cfg.Dir)) != 0 || len(f.opener.log) != 0 {
				t.Errorf("left %v, opened %v", filesBelow(t, f.cfg.Dir), f.opener.log)
			}
		})
	}
}

func TestCreateInAFolderThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	f := newFixture(t, filepath.Join(file, "accounts"))
	_, err := f.Create(t.Context(), Options{Password: "p"})
	wantCode(t, err, fault.StorageProblem, "could not use its folder")
}

func TestCreateLeavesNothingWhenOpeningFails(t *testing.T) {
	f := newFixture(t, t.TempDir())
	f.opener.failing = fault.New(fault.StorageProblem, "The disk is full.")
	_, err := f.Create(t.Context(), Options{Password: "p", Keychain: true})
	wantCode(t, err, fault.StorageProblem, "disk is full")
	if len(filesBelow(t, f.cfg.Dir)) != 0 {
		t.Error("an account remained that nobody has the phrase of")
	}
	if _, open := f.Current(); open {
		t.Error("an account is open")
	}
}

func TestRecoverGivesTheSameKeysInAnySpacingAndCase(t *testing.T) {
	f := newFixture(t, t.TempDir())
	spoken := "  " + strings.ToUpper(strings.ReplaceAll(phraseA, " ", "\n\t ")) + " "
	account, err := f.Recover(t.Context(), spoken, Options{Name: "Kay", Password: "p"})
	must(t, err)
	keys, _, err := keysOfPhrase(phraseA)
	must(t, err)
	if account.Key != identity.KeyOf(&keys.Chat.PublicKey).String() || account.BackupPending || !account.Unlocked {
		t.Errorf("got %+v", account)
	}
}

func TestRecoverPointsOutWhatIsWrong(t *testing.T) {
	f := newFixture(t, t.TempDir())
	cases := []struct{ name, phrase, sentence string }{
		{"wrong word", strings.Replace(phraseA, "sausage", "sausege", 1), "Word 6 is not a word of recovery phrases. Did you mean sausage"},
		{"too few", "legal winner thank", "12, 15, 18, 21 or 24 words"},
		{"empty", "  ", "12, 15, 18, 21 or 24 words"},
		{"wrong order", strings.Replace(phraseA, "thank yellow", "yellow thank", 1), "not in this order"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := f.Recover(t.Context(), c.phrase, Options{Password: "p"})
			wantCode(t, err, fault.BadPhrase, c.sentence)
			if strings.Contains(err.Error(), "sausege") {
				t.Error("the error repeats what was typed")
			}
		})
	}
}

func TestRecoverRefusesAnAccountThatIsHereOpenOrLocked(t *testing.T) {
	f := newFixture(t, t.TempDir())
	_, err := f.Recover(t.Context(), phraseA, Options{Password: "p"})
	must(t, err)
	_, err = f.Recover(t.Context(), phraseA, Options{Password: "q"})
	wantCode(t, err, fault.AccountExists, "Unlock it instead.")
	must(t, f.Lock(t.Context()))
	_, err = f.Recover(t.Context(), phraseA, Options{Password: "q"})
	wantCode(t, err, fault.AccountExists, "Unlock it instead.")
	_, err = f.Recover(t.Context(), phraseB, Options{Password: "q"})
	must(t, err)
	list, err := f.List(t.Context())
	must(t, err)
	if len(list) != 2 {
		t.Errorf("%d accounts, want 2", len(list))
	}
}
