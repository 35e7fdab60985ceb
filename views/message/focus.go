package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"sotto/views/part"
)

// With the keyboard on the list the arrow keys go from message to message. The one they are on has its buttons shown,
// and Enter or the menu key opens its menu. What the list has no use for is the window's.

// Tapped implements fyne.Tappable: a press anywhere takes the keyboard, and what is typed then goes on to the composer.
func (l *List) Tapped(*fyne.PointEvent) { l.focus() }

func (l *List) focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		c.Focus(l)
	}
}

// FocusGained implements fyne.Focusable.
func (l *List) FocusGained() {}

// FocusLost implements fyne.Focusable.
func (l *List) FocusLost() {
	l.current = ""
	l.actions.follow()
}

// TypedKey implements fyne.Focusable.
func (l *List) TypedKey(e *fyne.KeyEvent) {
	l.opt.Time(func() {
		switch e.Name {
		case fyne.KeyUp:
			l.step(-1)
		case fyne.KeyDown:
			l.step(1)
		case fyne.KeyReturn, fyne.KeyEnter, desktop.KeyMenu:
			if !l.menuOfCurrent() {
				part.ToWindow(l, e)
			}
		default:
			if !l.Key(e) {
				part.ToWindow(l, e)
			}
		}
	})
}

// step goes to the next message, beginning with the lowest in view, and brings it into view.
func (l *List) step(by int) {
	if len(l.window.items) == 0 {
		return
	}
	i := l.window.index(l.current)
	if _, visible := l.rows[l.current]; i < 0 || !visible {
		i = l.place.at
	} else {
		i = min(max(i+by, 0), len(l.window.items)-1)
	}
	l.current = l.window.items[i].ID
	switch r := l.rows[l.current]; {
	case i > l.place.at || i == l.place.at && l.place.below > 0:
		l.place = place{at: i}
	case r == nil || r.Position().Y < 0:
		l.place = top(i, 0, l.view(), l.height)
	}
	l.relayout()
}

// menuOfCurrent opens the menu of the message the keyboard is on and tells whether it is on one.
func (l *List) menuOfCurrent() bool {
	r := l.rows[l.current]
	if r == nil {
		return false
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r)
	l.OpenMenu(r.content.msg, at.AddXY(r.textRight-2*actionWidth, r.top+actionHeight))
	return true
}
