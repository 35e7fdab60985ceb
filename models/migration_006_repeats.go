package models

// repeats: what went out to let somebody begin anew, so that it can go out again; whether a device has a message of which
// another is silent, and how patient one is with that; and what a stranger says that they are called, until they are let in.
// What a device acknowledged before is told by the ledger.
var repeats = migration{"repeats", []string{
	`ALTER TABLE healed ADD COLUMN sent INTEGER NOT NULL DEFAULT 0`,
	`ALTER TABLE healed ADD COLUMN sends INTEGER NOT NULL DEFAULT 0`,
	`ALTER TABLE healed ADD COLUMN message BLOB`,

	`ALTER TABLE sync_messages ADD COLUMN reached INTEGER NOT NULL DEFAULT 0`,
	`UPDATE sync_messages SET reached = 1 WHERE ref IN (SELECT message FROM ledger WHERE state = 5)`,
	`ALTER TABLE sync_records ADD COLUMN slow INTEGER NOT NULL DEFAULT 0`,
	`DROP INDEX sync_records_next`,
	`CREATE INDEX sync_records_next ON sync_records (next, message, slow)`,
	`CREATE INDEX sync_records_slow ON sync_records (installation, next, message) WHERE slow = 1`,

	`ALTER TABLE chats ADD COLUMN claimed TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE chats ADD COLUMN claimed_clock INTEGER NOT NULL DEFAULT 0`,
}}
