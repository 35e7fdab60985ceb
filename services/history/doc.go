// Package history gets what came while this account was away, and what came before it was there: it asks mailservers for
// every span of time that none has answered completely yet, and remembers which did (Status spec 4/WHISPER-MAILSERVER).
//
// What is wanted follows from the topics that are listened to, and what was answered for is stored by topic and server; what is
// missing is the difference, and nothing else is kept. So a program that is killed goes on where it was. Two servers are to
// answer for the same time, where two are known: only another one can tell what one left out.
//
// A page's envelopes are opened and stored before, or together with, the span that it answered for. The answer for a time counts
// only once that time is two minutes over, so that what came late into an archive is asked for again.
package history
