// Package chats is the conversations of the open account: public channels, their messages, what waits to be sent.
package chats
