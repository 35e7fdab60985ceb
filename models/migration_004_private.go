package models

// private: people, private chats, and what the secure transport and data sync remember. The outbox is built anew: what
// waits may now be without a message, and says where it goes. messages_unseen gets the author, so that counting what is
// unread leaves blocked people out without a look at each message.
//
// Sessions and skipped keys are as old as their numbers: a new row's is above all others of its table.
var private = migration{"private", []string{
	`CREATE TABLE contacts (
		row          INTEGER PRIMARY KEY,
		key          BLOB    NOT NULL UNIQUE,
		state        INTEGER NOT NULL,
		name         TEXT    NOT NULL,
		nickname     TEXT    NOT NULL,
		verified_at  INTEGER NOT NULL,
		last_updated INTEGER NOT NULL,
		added_at     INTEGER NOT NULL
	)`,
	`CREATE INDEX contacts_blocked ON contacts (key) WHERE state = 3`,

	`ALTER TABLE chats ADD COLUMN request INTEGER NOT NULL DEFAULT 0`,
	`CREATE INDEX chats_requests ON chats (joined_at, id) WHERE request = 1`,
	`ALTER TABLE messages ADD COLUMN forward_secret INTEGER NOT NULL DEFAULT 0`,
	`ALTER TABLE messages ADD COLUMN addressed INTEGER NOT NULL DEFAULT 0`,
	`DROP INDEX messages_unseen`,
	`CREATE INDEX messages_unseen ON messages (chat, clock, id, author) WHERE seen = 0`,

	`CREATE TABLE outbox_anew (
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		message    INTEGER REFERENCES messages (row),
		chat       INTEGER REFERENCES chats (id),
		kind       INTEGER NOT NULL DEFAULT 1,
		recipient  BLOB,
		negotiated INTEGER NOT NULL DEFAULT 0,
		payload    BLOB    NOT NULL,
		attempts   INTEGER NOT NULL,
		next_try   INTEGER NOT NULL,
		envelope   BLOB,
		expiry     INTEGER NOT NULL,
		failed     INTEGER NOT NULL
	)`,
	`INSERT INTO outbox_anew (id, message, chat, payload, attempts, next_try, envelope, expiry, failed)
		SELECT id, message, chat, payload, attempts, next_try, envelope, expiry, failed FROM outbox`,
	`DROP TABLE outbox`,
	`ALTER TABLE outbox_anew RENAME TO outbox`,
	`CREATE UNIQUE INDEX outbox_message ON outbox (message) WHERE message IS NOT NULL`,
	`CREATE INDEX outbox_due ON outbox (next_try) WHERE failed = 0`,
	`CREATE INDEX outbox_control ON outbox (id) WHERE message IS NULL AND kind = 2`,

	`CREATE TABLE own_prekeys (
		key     BLOB PRIMARY KEY,
		private BLOB    NOT NULL,
		version INTEGER NOT NULL,
		created INTEGER NOT NULL
	) WITHOUT ROWID`,
	`CREATE INDEX own_prekeys_version ON own_prekeys (version)`,
	`CREATE TABLE installations (
		identity  BLOB    NOT NULL,
		id        TEXT    NOT NULL,
		prekey    BLOB    NOT NULL,
		version   INTEGER NOT NULL,
		protocol  INTEGER NOT NULL,
		timestamp INTEGER NOT NULL,
		seen      INTEGER NOT NULL,
		enabled   INTEGER NOT NULL,
		answered  INTEGER NOT NULL,
		PRIMARY KEY (identity, id)
	) WITHOUT ROWID`,
	`CREATE TABLE sessions (
		id           INTEGER PRIMARY KEY,
		identity     BLOB    NOT NULL,
		installation TEXT    NOT NULL,
		prekey       BLOB    NOT NULL,
		ephemeral    BLOB    NOT NULL,
		initiated    INTEGER NOT NULL,
		answered     INTEGER NOT NULL,
		retired      INTEGER NOT NULL,
		root         BLOB    NOT NULL,
		own          BLOB    NOT NULL,
		own_public   BLOB    NOT NULL,
		remote       BLOB    NOT NULL,
		send_chain   BLOB    NOT NULL,
		recv_chain   BLOB    NOT NULL,
		send_n       INTEGER NOT NULL,
		recv_n       INTEGER NOT NULL,
		pn           INTEGER NOT NULL
	)`,
	`CREATE INDEX sessions_device ON sessions (identity, installation, prekey)`,
	`CREATE TABLE skipped_keys (
		seq     INTEGER PRIMARY KEY,
		session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
		ratchet BLOB    NOT NULL,
		n       INTEGER NOT NULL,
		key     BLOB    NOT NULL,
		UNIQUE (session, ratchet, n)
	)`,
	`CREATE INDEX skipped_keys_age ON skipped_keys (session, seq)`,
	`CREATE TABLE healed (
		identity BLOB PRIMARY KEY,
		at       INTEGER NOT NULL
	) WITHOUT ROWID`,

	`CREATE TABLE sync_messages (
		id           BLOB PRIMARY KEY,
		recipient    BLOB    NOT NULL,
		conversation BLOB    NOT NULL,
		timestamp    INTEGER NOT NULL,
		body         BLOB    NOT NULL,
		ref          INTEGER NOT NULL,
		created      INTEGER NOT NULL
	)`,
	`CREATE INDEX sync_messages_ref ON sync_messages (ref)`,
	`CREATE TABLE sync_records (
		message      BLOB    NOT NULL,
		installation TEXT    NOT NULL,
		sends        INTEGER NOT NULL,
		next         INTEGER NOT NULL,
		PRIMARY KEY (message, installation)
	) WITHOUT ROWID`,
	`CREATE INDEX sync_records_next ON sync_records (next, message)`,
	`CREATE TABLE sync_received (
		sender BLOB    NOT NULL,
		id     BLOB    NOT NULL,
		at     INTEGER NOT NULL,
		PRIMARY KEY (sender, id)
	) WITHOUT ROWID`,
	`CREATE INDEX sync_received_at ON sync_received (at)`,
	`CREATE TABLE seen_payloads (
		hash BLOB PRIMARY KEY,
		at   INTEGER NOT NULL
	) WITHOUT ROWID`,
	`CREATE INDEX seen_payloads_at ON seen_payloads (at)`,
	`CREATE TABLE owed_acks (
		peer BLOB    NOT NULL,
		id   BLOB    NOT NULL,
		at   INTEGER NOT NULL,
		PRIMARY KEY (peer, id)
	) WITHOUT ROWID`,
}}
