package views

import (
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
		named(fyne.KeyN, control):                inMain(func(c *conversations) { c.openJoin("") }),
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
}

// shortcut runs a shortcut of the window and tells whether it was one. Fields offer theirs here first.
func (w *Window) shortcut(s fyne.Shortcut) bool {
	f, ours := w.shortcuts()[s.ShortcutName()]
	if ours {
		f()
	}
	return ours
}

// typedRune gets the characters that nothing focused wanted: they are for the composer.
func (w *Window) typedRune(r rune) {
	if w.main != nil && w.main.open != "" && w.sheets.Depth() == 0 {
		w.main.composer.Type(r)
	}
}

// typedKey gets the keys that nothing focused wanted.
func (w *Window) typedKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeyEscape && w.sheets.CloseTop() {
		return
	}
	if w.main != nil && w.sheets.Depth() == 0 {
		w.main.typedKey(key)
	}
}
