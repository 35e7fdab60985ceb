// Package payload is the application layer of the protocol (Status spec 6/PAYLOADS): the signed wrapper around every
// application message, the messages of public and private chats in it, and what people tell about themselves.
//
// Everything is a pure step from bytes to values or back. A message that is not taken is refused with a Reason, by which
// refusals are counted. The way in is Open, which finds author and id of any application message, or OpenPublic, which
// also holds the message to what a public chat allows: written by whoever signed the Whisper message, meant for the very
// chat on whose topic it came, and making sense field by field. OpenPrivate does the same for what was encrypted for us,
// be it from others, in a group, or from another device of our own, and OpenContactCode for contact codes. The way out is
// NewText, NewPrivateText, NewGroupText within a Membership, or any other message, and Seal. Who is in a group is for package
// group to say.
//
// What is written in the format of 2019 comes in by the same ways and becomes the same values (see oldTypes); nothing goes out
// in it. Package transit reads it.
package payload
