package models

// delivery: how far each message got, what waits to be sent, which envelopes were taken in. Ledger ids are never used
// again: events name them.
var delivery = migration{"delivery", []string{
	`CREATE TABLE ledger (
		id          INTEGER PRIMARY KEY AUTOINCREMENT,
		message     INTEGER NOT NULL REFERENCES messages (row),
		state       INTEGER NOT NULL,
		at          INTEGER NOT NULL,
		who         TEXT    NOT NULL,
		reason      TEXT    NOT NULL,
		unconfirmed INTEGER NOT NULL
	)`,
	`CREATE INDEX ledger_message ON ledger (message, id)`,
	`CREATE TABLE outbox (
		id       INTEGER PRIMARY KEY AUTOINCREMENT,
		message  INTEGER NOT NULL UNIQUE REFERENCES messages (row),
		chat     INTEGER NOT NULL REFERENCES chats (id),
		payload  BLOB    NOT NULL,
		attempts INTEGER NOT NULL,
		next_try INTEGER NOT NULL,
		envelope BLOB,
		expiry   INTEGER NOT NULL,
		failed   INTEGER NOT NULL
	)`,
	`CREATE INDEX outbox_due ON outbox (next_try) WHERE failed = 0`,
	`CREATE TABLE seen_envelopes (
		hash BLOB PRIMARY KEY,
		at   INTEGER NOT NULL
	) WITHOUT ROWID`,
	`CREATE INDEX seen_envelopes_at ON seen_envelopes (at)`,
}}
