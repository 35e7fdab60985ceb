// Package identity is what a person is on the network: a secp256k1 chat key, and everything that follows from it alone.
//
// It turns a recovery phrase into keys (BIP39, BIP32; Status spec 2/ACCOUNT), keys into the texts by which people pass
// them on and back, and a public key into the name, picture and colour that stand for it. It signs and recovers the
// 65-byte signatures that the upper layers of the protocol carry, and makes of two keys the code that their owners compare.
//
// Everything here is a pure function of its arguments. Randomness is an argument, too. No secret appears in an error.
package identity
