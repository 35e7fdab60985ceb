package models

// groups: private groups and the devices of one person. A message to a group waits once for each of its members, and its
// ledger says whose device has it. group_people is what group_events amount to, as node/payload/group computes it; it is
// written with them, so that a message costs a look at its author and not at the log. group_recipients says to whom a message
// went, by the row in group_people, and wrapped keeps the bytes that its author signed, to hand them to newcomers.
var groups = migration{"groups", []string{
	`ALTER TABLE chats ADD COLUMN title TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE chats ADD COLUMN invited INTEGER NOT NULL DEFAULT 0`,
	`ALTER TABLE chats ADD COLUMN synced INTEGER NOT NULL DEFAULT 0`,
	`ALTER TABLE chats ADD COLUMN read_to INTEGER NOT NULL DEFAULT 0`,
	`ALTER TABLE chats ADD COLUMN read_told INTEGER NOT NULL DEFAULT 0`,
	`CREATE INDEX chats_read ON chats (id) WHERE read_to > read_told`,
	`ALTER TABLE contacts ADD COLUMN synced INTEGER NOT NULL DEFAULT 0`,
	`ALTER TABLE messages ADD COLUMN handed INTEGER NOT NULL DEFAULT 0`,
	`ALTER TABLE ledger ADD COLUMN person INTEGER NOT NULL DEFAULT 0`,

	`DROP INDEX outbox_message`,
	`CREATE UNIQUE INDEX outbox_message ON outbox (message, ifnull(recipient, x'')) WHERE message IS NOT NULL`,

	`CREATE TABLE group_events (
		chat      INTEGER NOT NULL REFERENCES chats (id),
		signature BLOB    NOT NULL,
		author    BLOB    NOT NULL,
		raw       BLOB    NOT NULL,
		PRIMARY KEY (chat, signature, author)
	) WITHOUT ROWID`,
	`CREATE TABLE group_people (
		id        INTEGER PRIMARY KEY,
		chat      INTEGER NOT NULL REFERENCES chats (id),
		key       BLOB    NOT NULL,
		member    INTEGER NOT NULL,
		joined    INTEGER NOT NULL,
		admin     INTEGER NOT NULL,
		added     INTEGER NOT NULL,
		added_by  BLOB    NOT NULL,
		joined_at INTEGER NOT NULL,
		gone_at   INTEGER NOT NULL,
		told      BLOB    NOT NULL DEFAULT x'',
		check_at  INTEGER NOT NULL DEFAULT 0,
		logged_at INTEGER NOT NULL DEFAULT 0,
		UNIQUE (chat, key)
	)`,
	`CREATE INDEX group_people_key ON group_people (key, chat) WHERE member = 1`,
	`CREATE INDEX group_people_check ON group_people (check_at) WHERE check_at != 0`,
	`CREATE TABLE group_recipients (
		message INTEGER NOT NULL REFERENCES messages (row),
		person  INTEGER NOT NULL,
		PRIMARY KEY (message, person)
	) WITHOUT ROWID`,
	`CREATE TABLE wrapped (
		message INTEGER PRIMARY KEY REFERENCES messages (row),
		bytes   BLOB NOT NULL
	)`,
	`CREATE TABLE group_requests (
		group_id TEXT    NOT NULL,
		key      BLOB    NOT NULL,
		admin    BLOB    NOT NULL,
		name     TEXT    NOT NULL,
		clock    INTEGER NOT NULL,
		text     TEXT    NOT NULL,
		state    INTEGER NOT NULL,
		at       INTEGER NOT NULL,
		PRIMARY KEY (group_id, key)
	) WITHOUT ROWID`,
	`CREATE TABLE devices (
		id       TEXT PRIMARY KEY,
		name     TEXT    NOT NULL,
		kind     TEXT    NOT NULL,
		clock    INTEGER NOT NULL,
		heard_at INTEGER NOT NULL,
		given_at INTEGER NOT NULL DEFAULT 0
	) WITHOUT ROWID`,
}}
