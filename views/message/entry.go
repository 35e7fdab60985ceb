package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// entry is the composer's text field: Enter sends, Shift+Enter breaks the line.
type entry struct {
	widget.Entry
	submit   func()
	key      func(*fyne.KeyEvent) bool
	shortcut func(fyne.Shortcut) bool
	left     func() // the keyboard went elsewhere
	shift    bool
}

func newEntry() *entry {
	e := &entry{}
	e.MultiLine = true
	e.Wrapping = fyne.TextWrapWord
	e.ExtendBaseWidget(e)
	return e
}

// KeyDown implements desktop.Keyable.
func (e *entry) KeyDown(k *fyne.KeyEvent) {
	e.shift = e.shift || shiftKey(k)
	e.Entry.KeyDown(k)
}

// KeyUp implements desktop.Keyable.
func (e *entry) KeyUp(k *fyne.KeyEvent) {
	e.shift = e.shift && !shiftKey(k)
	e.Entry.KeyUp(k)
}

func shiftKey(k *fyne.KeyEvent) bool {
	return k.Name == desktop.KeyShiftLeft || k.Name == desktop.KeyShiftRight
}

// FocusLost implements fyne.Focusable.
func (e *entry) FocusLost() {
	e.shift = false
	e.Entry.FocusLost()
	e.left()
}

// AcceptsTab implements fyne.Tabbable: Tab leads on, it is no character.
func (e *entry) AcceptsTab() bool { return false }

// TypedKey implements fyne.Focusable.
func (e *entry) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		if !e.shifted() {
			e.submit()
			return
		}
	case fyne.KeyPageUp, fyne.KeyPageDown, fyne.KeyEscape:
		if e.key(k) {
			return
		}
	case fyne.KeyUp:
		if e.Text == "" && e.key(k) {
			return
		}
	}
	e.Entry.TypedKey(k)
}

// shifted also knows a Shift key that was pressed before the field had the keyboard.
func (e *entry) shifted() bool {
	d, ok := fyne.CurrentApp().Driver().(desktop.Driver)
	return e.shift || ok && d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0
}

// TypedShortcut implements fyne.Shortcutable. Fyne gives shortcuts to the focused widget alone, so those of the window
// must be let through. What is selected here is copied from here.
func (e *entry) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutCopy); ok && e.SelectedText() != "" || !e.shortcut(s) {
		e.Entry.TypedShortcut(s)
	}
}

// replace sets the text with the cursor behind it.
func (e *entry) replace(text string) {
	e.SetText(text)
	e.CursorRow, e.CursorColumn = 1<<20, 1<<20
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
}
