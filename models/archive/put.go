package archive

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"sotto/node/mailserver"
)

// The most envelopes and bytes of one statement. A larger one saves nothing and needs its memory twice.
const (
	mostRows  = 256
	mostBytes = 4 << 20
)

// Put implements mailserver.Archive: all in one transaction. They are stored in the archive's order, so that two that put
// the same wait for each other in the same order.
func (a *Archive) Put(ctx context.Context, list []mailserver.Stored) error {
	if len(list) == 0 {
		return nil
	}
	list = slices.SortedFunc(slices.Values(list), func(x, y mailserver.Stored) int { return x.Cursor().Compare(y.Cursor()) })
	return a.update(ctx, func(tx *gorm.DB) error {
		var change totals
		for rest := list; len(rest) > 0; {
			n := portion(rest)
			if err := insert(tx, rest[:n], &change); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return change.add(tx)
	})
}

// portion says how many envelopes go into the next statement. It is a power of two: statements of few sizes are prepared
// once each.
func portion(list []mailserver.Stored) int {
	n := mostRows
	for n > len(list) || n > 1 && bytesOf(list[:n]) > mostBytes {
		n /= 2
	}
	return n
}

func bytesOf(list []mailserver.Stored) (sum int) {
	for _, s := range list {
		sum += len(s.Raw)
	}
	return sum
}

// insert stores those envelopes that are new, and counts them.
func insert(tx *gorm.DB, list []mailserver.Stored, stored *totals) error {
	rows := strings.Repeat(", (?, ?, ?, ?, ?)", len(list))[2:]
	args := make([]any, 0, 5*len(list))
	for _, s := range list {
		args = append(args, int64(s.Sent), s.Hash[:], s.Topic[:], len(s.Raw), s.Raw)
	}
	return sizes(tx.Raw("INSERT INTO envelopes (sent, hash, topic, size, raw) VALUES "+rows+" ON CONFLICT DO NOTHING RETURNING size", args...),
		func(size int64) {
			stored.Envelopes++
			stored.Bytes += size
		})
}

// sizes hands over each row of a statement that returns sizes.
func sizes(statement *gorm.DB, each func(size int64)) error {
	rows, err := statement.Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var size int64
		if err := rows.Scan(&size); err != nil {
			return err
		}
		each(size)
	}
	return rows.Err()
}
