package models

// network: the keys that channel names lead to, which are costly to derive, and the peers that a person added.
var network = migration{"network", []string{
	`CREATE TABLE topic_keys (
		name  TEXT PRIMARY KEY,
		topic BLOB NOT NULL,
		key   BLOB NOT NULL
	) WITHOUT ROWID`,
	`CREATE TABLE peers (
		enode TEXT PRIMARY KEY,
		added INTEGER NOT NULL
	) WITHOUT ROWID`,
}}
