package models

// conversations: what a person sees. Messages point at their chat by its row number, and ids are bytes: with hex text a
// million messages take twice the space. messages_unseen holds only what is unread, so that counting it costs what is
// unread.
var conversations = migration{"conversations", []string{
	`CREATE TABLE chats (
		id         INTEGER PRIMARY KEY,
		kind       INTEGER NOT NULL,
		name       TEXT    NOT NULL,
		active     INTEGER NOT NULL,
		muted      INTEGER NOT NULL,
		joined_at  INTEGER NOT NULL,
		deleted_at INTEGER NOT NULL,
		UNIQUE (kind, name)
	)`,
	`CREATE TABLE messages (
		row          INTEGER PRIMARY KEY,
		id           BLOB    NOT NULL UNIQUE,
		chat         INTEGER NOT NULL REFERENCES chats (id),
		clock        INTEGER NOT NULL,
		timestamp    INTEGER NOT NULL,
		sent         INTEGER NOT NULL,
		author       BLOB    NOT NULL,
		claimed      TEXT    NOT NULL,
		content_type INTEGER NOT NULL,
		text         TEXT    NOT NULL,
		reply_to     BLOB,
		outgoing     INTEGER NOT NULL,
		seen         INTEGER NOT NULL
	)`,
	`CREATE INDEX messages_order ON messages (chat, clock, id)`,
	`CREATE INDEX messages_unseen ON messages (chat, clock, id) WHERE seen = 0`,
	`CREATE TABLE drafts (
		chat INTEGER PRIMARY KEY REFERENCES chats (id),
		text TEXT    NOT NULL,
		at   INTEGER NOT NULL
	)`,
	`CREATE TABLE settings (
		name  TEXT PRIMARY KEY,
		value BLOB NOT NULL
	) WITHOUT ROWID`,
}}
