package archive

import (
	"context"
	"database/sql"

	"gorm.io/gorm"

	"sotto/node/mailserver"
)

// totals is how much there is, or by how much that changes.
type totals struct {
	Envelopes int64
	Bytes     int64 // of RLP
}

// add changes the stored totals. It comes last in a transaction: in PostgreSQL, whoever changes them makes others wait until
// the end.
func (t totals) add(tx *gorm.DB) error {
	if t == (totals{}) {
		return nil
	}
	return tx.Exec("UPDATE totals SET envelopes = envelopes + ?, bytes = bytes + ? WHERE id = 1", t.Envelopes, t.Bytes).Error
}

func readTotals(tx *gorm.DB) (t totals, err error) {
	return t, tx.Raw("SELECT envelopes, bytes FROM totals WHERE id = 1").Row().Scan(&t.Envelopes, &t.Bytes)
}

// Size implements mailserver.Archive. It counts nothing.
func (a *Archive) Size(ctx context.Context) (size mailserver.Size, err error) {
	err = a.view(ctx, func(tx *gorm.DB) error {
		t, err := readTotals(tx)
		if err != nil {
			return err
		}
		var oldest sql.Null[int64]
		if err := tx.Raw("SELECT min(sent) FROM envelopes").Row().Scan(&oldest); err != nil {
			return err
		}
		size = mailserver.Size{Envelopes: t.Envelopes, Bytes: t.Bytes, Oldest: uint32(oldest.V)}
		return nil
	})
	return size, err
}
