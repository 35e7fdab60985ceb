package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
)

func TestCodeAndSentenceSurviveWrapping(t *testing.T) {
	err := fmt.Errorf("unlock: %w", New(WrongPassword, "That password does not open this account."))
	if CodeOf(err) != WrongPassword {
		t.Errorf("code: got %q", CodeOf(err))
	}
	if got := Sentence(err); got != "That password does not open this account." {
		t.Errorf("sentence: got %q", got)
	}
	if !errors.Is(err, &Error{Code: WrongPassword}) || errors.Is(err, &Error{Code: BadPhrase}) {
		t.Error("errors.Is does not compare codes")
	}
}

func TestForeignErrorsHaveANeutralSentence(t *testing.T) {
	err := errors.New("pq: relation 17 does not exist")
	if CodeOf(err) != "" || strings.Contains(Sentence(err), "pq") {
		t.Errorf("got code %q, sentence %q", CodeOf(err), Sentence(err))
	}
}

func TestCauseIsKept(t *testing.T) {
	err := Wrap(StorageProblem, "The disk is full.", syscall.ENOSPC)
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "storage") {
		t.Errorf("got %v", err)
	}
}

func TestStorageSaysWhatToDo(t *testing.T) {
	cases := []struct {
		name string
		err  error
		want string
	}{
		{"full disk", &fs.PathError{Op: "write", Err: syscall.ENOSPC}, "disk is full"},
		{"quota", &fs.PathError{Op: "write", Err: syscall.EDQUOT}, "disk is full"},
		{"read-only file system", &fs.PathError{Op: "open", Err: syscall.EROFS}, "may not write to its folder /data"},
		{"permission", &fs.PathError{Op: "open", Err: fs.ErrPermission}, "may not write to its folder /data"},
		{"anything else", errors.New("input/output error"), "could not use its folder /data"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := Storage("/data", c.err)
			if CodeOf(err) != StorageProblem || !strings.Contains(Sentence(err), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestStorageLeavesNilAndRefusalsAlone(t *testing.T) {
	if err := Storage("/data", nil); err != nil {
		t.Errorf("nil became %v", err)
	}
	if err := Storage("/data", New(Locked, "x")); CodeOf(err) != Locked {
		t.Errorf("a refusal became %v", err)
	}
}
