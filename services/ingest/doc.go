// Package ingest takes in what arrives: the one place where an envelope becomes rows.
//
// A single goroutine takes what is queued now and handles it in one transaction, each envelope within its own savepoint:
// known already? → unwrap → open the application wrapper → the handler of its type. What fails rolls back alone and is
// counted under a named reason; nothing vanishes. What the steps want done outside the database they return as values,
// and it is done after the commit. When the database itself fails (a full disk), the whole batch is kept and tried again,
// for the last time when the account is locked.
package ingest
