package viewtest

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sotto/views/theme"
)

// shared is the test app of this process, and the colours that it was given last.
var shared struct {
	app  fyne.App
	mode theme.Mode
}

// Use makes a test app in the given colours the current one. Tests share it: a new app, and every change of colours, makes Fyne
// read its fonts again, and the old ones stay in memory, some twenty megabytes a time.
func Use(mode theme.Mode) fyne.App {
	fresh := shared.app == nil || fyne.CurrentApp() != shared.app
	if fresh {
		shared.app = test.NewApp()
	}
	if fresh || shared.mode != mode {
		shared.mode = mode
		shared.app.Settings().SetTheme(theme.New(mode))
	}
	return shared.app
}
