package account

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sample is a vault with every slot, and its wrapping key.
func sample(t testing.TB) (*vaultFile, []byte) {
	t.Helper()
	s := New(Config{Dir: t.TempDir(), KDF: lightKDF})
	keys, _, err := keysOfPhrase(phraseA)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.newVault("Kay", keys, phraseA)
	if err != nil {
		t.Fatal(err)
	}
	o.file.Keychain = true
	if o.file.Password, err = newPasswordSlot(rand.Reader, o.file.ID, "swordfish", lightKDF, o.wrapping); err != nil {
		t.Fatal(err)
	}
	return o.file, o.wrapping
}

func TestVaultSurvivesTheRoundTrip(t *testing.T) {
	f, wrapping := sample(t)
	data, err := f.encode()
	must(t, err)
	again, err := decodeVault(data)
	must(t, err)
	kept, err := again.unseal(wrapping)
	must(t, err)
	if kept.phrase != phraseA || again.Name != "Kay" || again.slots() != (Slots{true, true, true}) {
		t.Errorf("got %+v", again)
	}
}

func TestSealedFieldsAreBoundToAccountAndPlace(t *testing.T) {
	f, wrapping := sample(t)
	other := f.clone()
	other.ID = strings.Repeat("0", 32)
	if _, err := other.unseal(wrapping); !errors.Is(err, errNotThisKey) {
		t.Errorf("another account's id: %v", err)
	}
	if _, err := other.Password.open(other.ID, "swordfish"); !errors.Is(err, errNotThisKey) {
		t.Errorf("another account's password slot: %v", err)
	}
	key := make([]byte, keySize)
	box, err := seal(rand.Reader, key, wrapping, f.ID, sealPassword)
	must(t, err)
	if _, err := unseal(key, box, f.ID, sealPhrase); !errors.Is(err, errNotThisKey) {
		t.Errorf("a slot in another's place: %v", err)
	}
}

func TestEveryChangedBitOfASealedFieldIsNoticed(t *testing.T) {
	f, wrapping := sample(t)
	for _, at := range []int{0, 23, 24, 300, len(f.Keys) - 1} {
		bent := f.clone()
		bent.Keys = bytes.Clone(f.Keys)
		bent.Keys[at] ^= 1
		if _, err := bent.unseal(wrapping); err == nil {
			t.Errorf("byte %d changed and nobody noticed", at)
		}
	}
}

func TestDecodeVaultRefuses(t *testing.T) {
	good, _ := sample(t)
	bend := func(edit func(f *vaultFile)) []byte {
		f := good.clone()
		password, phrase := *f.Password, *f.Phrase
		f.Password, f.Phrase = &password, &phrase
		edit(f)
		data, err := f.encode()
		must(t, err)
		return data
	}
	data, err := good.encode()
	must(t, err)
	cases := map[string][]byte{
		"nothing":          nil,
		"no object":        []byte("[]"),
		"two objects":      append(bytes.Clone(data), '{', '}'),
		"unknown field":    bytes.Replace(data, []byte(`"name"`), []byte(`"nick": "x", "name"`), 1),
		"too long":         append(bytes.Clone(data), bytes.Repeat([]byte(" "), maxVaultSize)...),
		"version 0":        bend(func(f *vaultFile) { f.Version = 0 }),
		"id with a path":   bend(func(f *vaultFile) { f.ID = "../" + f.ID[3:] }),
		"colour":           bend(func(f *vaultFile) { f.Colour = Colours }),
		"name of lines":    bend(func(f *vaultFile) { f.Name = "a\nb" }),
		"short keys":       bend(func(f *vaultFile) { f.Keys = f.Keys[1:] }),
		"no phrase slot":   bend(func(f *vaultFile) { f.Phrase = nil }),
		"short salt":       bend(func(f *vaultFile) { f.Password.Salt = f.Password.Salt[1:] }),
		"giant memory":     bend(func(f *vaultFile) { f.Password.Memory = 1 << 31 }),
		"endless time":     bend(func(f *vaultFile) { f.Password.Time = 1 << 20 }),
		"no threads":       bend(func(f *vaultFile) { f.Password.Threads = 0 }),
		"many threads":     bend(func(f *vaultFile) { f.Password.Threads = 255 }),
		"no memory at all": bend(func(f *vaultFile) { f.Password.Memory = 0 }),
	}
	for name, data := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := decodeVault(data); !errors.Is(err, errVault) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := decodeVault(bend(func(f *vaultFile) { f.Version = 9 })); !errors.Is(err, errNewerVault) {
		t.Errorf("newer version: %v", err)
	}
}

func TestReplaceThatFailsLeavesTheOldFileAndNoOther(t *testing.T) {
	dir := t.TempDir()
	must(t, osDisk{}.replace(dir, "f", []byte("old")))
	// A folder in the file's place makes the last step fail.
	must(t, os.MkdirAll(filepath.Join(dir, "g", "x"), 0o700))
	if err := (osDisk{}).replace(dir, "g", []byte("new")); err == nil {
		t.Fatal("it replaced a folder")
	}
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) != 2 {
		t.Errorf("left behind: %v", entries)
	}
	must(t, osDisk{}.replace(dir, "f", []byte("new")))
	if data, _ := os.ReadFile(filepath.Join(dir, "f")); string(data) != "new" {
		t.Errorf("got %q", data)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	f, wrapping := sample(t)
	kept, err := f.unseal(wrapping)
	must(t, err)
	k := Keys{ID: f.ID, Database: kept.database}
	for _, text := range []string{k.String(), k.GoString()} {
		if strings.Contains(text, string(kept.database[:])) || text != "account keys" {
			t.Errorf("prints as %q", text)
		}
	}
}

func FuzzDecodeVault(f *testing.F) {
	file, _ := sample(f)
	data, err := file.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"version":1}`))
	f.Add([]byte(`{"version":2,"x":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := decodeVault(data)
		if err != nil {
			return
		}
		again, err := file.encode()
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(again) || !validID(file.ID) {
			t.Errorf("accepted %q", data)
		}
		if _, err := decodeVault(again); err != nil {
			t.Errorf("does not read what it wrote: %v", err)
		}
	})
}

// BenchmarkUnlockKDF is what a person waits for after typing the password.
func BenchmarkUnlockKDF(b *testing.B) {
	salt := make([]byte, saltSize)
	for b.Loop() {
		DefaultKDF.key("swordfish", salt)
	}
}

func TestPasswordsAreHardToGuessByDefault(t *testing.T) {
	if got := New(Config{Dir: t.TempDir()}).cfg.KDF; got != (KDF{Time: 3, Memory: 256 << 10, Threads: 4}) || got.check() != nil {
		t.Errorf("got %+v", got)
	}
}
