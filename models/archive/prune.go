package archive

import (
	"context"

	"gorm.io/gorm"
)

// Prune implements mailserver.Archive. Each step is a transaction of its own, so that others write in between; what a step
// removed stays removed where a later one fails. The space in a file of SQLite is used again, the file does not shrink.
func (a *Archive) Prune(ctx context.Context, before uint32, bytes int64) (removed int64, err error) {
	a.pruning.Lock()
	defer a.pruning.Unlock()
	for {
		n, done, err := a.pruneStep(ctx, before, bytes)
		removed += n
		if done || err != nil {
			return removed, err
		}
	}
}

// pruneStep removes as many of the oldest envelopes as one transaction may, and says whether that was all.
func (a *Archive) pruneStep(ctx context.Context, before uint32, bytes int64) (removed int64, done bool, err error) {
	err = a.update(ctx, func(tx *gorm.DB) error {
		held, err := readTotals(tx)
		if err != nil {
			return err
		}
		oldest, err := readKeys(tx, a.bounds.step, "SELECT "+keyColumns+" FROM envelopes ORDER BY sent, hash LIMIT ?", a.bounds.step)
		if err != nil {
			return err
		}
		n := 0
		for ; n < len(oldest) && (oldest[n].sent < before || bytes > 0 && held.Bytes > bytes); n++ {
			held.Bytes -= int64(oldest[n].size)
		}
		done = n < a.bounds.step
		if n == 0 {
			return nil
		}
		removed, err = removeUntil(tx, oldest[n-1])
		return err
	})
	if err != nil {
		return 0, false, err
	}
	return removed, done, nil
}

// removeUntil removes an envelope and all before it.
func removeUntil(tx *gorm.DB, last key) (removed int64, err error) {
	var change totals
	err = sizes(tx.Raw("DELETE FROM envelopes WHERE (sent, hash) <= (?, ?) RETURNING size", int64(last.sent), last.hash[:]),
		func(size int64) {
			change.Envelopes--
			change.Bytes -= size
		})
	if err != nil {
		return 0, err
	}
	return -change.Envelopes, change.add(tx)
}
