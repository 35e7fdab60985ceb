package account

import (
	"context"
	"crypto/ecdsa"
)

// Account is what may be known of an account. Key, Short and Pseudonym are empty while it is locked.
type Account struct {
	ID            string // random, 32 hex digits
	Name          string // local, chosen by the person; else the pseudonym, which a locked account does not tell
	Colour        int    // 0 to 11, for the picture shown before unlock
	Key           string // 0x04…, the chat key
	Short         string // zQ3sh…
	Pseudonym     string
	Unlocked      bool
	BackupPending bool // the phrase was not confirmed yet and can still be shown
	Slots         Slots
}

// Slots says which ways open the account.
type Slots struct {
	Keychain bool
	Password bool
	Phrase   bool
}

// Options shape a new account. With neither Password nor Keychain only the recovery phrase opens it.
type Options struct {
	Name     string // local; empty takes the pseudonym
	Password string
	Keychain bool
}

// Created is a new account with its phrase, which is shown and then forgotten by the caller.
type Created struct {
	Account
	Phrase string // 12 words
}

// Credential opens an account. The first that is set is tried; with none the OS keychain is asked.
type Credential struct {
	Password string
	Phrase   string
}

// Colours is how many colours an account's picture can take before unlock: 0 to Colours-1.
const Colours = 12

// ChallengeWords is how many words a backup is asked for.
const ChallengeWords = 3

// Keys is what unlocking brings out.
type Keys struct {
	ID       string            // of the account
	Folder   string            // of the account; the lock in it is held while the account is open
	Chat     *ecdsa.PrivateKey // m/43'/60'/1581'/0'/0
	Database [32]byte
	// Recovered says that the account was made just now from a phrase that there was before: it may be elsewhere, too.
	Recovered bool
}

// String hides the keys from logs and formatted output.
func (Keys) String() string { return "account keys" }

// GoString hides the keys from %#v.
func (Keys) GoString() string { return "account keys" }

// Opener starts and stops what runs while an account is open. Open is called with the account's lock held and no account
// open; when it fails it has left nothing running and its error, a *fault.Error where a person can help, is passed on. Close ends everything that Open began before it returns.
type Opener interface {
	Open(ctx context.Context, keys Keys) error
	Close(ctx context.Context) error
}
