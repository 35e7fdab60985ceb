// Package archive keeps a mailserver's envelopes (Status spec 4/WHISPER-MAILSERVER) in a database: SQLite in one file, or
// PostgreSQL. It implements mailserver.Archive. What it holds is ciphertext, topics and times, as every node of the network
// sees them, so the database itself is not encrypted.
//
// Both engines have the same schema and the same queries. It promises:
//
//   - What Put has stored survives a kill and the loss of power: a commit is synchronised to disk. (TestPowerCuts says what of a
//     power cut is simulated, for SQLite; PostgreSQL is trusted with its own.)
//   - Nobody waits for Prune: it works in small steps, readers see a snapshot, and a Put gets its turn between
//     two steps.
//   - A query costs what it returns, or what a bounded number of index entries cost, and the memory of one page.
//   - How much there is, is known without counting: totals change in the transaction that changes the envelopes.
//   - The password of a database is in no error.
package archive
