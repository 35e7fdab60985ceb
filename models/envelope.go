package models

// MarkEnvelope remembers that an envelope was taken in at a time in Unix ms. It says false where it was before.
func (tx *Tx) MarkEnvelope(hash [32]byte, at int64) (bool, error) {
	return changed(tx.do("INSERT INTO seen_envelopes (hash, at) VALUES (?, ?) ON CONFLICT DO NOTHING", hash[:], at))
}

// HasEnvelope says whether an envelope was taken in before.
func (tx *Tx) HasEnvelope(hash [32]byte) (bool, error) {
	_, found, err := one(tx, column[int], "SELECT 1 FROM seen_envelopes WHERE hash = ?", hash[:])
	return found, err
}

// ForgetEnvelopes drops the envelopes that were taken in before a time in Unix ms, and says how many.
func (tx *Tx) ForgetEnvelopes(before int64) (int64, error) {
	result, err := tx.do("DELETE FROM seen_envelopes WHERE at < ?", before)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
