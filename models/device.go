package models

// OwnDevice is what an installation of our own identity, another or this one, says of itself.
type OwnDevice struct {
	ID      string // of the installation
	Name    string
	Kind    string // such as "desktop"
	Clock   uint64 // of the announcement, below 2^63
	HeardAt int64  // Unix ms at which it was heard from last
	GivenAt int64  // Unix ms at which it was given all that devices share, 0 where it takes no part or has not answered yet
}

func ownDeviceColumns(d *OwnDevice) []any {
	return []any{&d.ID, &d.Name, &d.Kind, &d.Clock, &d.HeardAt, &d.GivenAt}
}

const selectOwnDevice = "SELECT id, name, kind, clock, heard_at, given_at FROM devices "

// PutOwnDevice inserts what an installation says of itself, or replaces it.
func (tx *Tx) PutOwnDevice(d OwnDevice) error {
	_, err := tx.do("INSERT OR REPLACE INTO devices (id, name, kind, clock, heard_at, given_at) VALUES (?, ?, ?, ?, ?, ?)", ownDeviceColumns(&d)...)
	return err
}

// OwnDevice returns what an installation said of itself, and whether it did.
func (tx *Tx) OwnDevice(id string) (OwnDevice, bool, error) {
	return one(tx, ownDeviceColumns, selectOwnDevice+"WHERE id = ?", id)
}

// OwnDevices lists the installations that announced themselves.
func (tx *Tx) OwnDevices() ([]OwnDevice, error) {
	return all(tx, ownDeviceColumns, selectOwnDevice+"ORDER BY id")
}

// RemoveOwnDevice forgets one.
func (tx *Tx) RemoveOwnDevice(id string) error {
	_, err := tx.do("DELETE FROM devices WHERE id = ?", id)
	return err
}
