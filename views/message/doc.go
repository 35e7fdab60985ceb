// Package message shows a conversation: a virtual list of messages that hangs on its bottom edge, and the composer.
//
// The list knows no global pixel offset. Its place is a message and how many pixels of it are hidden below the bottom
// edge, so that a scroll costs what is visible, whatever the length of the history, and what is loaded, changed or
// removed above never moves what a person reads. It keeps a window of at most 400 messages in memory and pages by key
// range through a Source, off the UI goroutine.
//
// Everything in a message was written by somebody else: text is cleaned of control and bidirectional characters
// before it is laid out, only web and mail addresses become links, and names take one line.
package message
