package services

import (
	"context"
	"errors"

	"sotto/models"
	"sotto/services/fault"
)

// storageFault makes of an error of the store below folder what a person can act on. Refusals and the end of the
// caller's context stay as they are.
func storageFault(folder string, err error) error {
	sentence := ""
	switch {
	case err == nil, fault.CodeOf(err) != "", errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, models.ErrDiskFull):
		sentence = "The disk is full. Free some space and try again; nothing was lost."
	case errors.Is(err, models.ErrReadOnly):
		sentence = "Sotto may not write to its folder " + folder + ". Allow it and try again; nothing was lost."
	case errors.Is(err, models.ErrNewer):
		sentence = "A newer Sotto wrote this account's history. Update Sotto to open it."
	case errors.Is(err, models.ErrNotDatabase), errors.Is(err, models.ErrWrongKey):
		sentence = "The history of this account is damaged. Put a copy of the folder " + folder + " from a backup in its place, " +
			"or delete the account on this computer and recover it with your phrase, without its messages."
	default:
		return fault.Storage(folder, err)
	}
	return fault.Wrap(fault.StorageProblem, sentence, err)
}

// storageTrouble is what a degraded state says while the store takes nothing.
func storageTrouble(err error) (text, remedy string) {
	switch {
	case errors.Is(err, models.ErrDiskFull):
		return "The disk is full. What arrives waits and is not shown yet.", "Free some space."
	case errors.Is(err, models.ErrReadOnly):
		return "Sotto may not write to its folder. What arrives waits and is not shown yet.", "Allow Sotto to write there."
	default:
		return "The disk does not answer. What arrives waits and is not shown yet.", "Check the disk."
	}
}
