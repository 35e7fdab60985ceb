// Package secure is the secure transport of the protocol (Status spec 5/SECURE-TRANSPORT). It puts a public payload beside
// the installation it comes from, and encrypts a private one for each of the recipient's devices: by X3DH and the Double
// Ratchet where a bundle of theirs is known, else by Diffie-Hellman with their identity key.
//
// Everything is a pure step from bytes to values or back, over a State where something has to be remembered. What is not
// taken is refused with a Reason. What was decrypted on a session cannot be decrypted a second time, by whoever gets hold
// of all keys later neither; and two devices whose sessions do not fit together any more find together again.
package secure
