// Package account is the accounts in a data folder: creating, recovering, unlocking, and the slots that open them.
package account
