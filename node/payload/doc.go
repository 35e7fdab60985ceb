// Package payload is the application layer of the protocol (Status spec 6/PAYLOADS): the signed wrapper around every
// application message, the messages of public and private chats in it, and what people tell about themselves.
//
// Everything is a pure step from bytes to values or back. A message that is not taken is refused with a Reason, by which
// refusals are counted. The way in is Open, which finds author and id of any application message, or OpenPublic, which
// also holds the message to what a public chat allows: written by whoever signed the Whisper message, meant for the very
// chat on whose topic it came, and making sense field by field. OpenPrivate does the same for what was encrypted for us,
// and OpenContactCode for contact codes. The way out is NewText, NewPrivateText or a ContactUpdate, and Seal.
package payload
