// Offthread changes a label from a goroutine of its own, which Fyne must report: the end-to-end tests start it to show
// that they would see such a mistake in Sotto.
package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/widget"
)

func main() {
	a := app.NewWithID("im.sotto.offthread")
	label := widget.NewLabel("before")
	w := a.NewWindow("offthread")
	w.SetContent(label)
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			label.SetText("after")
			fyne.Do(a.Quit)
		}()
	})
	w.ShowAndRun()
}
