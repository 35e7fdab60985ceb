package message

import "fyne.io/fyne/v2"

// Whoever writes does not look where the keyboard is: what is meant for a text goes to the composer from everywhere in
// the window that has no text of its own. Type does the same for a character.

// TypeKey takes the keyboard with a key that was pressed elsewhere.
func (c *Composer) TypeKey(k *fyne.KeyEvent) {
	if c.entry.Disabled() {
		return
	}
	c.Focus()
	c.entry.TypedKey(k)
}

// TypeShortcut takes the keyboard with a shortcut that was pressed elsewhere. The surroundings are not asked again: they
// hand it over.
func (c *Composer) TypeShortcut(s fyne.Shortcut) {
	if c.entry.Disabled() {
		return
	}
	c.Focus()
	c.entry.Entry.TypedShortcut(s)
}
