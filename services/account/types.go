package account

// Account is what may be known of an account. Key, Short and Pseudonym are empty while it is locked.
type Account struct {
	ID            string // random, 32 hex digits
	Name          string // local, chosen by the person; empty takes the pseudonym
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

// Options shape a new account. At least one of Password and Keychain must be given.
type Options struct {
	Name     string
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
