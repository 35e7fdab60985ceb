package archive

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sotto/models"
)

// migration is one step of the schema, the same for both engines. Released ones never change: a mistake is mended by the
// next number.
type migration struct {
	name       string
	statements []string
}

// migrations in order; the number of a migration is its index plus one. Each has a file of its own.
var migrations = []migration{
	envelopes, // 1
}

// migrate brings the schema from its version to the last in list, each step with its number in one transaction. Nobody else
// does so at the same time: relays may begin at once with the same empty database.
func (a *Archive) migrate(ctx context.Context, list []migration) error {
	if a.writer.Name() != enginePostgres {
		return a.advance(ctx, list)
	}
	return a.alone(ctx, func() error { return a.advance(ctx, list) })
}

func (a *Archive) advance(ctx context.Context, list []migration) error {
	version, err := a.version(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if version > len(list) {
		return fmt.Errorf("schema version %d: %w", version, models.ErrNewer)
	}
	for ; version < len(list); version++ {
		if err := a.apply(ctx, version+1, list[version]); err != nil {
			return fmt.Errorf("migration %d (%s): %w", version+1, list[version].name, err)
		}
	}
	return nil
}

func (a *Archive) version(ctx context.Context) (version int, err error) {
	err = a.update(ctx, func(tx *gorm.DB) error {
		err := tx.Exec("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, at BIGINT NOT NULL)").Error
		if err != nil {
			return err
		}
		return tx.Raw("SELECT coalesce(max(version), 0) FROM schema_version").Row().Scan(&version)
	})
	return version, err
}

func (a *Archive) apply(ctx context.Context, number int, m migration) error {
	return a.update(ctx, func(tx *gorm.DB) error {
		for _, statement := range m.statements {
			if err := tx.Exec(statement).Error; err != nil {
				return err
			}
		}
		return tx.Exec("INSERT INTO schema_version (version, at) VALUES (?, ?)", number, time.Now().UnixMilli()).Error
	})
}
