// Package archive opens the archive of a mailserver, and says in a sentence what is wrong with it.
package archive

import (
	"context"
	"errors"

	"sotto/models"
	"sotto/models/archive"
	"sotto/node/mailserver"
	"sotto/services/fault"
)

// Open opens the archive that where names, a file or postgres://…, and makes it where there is none. The errors are faults,
// fault.StorageProblem; a password in where is in none of them.
func Open(ctx context.Context, where string) (mailserver.Archive, error) {
	a, err := archive.Open(ctx, where)
	if err != nil {
		return nil, fault.Wrap(fault.StorageProblem, sentence(err), err)
	}
	return a, nil
}

func sentence(err error) string {
	switch {
	case errors.Is(err, archive.ErrAddress):
		return "The archive is neither a file nor an address that begins with postgres://."
	case errors.Is(err, models.ErrDiskFull):
		return "The archive's disk is full. Free some space, or keep less with --retention and --archive-bytes."
	case errors.Is(err, models.ErrReadOnly):
		return "The archive may not be written. Give its folder, or its database, to the user that this runs as."
	case errors.Is(err, models.ErrNotDatabase):
		return "The archive is damaged, or is something else. Move it away: the next start makes an empty one."
	case errors.Is(err, models.ErrNewer):
		return "The archive was written by a newer version of this program. Install that one."
	default:
		return "The archive did not open. Look whether its folder, or its database server, is there and takes this user."
	}
}
