// Package stored is what services share of the open account's database: that it is lent to them, and in a sentence what is wrong with it.
package stored

import (
	"context"
	"errors"

	"sotto/models"
	"sotto/services/fault"
)

// Refusal makes of an error of the open account's database what a person can act on. Refusals and the end of a caller's
// context stay as they are.
func Refusal(err error) error {
	if err == nil || fault.CodeOf(err) != "" || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault.Wrap(fault.StorageProblem, sentence(err), err)
}

func sentence(err error) string {
	switch {
	case errors.Is(err, models.ErrDiskFull):
		return "The disk is full. Free some space and try again; nothing was lost."
	case errors.Is(err, models.ErrReadOnly):
		return "Sotto may not write to its folder. Allow it and try again; nothing was lost."
	case errors.Is(err, models.ErrNotDatabase):
		return "The account's database is damaged. Close Sotto and put back a copy of its folder."
	default:
		return "The account's database did not answer. Check the disk and try again; nothing was lost."
	}
}
