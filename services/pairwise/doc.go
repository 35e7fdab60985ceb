// Package pairwise is what one private message changes in the database, whichever way it goes: data sync around the secure
// transport, over the open account's transaction.
//
// Going out, the message is encrypted once for each device and its ciphertext put into the outbox, in the transaction that
// stores the message: what is posted again later is the same bytes. Coming in, the keys that opened a message go with the
// commit that stores it. Nothing here keeps state between transactions, and nothing here sends.
package pairwise
