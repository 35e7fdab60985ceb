package models

import (
	"context"
	"fmt"
	"time"
)

// migration is one step of the schema. Released ones never change: a mistake is mended by the next number.
type migration struct {
	name       string
	statements []string
}

// migrations in order; the number of a migration is its index plus one. Each has a file of its own and a test that
// takes a database of the version before it.
var migrations = []migration{
	conversations, // 1
	delivery,      // 2
	network,       // 3
	private,       // 4
	inbox,         // 5
	repeats,       // 6
	groups,        // 7
}

// version of the schema, as a row: the highest number counts.
type schemaVersion struct {
	Version int   `gorm:"primaryKey"`
	At      int64 // Unix ms
}

func (schemaVersion) TableName() string { return "schema_version" }

// migrate brings the schema from its version to the last in list, each step with its number in one transaction.
func (s *Store) migrate(list []migration) error {
	version, err := s.version()
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if version > len(list) {
		return fmt.Errorf("schema version %d: %w", version, ErrNewer)
	}
	for ; version < len(list); version++ {
		if err := s.apply(version+1, list[version]); err != nil {
			return fmt.Errorf("migration %d (%s): %w", version+1, list[version].name, err)
		}
	}
	return nil
}

func (s *Store) version() (version int, err error) {
	err = s.Update(context.Background(), func(tx *Tx) error {
		if err := tx.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, at INTEGER NOT NULL)"); err != nil {
			return err
		}
		return tx.db.Raw("SELECT coalesce(max(version), 0) FROM schema_version").Scan(&version).Error
	})
	return version, err
}

// Made is the time in Unix ms at which this database was made, by this computer's clock of then.
func (tx *Tx) Made() (int64, error) {
	at, _, err := one(tx, column[int64], "SELECT at FROM schema_version ORDER BY version LIMIT 1")
	return at, err
}

func (s *Store) apply(number int, m migration) error {
	return s.Update(context.Background(), func(tx *Tx) error {
		for _, statement := range m.statements {
			if err := tx.exec(statement); err != nil {
				return err
			}
		}
		return tx.db.Create(&schemaVersion{Version: number, At: time.Now().UnixMilli()}).Error
	})
}
