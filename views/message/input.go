package message

import (
	"image"
	"net/url"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"sotto/services/chats"
)

const (
	wheelFactor = 3  // Fyne's wheel step is about 25 pixels
	arrowStep   = 60 // pixels an arrow key moves
)

var (
	_ fyne.Scrollable   = (*List)(nil)
	_ fyne.Focusable    = (*List)(nil)
	_ fyne.Shortcutable = (*List)(nil)
	_ desktop.Hoverable = (*List)(nil)
)

// Scrolled implements fyne.Scrollable.
func (l *List) Scrolled(e *fyne.ScrollEvent) {
	l.opt.Time(func() { l.scrollBy(e.Scrolled.DY * wheelFactor) })
}

// scrollBy moves towards older messages by so many pixels, or back.
func (l *List) scrollBy(dy float32) {
	if len(l.window.items) == 0 {
		return
	}
	l.place.below += dy
	l.relayout()
}

// drag puts the thumb's lower end at a share of the window.
func (l *List) drag(to float32) {
	n := len(l.window.items)
	if n == 0 {
		return
	}
	low := float64(to) * float64(n)
	i := min(max(int(low), 0), n-1)
	l.place = place{at: i}
	l.place.below = l.height(i) * float32(1-(low-float64(i)))
	l.relayout()
}

// PageUp moves by a screenful towards older messages.
func (l *List) PageUp() { l.scrollBy(l.view() * 0.9) }

// PageDown moves by a screenful towards newer messages.
func (l *List) PageDown() { l.scrollBy(-l.view() * 0.9) }

// TypedRune implements fyne.Focusable.
func (l *List) TypedRune(r rune) {
	if l.opt.Typed != nil {
		l.opt.Typed(r)
	}
}

// Key does what a key means for the list and tells whether it means anything. The composer hands over the keys that it
// has no use for.
func (l *List) Key(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyPageUp:
		l.PageUp()
	case fyne.KeyPageDown:
		l.PageDown()
	case fyne.KeyUp:
		l.scrollBy(arrowStep)
	case fyne.KeyDown:
		l.scrollBy(-arrowStep)
	case fyne.KeyHome:
		l.ScrollToStart()
	case fyne.KeyEnd:
		l.ScrollToEnd()
	case fyne.KeyEscape:
		return l.unselect()
	default:
		return false
	}
	return true
}

// TypedShortcut implements fyne.Shortcutable.
func (l *List) TypedShortcut(s fyne.Shortcut) {
	if !l.Shortcut(s) && l.opt.Shortcut != nil {
		l.opt.Shortcut(s)
	}
}

// Shortcut does what a shortcut means for the list and tells whether it means anything: Ctrl+C with a selection,
// Ctrl+Home, Ctrl+End.
func (l *List) Shortcut(s fyne.Shortcut) bool {
	switch s := s.(type) {
	case *fyne.ShortcutCopy:
		return l.copySelection()
	case *desktop.CustomShortcut:
		if s.Modifier != fyne.KeyModifierShortcutDefault {
			return false
		}
		switch s.KeyName {
		case fyne.KeyHome:
			l.ScrollToStart()
			return true
		case fyne.KeyEnd:
			l.ScrollToEnd()
			return true
		}
	}
	return false
}

// SelectedText is the selected part of a message, or empty.
func (l *List) SelectedText() string {
	if l.marked == nil {
		return ""
	}
	return l.marked.body.SelectedText()
}

func (l *List) copySelection() bool {
	text := l.SelectedText()
	if text != "" {
		fyne.CurrentApp().Clipboard().SetContent(text)
	}
	return text != ""
}

func (l *List) unselect() bool {
	if l.marked == nil {
		return false
	}
	l.marked.body.selectRange(0, 0)
	l.marked = nil
	return true
}

// MouseIn implements desktop.Hoverable.
func (l *List) MouseIn(e *desktop.MouseEvent) { l.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (l *List) MouseMoved(e *desktop.MouseEvent) {
	l.actions.pointer(e.Position)
	for _, r := range l.rows {
		at := e.Position.Subtract(r.Position())
		if at.Y >= 0 && at.Y < r.Size().Height {
			r.body.hover = at.Subtract(r.body.Position())
		}
	}
}

// MouseOut implements desktop.Hoverable.
func (l *List) MouseOut() { l.actions.leave() }

// listRows is the list as its rows see it.
type listRows struct{ l *List }

func (h listRows) now() time.Time                { return h.l.opt.Now() }
func (h listRows) typeset() *fonts               { return h.l.fonts }
func (h listRows) show(id string)                { h.l.ShowMessage(id) }
func (h listRows) menu(r *row, at fyne.Position) { h.l.OpenMenu(r.content.msg, at) }

func (h listRows) again() { h.l.AskAgain() }

func (h listRows) author(a chats.Author) {
	if h.l.opt.Author != nil {
		h.l.opt.Author(a)
	}
}

func (h listRows) open(link *url.URL) {
	if h.l.opt.OpenURL != nil {
		h.l.opt.OpenURL(link)
	}
}

// selected ends the selection of another row and takes the keyboard, for Ctrl+C.
func (h listRows) selected(r *row) {
	if h.l.marked != r {
		h.l.unselect()
	}
	h.l.marked = r
	h.l.focus()
}

func (h listRows) focus() { h.l.focus() }

func (h listRows) image(key string) image.Image {
	if h.l.opt.Picture == nil {
		return nil
	}
	img, ok := h.l.pictures[key]
	if !ok {
		if len(h.l.pictures) > 1000 {
			clear(h.l.pictures)
		}
		img = h.l.opt.Picture(key)
		h.l.pictures[key] = img
	}
	return img
}
