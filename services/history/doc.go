// Package history gets what came while this account was away, and what came before it was there: it asks mailservers for
// every span of time that none has answered completely yet, and remembers which did.
package history
