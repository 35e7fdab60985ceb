// Package chats is the conversations of the open account: public channels, their messages, what waits to be sent.
//
// Nothing is kept beside the database: lists, unread counts and the states of messages are queries. What a person sends
// is stored together with what is to be sealed, in one transaction, before anything goes out; a worker then seals it,
// stores the envelope's hash, and posts it. Once a peer took it, that fact is stored and the sealed bytes go. What no
// peer took is sealed into a new envelope when the old one expires. So a kill at any instruction loses nothing and shows
// nothing twice: the next start reads what still waits, and receivers know a message by its id.
package chats
