package models

import (
	"time"

	"gorm.io/gorm/clause"
)

// Setting is one named value of the account.
type Setting struct {
	Name  string `gorm:"primaryKey"`
	Value []byte
}

// Setting returns the value stored under name, and whether there is one.
func (tx *Tx) Setting(name string) ([]byte, bool, error) {
	return one(tx, column[[]byte], "SELECT value FROM settings WHERE name = ?", name)
}

// SetSetting stores value under name; nil removes it.
func (tx *Tx) SetSetting(name string, value []byte) error {
	if value == nil {
		return tx.exec("DELETE FROM settings WHERE name = ?", name)
	}
	return tx.put(&Setting{Name: name, Value: value})
}

// settingRecovered says that this account was somewhere else before it was here. It has no value of its own.
const settingRecovered = "recovered"

// Recovered says whether the account was somewhere else before it was here.
func (tx *Tx) Recovered() (bool, error) {
	_, recovered, err := tx.Setting(settingRecovered)
	return recovered, err
}

// RecoveredSince says whether that was so, and it came here after a time.
func (tx *Tx) RecoveredSince(t time.Time) (bool, error) {
	recovered, err := tx.Recovered()
	if err != nil || !recovered {
		return false, err
	}
	made, err := tx.Made()
	return time.UnixMilli(made).After(t), err
}

// NoteRecovery remembers that the account was somewhere else before it was here.
func (tx *Tx) NoteRecovery() error { return tx.SetSetting(settingRecovered, []byte{1}) }

// first reads the one row that matches into row and says whether there is one.
func (tx *Tx) first(row any, where string, args ...any) (bool, error) {
	result := tx.db.Where(where, args...).Limit(1).Find(row)
	return result.RowsAffected > 0, typed(result.Error)
}

// put inserts row or replaces the one with its primary key.
func (tx *Tx) put(row any) error {
	return typed(tx.db.Clauses(clause.OnConflict{UpdateAll: true}).Create(row).Error)
}

// putNew inserts row unless its key is there already, and says whether it was new.
func (tx *Tx) putNew(row any) (bool, error) {
	result := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(row)
	return result.RowsAffected > 0, typed(result.Error)
}
