package archive

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// writers is how many connections of PostgreSQL may write at the same time: one that puts and one that prunes.
const writers = 2

// enginePostgres is what GORM calls the engine.
const enginePostgres = "postgres"

// migrating names the advisory lock under which the schema changes. The number is arbitrary, and for ever: programs of all
// versions have to mean the same lock. It counts for one database.
const migrating = 0x736f74746f // "sotto"

// connectPostgres prepares connections to a database of PostgreSQL. None is opened yet. Where the address cannot be read,
// the reason is dropped: it would quote the address.
func connectPostgres(dsn string) (*Archive, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, ErrAddress
	}
	settle(config.RuntimeParams)
	a := &Archive{bounds: usual}
	if a.writer, err = openPostgres(config, writers); err != nil {
		return nil, err
	}
	if a.reader, err = openPostgres(config, readers); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// settle adds settings of a session that the address does not have. A server may be set up to lose the last commits, so
// durability is asked for. A plan is made for each query: one for all of them would not know how long the asked time is.
// The other three keep the engine at the indexes, which is right for every query here, also as long as it has no statistics
// of a new archive: it would then read the whole table, a hundred times slower.
func settle(params map[string]string) {
	for name, value := range map[string]string{
		"application_name":   "sotto",
		"synchronous_commit": "on",
		"plan_cache_mode":    "force_custom_plan",
		"enable_seqscan":     "off",
		"random_page_cost":   "1",
		"jit":                "off",
	} {
		if _, given := params[name]; !given {
			params[name] = value
		}
	}
}

// alone runs fn while no other program runs its own on this database. The lock belongs to a transaction that does nothing
// else, so that it goes with the connection, whatever happens to this program.
func (a *Archive) alone(ctx context.Context, fn func() error) error {
	return a.update(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", migrating).Error; err != nil {
			return err
		}
		return fn()
	})
}

func openPostgres(config *pgx.ConnConfig, connections int) (*gorm.DB, error) {
	pool := stdlib.OpenDB(*config)
	return overPool(pool, postgres.New(postgres.Config{Conn: pool}), connections)
}
