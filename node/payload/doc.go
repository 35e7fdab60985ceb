// Package payload is the application layer of the protocol (Status spec 6/PAYLOADS): the signed wrapper around every
// application message, and the messages of public chats in it.
//
// Everything is a pure step from bytes to values or back. A message that is not taken is refused with a Reason, by which
// refusals are counted. The way in is Open, which finds author and id of any application message, or OpenPublic, which
// also holds the message to what a public chat allows: written by whoever signed the Whisper message, meant for the very
// chat on whose topic it came, and making sense field by field. The way out is NewText and Wrap.
package payload
