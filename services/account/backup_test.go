package account

import (
	"strings"
	"syscall"
	"testing"

	"sotto/services/fault"
)

func TestBackupIsAskedForAndThenForgotten(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	phrase, err := f.Phrase(t.Context())
	must(t, err)
	if phrase != made.Phrase {
		t.Error("another phrase than the one given at creation")
	}
	words := strings.Fields(phrase)
	wantCode(t, f.ConfirmBackup(t.Context(), map[int]string{1: words[0]}), fault.BadPhrase, "First look")

	asked, err := f.Challenge(t.Context())
	must(t, err)
	answer := map[int]string{}
	for _, p := range asked {
		answer[p] = " " + strings.ToUpper(words[p-1]) + " "
	}
	right := answer[asked[1]]
	answer[asked[1]] = "zebra"
	if words[asked[1]-1] == "zebra" {
		answer[asked[1]] = "zoo"
	}
	wantCode(t, f.ConfirmBackup(t.Context(), answer), fault.BadPhrase, "is another one")
	answer[asked[1]] = right
	before := f.open.secrets
	must(t, f.ConfirmBackup(t.Context(), answer))
	if before.chat != [keySize]byte{} || before.phrase != "" {
		t.Error("the secrets of before stayed in memory")
	}

	if current, _ := f.Current(); current.BackupPending || !current.Unlocked {
		t.Errorf("got %+v", current)
	}
	_, err = f.Phrase(t.Context())
	wantCode(t, err, fault.NotAllowed, "no longer kept")
	must(t, f.Lock(t.Context()))
	opened, err := f.Unlock(t.Context(), made.ID, Credential{Phrase: made.Phrase})
	must(t, err)
	if opened.BackupPending || opened.Key != made.Key {
		t.Errorf("after unlocking: %+v", opened)
	}
}

func TestVaultsLengthDoesNotTellWhetherThePhraseIsInIt(t *testing.T) {
	with, err := (&secrets{phrase: phraseA}).encode()
	must(t, err)
	without, err := (&secrets{}).encode()
	must(t, err)
	if len(with) != len(without) || len(with) != secretsSize {
		t.Errorf("%d and %d bytes", len(with), len(without))
	}
}

func TestConfirmOnAFullDiskKeepsThePhrase(t *testing.T) {
	f := newFixture(t, t.TempDir())
	made := f.create(t, "Kay")
	asked, err := f.Challenge(t.Context())
	must(t, err)
	words, answer := strings.Fields(made.Phrase), map[int]string{}
	for _, p := range asked {
		answer[p] = words[p-1]
	}
	f.disk = &brokenDisk{err: syscall.ENOSPC}
	wantCode(t, f.ConfirmBackup(t.Context(), answer), fault.StorageProblem, "disk is full")
	if phrase, err := f.Phrase(t.Context()); err != nil || phrase != made.Phrase {
		t.Errorf("the phrase is gone: %v", err)
	}
}

func TestChallengeDrawsDifferentAscendingPositions(t *testing.T) {
	f := newFixture(t, t.TempDir())
	f.create(t, "Kay")
	seen := map[int]bool{}
	for range 200 {
		p, err := f.Challenge(t.Context())
		must(t, err)
		if p[0] < 1 || p[0] >= p[1] || p[1] >= p[2] || p[2] > 12 {
			t.Fatalf("drew %v", p)
		}
		seen[p[0]], seen[p[1]], seen[p[2]] = true, true, true
	}
	if len(seen) != 12 {
		t.Errorf("only %d positions ever came", len(seen))
	}
}
