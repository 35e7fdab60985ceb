package models

// seenEnvelope is the hash of an envelope that was taken in.
type seenEnvelope struct {
	Hash []byte `gorm:"primaryKey"`
	At   int64
}

func (seenEnvelope) TableName() string { return "seen_envelopes" }

// MarkEnvelope remembers that an envelope was taken in at a time in Unix ms. It says false where it was before.
func (tx *Tx) MarkEnvelope(hash [32]byte, at int64) (bool, error) {
	return tx.putNew(&seenEnvelope{Hash: hash[:], At: at})
}

// ForgetEnvelopes drops the envelopes that were taken in before a time in Unix ms, and says how many.
func (tx *Tx) ForgetEnvelopes(before int64) (int64, error) {
	result := tx.db.Where("at < ?", before).Delete(&seenEnvelope{})
	return result.RowsAffected, typed(result.Error)
}
