package views

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// shortcuts are the keys that work everywhere in the window, also while a field has the focus.
func (w *Window) shortcuts() map[string]func() {
	named := func(key fyne.KeyName, modifier fyne.KeyModifier) string {
		return (&desktop.CustomShortcut{KeyName: key, Modifier: modifier}).ShortcutName()
	}
	inMain := func(f func(c *conversations)) func() {
		return func() {
			if w.main != nil && w.sheets.Depth() == 0 {
				f(w.main)
			}
		}
	}
	control := fyne.KeyModifierShortcutDefault
	return map[string]func(){
		named(fyne.KeyK, control):                inMain((*conversations).jump),
		named(fyne.KeyComma, control):            inMain((*conversations).openSettings),
		named(fyne.KeyN, control):                inMain(func(c *conversations) { c.openNew("") }),
		named(fyne.KeyUp, fyne.KeyModifierAlt):   inMain(func(c *conversations) { c.step(-1) }),
		named(fyne.KeyDown, fyne.KeyModifierAlt): inMain(func(c *conversations) { c.step(1) }),
		named(fyne.KeyHome, control):             inMain(func(c *conversations) { c.list.ScrollToStart() }),
		named(fyne.KeyEnd, control):              inMain(func(c *conversations) { c.list.ScrollToEnd() }),
	}
}

func (w *Window) addShortcuts() {
	for _, key := range []struct {
		name     fyne.KeyName
		modifier fyne.KeyModifier
	}{
		{fyne.KeyK, fyne.KeyModifierShortcutDefault}, {fyne.KeyComma, fyne.KeyModifierShortcutDefault},
		{fyne.KeyN, fyne.KeyModifierShortcutDefault},
		{fyne.KeyHome, fyne.KeyModifierShortcutDefault}, {fyne.KeyEnd, fyne.KeyModifierShortcutDefault},
		{fyne.KeyUp, fyne.KeyModifierAlt}, {fyne.KeyDown, fyne.KeyModifierAlt},
	} {
		s := &desktop.CustomShortcut{KeyName: key.name, Modifier: key.modifier}
		w.window.Canvas().AddShortcut(s, func(s fyne.Shortcut) { w.shortcut(s) })
	}
	for _, s := range forText {
		w.window.Canvas().AddShortcut(s, func(s fyne.Shortcut) { w.shortcut(s) })
	}
}

// forText are the shortcuts that mean a text: the composer's, where nothing that has the focus has one.
var forText = []fyne.Shortcut{
	&fyne.ShortcutPaste{}, &fyne.ShortcutSelectAll{}, &fyne.ShortcutUndo{}, &fyne.ShortcutRedo{},
}

// shortcut runs a shortcut of the window and tells whether it was one. Fields offer theirs here first.
func (w *Window) shortcut(s fyne.Shortcut) bool {
	if w.composerWants(s) {
		w.main.composer.TypeShortcut(s)
		return true
	}
	f, ours := w.shortcuts()[s.ShortcutName()]
	if ours {
		f()
	}
	return ours
}

// composerWants tells whether a shortcut means the composer's text.
func (w *Window) composerWants(s fyne.Shortcut) bool {
	named := func(text fyne.Shortcut) bool { return text.ShortcutName() == s.ShortcutName() }
	return w.writing() && slices.ContainsFunc(forText, named)
}

// writable tells whether a chat is open in which can be written, and nothing lies over it.
func (w *Window) writable() bool { return w.main != nil && w.main.canWrite() && w.sheets.Depth() == 0 }

// writing tells whether what is typed is for the composer: the keyboard is on the messages or nowhere.
func (w *Window) writing() bool {
	f := w.window.Canvas().Focused()
	return w.writable() && (f == nil || f == fyne.Focusable(w.main.list))
}

// typedRune gets the characters that nothing focused wanted: they are for the composer.
func (w *Window) typedRune(r rune) {
	if w.writable() {
		w.main.composer.Type(r)
	}
}

// typedKey gets the keys that nothing focused wanted.
func (w *Window) typedKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeyEscape && w.sheets.CloseTop() {
		return
	}
	switch {
	case w.writing() && (key.Name == fyne.KeyReturn || key.Name == fyne.KeyEnter || key.Name == fyne.KeyBackspace):
		w.main.composer.TypeKey(key)
	case w.main != nil && w.sheets.Depth() == 0:
		w.main.typedKey(key)
	}
}
