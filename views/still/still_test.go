package still

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestWrap(t *testing.T) {
	plain := test.NewTempApp(t)
	w := Wrap(plain)
	if fyne.CurrentApp() != w {
		t.Error("the wrapped app is not the current one")
	}
	s := fyne.CurrentApp().Settings()
	if s.ShowAnimations() {
		t.Error("animations run")
	}
	if s.Theme() != plain.Settings().Theme() || w.Driver() != plain.Driver() {
		t.Error("something else changed")
	}
	fyne.SetCurrentApp(plain) // for the cleanup of Fyne's test app
}
