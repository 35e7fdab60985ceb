// Package models is what one account remembers: chats, messages, how far each message got, what waits to be sent, people,
// the keys and sessions of private conversations, topic keys, peers, settings, drafts. It is one encrypted SQLite file per
// account, and private keys are nowhere else. Tx is the state of the secure transport and of data sync.
//
// It promises:
//
//   - Nothing a person wrote, and nothing about whom they know, is on disk in the clear: Open knows no way around the
//     cipher. The cipher works on blocks and hides contents; it does not hide which blocks changed between two copies of
//     the file, and it does not prove that nobody changed them.
//   - What Update has committed survives a kill or a power cut: every commit is synchronised to disk, and so is the folder
//     when a file is created in it.
//   - A wrong key is refused before the engine sees the files, and a database that a crash left with a write-ahead log
//     loses nothing to it.
//   - There is one writer at a time; readers see a snapshot and wait for nobody.
//
// Other packages see Store, Tx and the structs; how they are stored stays here. Times are Unix milliseconds, ids and
// keys are bytes.
package models
