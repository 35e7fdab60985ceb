// Package transit reads the application messages that Status clients wrote before 2020 (the first draft of the
// specification, "Transit"): tagged arrays of Transit-JSON. It writes none.
//
// A message is an array of a tag and its value, for example
//
//	["~#c4",["hi","text/plain","~:user-message",157130000012300,1571300000123,["^ ","~:chat-id","0x04…","~:text","hi"]]]
//
// in which "~#" begins a tag, "~:" a keyword, "^ " a map, and "^" with one or two characters stands for one of the tags,
// keywords and keys of maps that came before. The kinds of messages are the Tag constants.
//
// The reader is our own: the only one in Go is not maintained, does not bound depth or number of what it reads, and panics
// on a map without a last value. What is read here is bounded in size, depth and number before anything is kept of it.
package transit
