package models

import "sotto/node/identity"

// ContactState is how this account stands with somebody. Who has no row is a stranger.
type ContactState int

// The states of contacts, as stored.
const (
	ContactAdded ContactState = iota + 1
	ContactIgnored
	ContactBlocked
)

// Contact is somebody whom the person decided about.
type Contact struct {
	Key         []byte `gorm:"primaryKey"` // public key, 65 bytes
	State       ContactState
	Name        string // that they claim
	Nickname    string // that this account gave them
	VerifiedAt  int64  // Unix ms at which the codes were compared, 0 if never
	LastUpdated uint64 // clock of their last contact update, below 2^63
	AddedAt     int64  // Unix ms, 0 if never
	Synced      uint64 // clock at which our own devices were told last how we stand with them, below 2^63
}

func contactColumns(c *Contact) []any {
	return []any{&c.Key, &c.State, &c.Name, &c.Nickname, &c.VerifiedAt, &c.LastUpdated, &c.AddedAt, &c.Synced}
}

// Contact returns what is stored of somebody, and whether anything is.
func (tx *Tx) Contact(key identity.PublicKey) (Contact, bool, error) {
	return one(tx, contactColumns,
		"SELECT key, state, name, nickname, verified_at, last_updated, added_at, synced FROM contacts WHERE key = ?", key[:])
}

// PutContact inserts the contact with that key, or replaces it.
func (tx *Tx) PutContact(c *Contact) error { return tx.put(c) }

// RemoveContact makes a stranger of somebody.
func (tx *Tx) RemoveContact(key identity.PublicKey) error {
	_, err := tx.do("DELETE FROM contacts WHERE key = ?", key[:])
	return err
}

// Contacts lists everybody who is no stranger, in the order in which that began.
func (tx *Tx) Contacts() ([]Contact, error) {
	var list []Contact
	err := tx.db.Order("row").Find(&list).Error
	return list, typed(err)
}

// Blocked says whether somebody is blocked.
func (tx *Tx) Blocked(key identity.PublicKey) (bool, error) {
	_, blocked, err := one(tx, column[int], "SELECT 1 FROM contacts WHERE key = ? AND state = 3", key[:])
	return blocked, err
}
