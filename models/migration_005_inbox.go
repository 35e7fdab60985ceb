package models

// inbox: the networks that a person belongs to, the mailservers and what each of them answered completely, and until when a
// mailserver keeps a message. Times of coverage are Unix seconds, as in envelopes; a span includes its start and not its end.
var inbox = migration{"inbox", []string{
	`ALTER TABLE ledger ADD COLUMN until INTEGER NOT NULL DEFAULT 0`,
	`ALTER TABLE peers ADD COLUMN mail INTEGER NOT NULL DEFAULT 0`,

	`CREATE TABLE networks (
		id     INTEGER PRIMARY KEY,
		name   TEXT    NOT NULL UNIQUE,
		link   TEXT    NOT NULL,
		active INTEGER NOT NULL,
		joined INTEGER NOT NULL
	)`,
	`CREATE TABLE found_peers (
		node  BLOB    PRIMARY KEY,
		enode TEXT    NOT NULL,
		roles INTEGER NOT NULL,
		seen  INTEGER NOT NULL
	) WITHOUT ROWID`,
	`CREATE TABLE mailservers (
		node     BLOB    PRIMARY KEY,
		answered INTEGER NOT NULL,
		failed   INTEGER NOT NULL,
		failures INTEGER NOT NULL,
		missed   INTEGER NOT NULL,
		trouble  TEXT    NOT NULL
	) WITHOUT ROWID`,
	`CREATE TABLE coverage (
		topic  BLOB    NOT NULL,
		server BLOB    NOT NULL,
		start  INTEGER NOT NULL,
		until  INTEGER NOT NULL,
		at     INTEGER NOT NULL,
		PRIMARY KEY (topic, server, start)
	) WITHOUT ROWID`,
}}
