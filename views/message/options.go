package message

import (
	"context"
	"image"
	"net/url"
	"time"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/views/dispatch"
)

// Source is where messages come from. The list calls it off the UI goroutine, one call at a time.
type Source interface {
	// Messages returns the messages of a chat that are nearest to the page's cursor; without a cursor the newest.
	Messages(ctx context.Context, chat string, page chats.Page) ([]chats.Message, error)
	// Message returns one message by id.
	Message(ctx context.Context, id string) (chats.Message, error)
	// FirstUnread returns the place of the oldest unseen message, false without one.
	FirstUnread(ctx context.Context, chat string) (chats.Cursor, bool, error)
}

// Steps returns the stored facts on a message's way.
type Steps func(ctx context.Context, id string) ([]chats.Step, error)

// Options are the list's surroundings. Source and Dispatch must be set; every function is called on the UI goroutine
// and may be nil.
type Options struct {
	Source   Source
	Dispatch dispatch.Dispatcher
	Now      func() time.Time                     // nil: time.Now
	Picture  func(key string) image.Image         // a person's picture, at least 64 pixels square; kept by the list
	OpenURL  func(*url.URL)                       // a link of scheme http, https or mailto was pressed
	Own      string                               // this account's key: what it wrote is quoted as "You"
	Reply    func(chats.Message)                  // "Reply" was chosen
	Author   func(chats.Author)                   // the picture or the name above a message was pressed
	Items    func(chats.Message) []*fyne.MenuItem // what else can be done, about its author for instance
	Retry    func(chats.Message)                  // "Try again" was chosen for a failed message
	Again    func()                               // "Ask again" was pressed at a gap; SetAsking(false) ends it
	Read     func(chat string)                    // the newest message came into view
	Shown    func([]chats.Message)                // these are in the list now, or in a new state
	Steps    Steps                                // how far a message got, off the UI goroutine
	Failed   func(error)                          // a page could not be loaded
	Typed    func(rune)                           // a character was typed while the list had the keyboard
	Shortcut func(fyne.Shortcut)                  // a shortcut that the list has no use for
	Time     func(func())                         // runs a handler of wheel or keys and measures it; nil: just runs it
}
