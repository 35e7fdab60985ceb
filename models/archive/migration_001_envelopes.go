package archive

// envelopes: what is archived, in two orders, and how much it is. The hash names an envelope; the sent time and the topic are
// parts of it, so that a key over all of them is as unique as the hash and is filled from one end, as time passes.
// Pages are chosen in the indexes alone, which therefore have the length of raw, too.
//
// BYTEA is PostgreSQL's word for bytes. SQLite keeps bytes as they are in a column of any type. No column has NOT NULL, although
// none ever is null: SQLite would prepare each statement for undoing its half, which costs a third of Put.
var envelopes = migration{"envelopes", []string{
	`CREATE TABLE envelopes (
		sent  BIGINT,
		hash  BYTEA,
		topic BYTEA,
		size  BIGINT,
		raw   BYTEA
	)`,
	`CREATE UNIQUE INDEX envelopes_by_time ON envelopes (sent, hash, topic, size)`,
	`CREATE INDEX envelopes_by_topic ON envelopes (topic, sent, hash, size)`,

	`CREATE TABLE totals (
		id        BIGINT PRIMARY KEY,
		envelopes BIGINT NOT NULL,
		bytes     BIGINT NOT NULL
	)`,
	`INSERT INTO totals (id, envelopes, bytes) VALUES (1, 0, 0)`,
}}
