package fault

import (
	"errors"
	"io/fs"
	"syscall"
)

// Storage turns a failure to read or write below folder into a refusal that says what a person can do about it. It
// returns nil for nil and leaves an error alone that is a refusal already.
func Storage(folder string, err error) error {
	if err == nil || CodeOf(err) != "" {
		return err
	}
	return Wrap(StorageProblem, storageSentence(folder, err), err)
}

func storageSentence(folder string, err error) string {
	switch {
	case isDiskFull(err):
		return "The disk is full. Free some space and try again; nothing was lost."
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return "Sotto may not write to its folder " + folder + ". Allow it and try again; nothing was lost."
	default:
		return "Sotto could not use its folder " + folder + ". Check the disk and try again; nothing was lost."
	}
}
