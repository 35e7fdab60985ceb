// Package secure is the secure transport of the protocol (Status spec 5/SECURE-TRANSPORT). So far it has the part that
// public chats need: the message that carries a public payload beside the installation it comes from.
//
// Everything is a pure step from bytes to values or back. What is not taken is refused with a Reason.
package secure
