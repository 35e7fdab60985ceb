package views

import (
	"context"
	"io"
	"net/url"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/network"
	"sotto/views/dispatch"
	"sotto/views/onboarding"
	"sotto/views/part"
	"sotto/views/task"
)

// Options are a Window's surroundings. Services, Dispatch, Look must be set; the rest may be nil.
type Options struct {
	Services  Services
	Dispatch  dispatch.Dispatcher
	Look      Look
	Now       func() time.Time    // nil: time.Now
	OpenURL   func(*url.URL)      // opens a link outside
	Copy      func(text string)   // puts text into the clipboard
	Paste     func() string       // what text the clipboard has
	Time      func(f func())      // measures a handler; nil just runs it
	Page      func(name string)   // another page or chat is shown
	Displayed func(chats.Message) // a message, or a new state of one, was handed to the list of the open chat; UI goroutine
}

// Window is what one session shows. All methods must be called on the UI goroutine.
type Window struct {
	opt     Options
	window  fyne.Window
	runner  *task.Runner
	pick    func(done func(io.ReadCloser)) // asks for a picture's file; done hears of no file, too: nil
	choose  func(done func(io.ReadCloser)) // the same for a network file, or a picture of a link
	save    func(name string, done func(io.WriteCloser))
	root    *fyne.Container
	sheets  *part.Sheets
	flow    *onboarding.Flow
	main    *conversations // nil while no account is open
	away    bool           // the program is in the background
	landed  landing        // goes on from a network that was joined; nil while no account is open
	pending string         // a link that waits for an account to be open
	writes  sync.WaitGroup // what a person wrote and is not stored yet: a lock waits for it
	stored  chan struct{}  // closed when the last of it is; nil at first
	closed  bool
}

// New fills window, which it sizes and titles, and returns without showing it.
func New(window fyne.Window, opt Options) *Window {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	w := &Window{opt: opt, window: window, runner: task.New(opt.Dispatch)}
	w.sheets = part.NewSheets(window.Canvas())
	w.pick, w.choose, w.save = w.pickPicture, w.pickNetworkFile, w.saveFile
	w.root = container.New(rootLayout{})
	w.flow = onboarding.New(onboarding.Options{
		Accounts: opt.Services.Account, Runner: w.runner, Stage: w, Entered: w.entered, Remove: w.openRemove,
	})
	window.SetPadded(false)
	window.SetTitle("Sotto")
	window.SetContent(w.root)
	window.Canvas().SetOnTypedKey(w.typedKey)
	window.Canvas().SetOnTypedRune(w.typedRune)
	w.addShortcuts()
	return w
}

// Start shows the first screen: the open account's chats, or the way in.
func (w *Window) Start() {
	w.watch()
	if a, open := w.opt.Services.Account.Current(); open {
		w.showConversations(a)
		return
	}
	w.flow.Start(true)
}

// Running is how many calls into services have not come back yet.
func (w *Window) Running() int { return w.runner.Running() }

// Close ends everything that runs for the window and waits for it. The window itself, which may be gone, is not touched.
func (w *Window) Close() {
	if w.closed {
		return
	}
	w.closed = true
	w.leaveConversations()
	w.runner.Close()
}

// SetForeground tells whether a person can be looking at the window, as at first. What comes while nobody can is not
// read. Unlike the other methods it may be called on any goroutine.
func (w *Window) SetForeground(on bool) {
	w.runner.Post(func() {
		w.away = !on
		if w.main != nil {
			w.main.list.SetForeground(on)
		}
	})
}

// SetPage implements onboarding.Stage.
func (w *Window) SetPage(name string, page fyne.CanvasObject, focus fyne.Focusable) {
	w.sheets.CloseAll()
	w.window.Canvas().Unfocus()
	w.root.Objects = []fyne.CanvasObject{page}
	w.root.Refresh()
	if focus != nil {
		w.window.Canvas().Focus(focus)
	}
	w.tell(name)
}

// Focus implements onboarding.Stage.
func (w *Window) Focus(object fyne.Focusable) { w.window.Canvas().Focus(object) }

func (w *Window) tell(page string) {
	if w.opt.Page != nil {
		w.opt.Page(page)
	}
}

// entered goes on from the way in: a new account is asked where to go first.
func (w *Window) entered(a account.Account, fresh bool) {
	if !fresh {
		w.showConversations(a)
		return
	}
	enter := func(chat string) {
		w.showConversations(a)
		if chat != "" {
			w.main.openChat(chat)
		}
	}
	w.landed = func(_ network.Network, first *chats.Chat) {
		if first != nil {
			enter(first.ID)
			return
		}
		enter("")
	}
	onboarding.WhereTo(w, onboarding.Ways{
		Clipboard: w.clipboard(),
		Link:      func(text string) { w.openLinkSheet(text, w.landed) },
		Channel:   func() { w.openChannelSheet("", func(c chats.Chat) { enter(c.ID) }) },
		Node:      w.openConnect,
		Around:    func() { enter("") },
	})
	w.openPending()
}

// clipboard is the text that was copied elsewhere.
func (w *Window) clipboard() string {
	if w.opt.Paste == nil {
		return ""
	}
	return w.opt.Paste()
}

// OpenChat shows a chat of the open account.
func (w *Window) OpenChat(id string) {
	if w.main != nil {
		w.main.openChat(id)
	}
}

// Say sends a message to the open chat, as if it had been written in the composer.
func (w *Window) Say(text string) {
	if w.main != nil && w.main.canWrite() {
		w.main.send(w.main.open, text, chats.Message{})
	}
}

func (w *Window) showConversations(a account.Account) {
	w.leaveConversations()
	w.window.SetTitle("Sotto – " + onboarding.DisplayName(a))
	w.main = newConversations(w, a)
	w.landed = w.main.landed
	w.main.list.SetForeground(!w.away)
	w.SetPage("conversations", w.main.object, nil)
	w.main.load()
	w.openPending()
}

func (w *Window) leaveConversations() {
	w.landed = nil
	if w.main != nil {
		w.main.close()
		w.main = nil
	}
	if !w.closed {
		w.window.SetTitle("Sotto")
	}
}

// lock closes the account and shows the way in.
func (w *Window) lock() {
	w.sheets.CloseAll()
	w.leaveConversations()
	w.SetPage("closing", waiting("Closing your account."), nil)
	task.Do(w.runner, func(ctx context.Context) error {
		w.writes.Wait()
		return w.opt.Services.Account.Lock(ctx)
	}, func(error) { w.flow.Start(false) })
}
