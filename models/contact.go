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

// contactGone is the state of somebody who was no stranger once. For everybody but our own devices they are one.
const contactGone ContactState = 0

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
		"SELECT key, state, name, nickname, verified_at, last_updated, added_at, synced FROM contacts WHERE key = ? AND state != 0", key[:])
}

// PutContact inserts the contact with that key, or replaces it. Who was a stranger meanwhile comes last among the contacts.
func (tx *Tx) PutContact(c *Contact) error {
	if _, err := tx.do("DELETE FROM contacts WHERE key = ? AND state = 0", c.Key); err != nil {
		return err
	}
	return tx.put(c)
}

// RemoveContact makes a stranger of somebody.
func (tx *Tx) RemoveContact(key identity.PublicKey) error {
	_, err := tx.do("DELETE FROM contacts WHERE key = ?", key[:])
	return err
}

// Estrange is RemoveContact that remembers since which clock, so that what another device of ours told earlier does not bring
// them back.
func (tx *Tx) Estrange(key identity.PublicKey, synced uint64) error {
	if err := tx.RemoveContact(key); err != nil {
		return err
	}
	return tx.put(&Contact{Key: key[:], State: contactGone, Synced: synced})
}

// Stood is the clock at which our own devices were told last how we stand with somebody, also where they are a stranger; 0 if
// never.
func (tx *Tx) Stood(key identity.PublicKey) (uint64, error) {
	clock, _, err := one(tx, column[uint64], "SELECT synced FROM contacts WHERE key = ?", key[:])
	return clock, err
}

// Estranged lists those whom Estrange made strangers of, and who are still.
func (tx *Tx) Estranged() ([]Contact, error) {
	var list []Contact
	err := tx.db.Where("state = 0").Order("row").Find(&list).Error
	return list, typed(err)
}

// Contacts lists everybody who is no stranger, in the order in which that began.
func (tx *Tx) Contacts() ([]Contact, error) {
	var list []Contact
	err := tx.db.Where("state != 0").Order("row").Find(&list).Error
	return list, typed(err)
}

// Blocked says whether somebody is blocked.
func (tx *Tx) Blocked(key identity.PublicKey) (bool, error) {
	_, blocked, err := one(tx, column[int], "SELECT 1 FROM contacts WHERE key = ? AND state = 3", key[:])
	return blocked, err
}
