// Package account is the accounts in a data folder: creating, recovering, unlocking, and the slots that open them.
//
// An account is a folder with a random name. Its vault, one file, holds the chat key and the key of the database, sealed
// under a random 32-byte wrapping key that has up to three slots: the keychain of the operating system, a password
// (Argon2id), and the recovery phrase (HKDF over the key at m/43'/60'/1581'/1'/0, the path that Status spec 2/ACCOUNT
// reserves for it). Any slot opens the account, and a slot comes and goes without touching the database. The phrase
// itself stays in the vault only until the person has proved that it is written down.
//
// Promises: before unlocking, nothing but a local name and a colour can be read; one process at a time has an account
// open; a file is replaced whole or not at all, so that no failure of the disk, the keychain or the process loses one.
package account
