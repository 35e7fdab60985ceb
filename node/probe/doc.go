// Package probe looks at a node from outside, once: is there something under its address, is it the node that is meant, does
// it speak Whisper, what does its clock say, does it answer as a mailserver and as a boot node. It joins nothing: it dials the
// one node that it was given, under a key of the moment, and hangs up.
//
// What the other end sends is hostile until checked. Everything is bounded: a look takes no longer than its context, reads a
// bounded number of packets, and keeps nothing but what its result says.
package probe
