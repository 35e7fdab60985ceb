// Package mailserver is the offline inbox (Status spec 4/WHISPER-MAILSERVER): a server that archives what its node accepts and
// answers requests for it, and a client that asks.
//
// The server promises that what it acknowledged is durable. Every envelope of a packet is in the archive, committed, before
// the packet is answered; a server that is killed in between has promised nothing. It works in bounded memory whatever is
// asked: answers are read from the archive in pieces.
//
// The client checks what a server says: an answer is complete only when every piece came, in the range and on the topics
// that were asked for. What it cannot check alone, such as an envelope that a server left out, is for whoever asks several.
package mailserver
