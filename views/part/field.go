package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Field is an entry that does not swallow what it has no use for: Escape goes to the window, and shortcuts are offered
// to Shortcut first.
type Field struct {
	widget.Entry
	Shortcut func(fyne.Shortcut) bool // true when it was used; may be nil
	Key      func(fyne.KeyName) bool  // a key before the entry has it; true when it was used; may be nil
	Focus    func(has bool)           // the keyboard came or went; may be nil
}

// NewField returns a field of one line.
func NewField(hint string) *Field {
	f := &Field{}
	f.ExtendBaseWidget(f)
	f.SetPlaceHolder(hint)
	return f
}

// NewPassword returns a field of one line that hides what is typed and can show it.
func NewPassword(hint string) *Field {
	f := NewField(hint)
	f.Password = true
	return f
}

// NewLines returns a field of several lines, in which Enter breaks the line.
func NewLines(hint string, rows int) *Field {
	f := NewField(hint)
	f.MultiLine = true
	f.Wrapping = fyne.TextWrapWord
	f.SetMinRowsVisible(rows)
	return f
}

// FocusGained implements fyne.Focusable.
func (f *Field) FocusGained() {
	f.Entry.FocusGained()
	f.focus(true)
}

// FocusLost implements fyne.Focusable.
func (f *Field) FocusLost() {
	f.Entry.FocusLost()
	f.focus(false)
}

func (f *Field) focus(has bool) {
	if f.Focus != nil {
		f.Focus(has)
	}
}

// TypedKey implements fyne.Focusable.
func (f *Field) TypedKey(key *fyne.KeyEvent) {
	if f.Key != nil && f.Key(key.Name) {
		return
	}
	if key.Name == fyne.KeyEscape {
		ToWindow(f, key)
		return
	}
	f.Entry.TypedKey(key)
}

// TypedShortcut implements fyne.Shortcutable.
func (f *Field) TypedShortcut(s fyne.Shortcut) {
	if f.Shortcut != nil && f.Shortcut(s) {
		return
	}
	f.Entry.TypedShortcut(s)
}
