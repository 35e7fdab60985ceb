//go:build !darwin

package still

import "fyne.io/fyne/v2"

// Wrap makes a, which app.New made just before, the current app with its animations switched off, and returns it. On
// macOS it returns a as it is: Fyne asserts the type of its own settings there (build with no_animations).
func Wrap(a fyne.App) fyne.App {
	w := wrapped{App: a}
	fyne.SetCurrentApp(w)
	return w
}

type wrapped struct{ fyne.App }

// Settings implements fyne.App.
func (w wrapped) Settings() fyne.Settings { return settings{w.App.Settings()} }

type settings struct{ fyne.Settings }

// ShowAnimations implements fyne.Settings.
func (settings) ShowAnimations() bool { return false }
