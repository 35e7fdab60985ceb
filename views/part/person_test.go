package part

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"sotto/views/icon"
	"sotto/views/theme"
)

func TestAClippedSpanIsAsWideAsItsTextButNoWider(t *testing.T) {
	test.NewTempApp(t)
	s := NewSpan("Wilhelmina Theodora", theme.ColorNameText, theme.TitleSize).Clipped()
	shown := test.WidgetRenderer(s).Objects()[0].(*canvas.Text)
	s.Resize(s.MinSize())
	if shown.Text != "Wilhelmina Theodora" {
		t.Errorf("shows %q", shown.Text)
	}
	if s.Resize(fyne.NewSize(100, 20)); !strings.HasSuffix(shown.Text, "…") {
		t.Errorf("shows %q", shown.Text)
	}
}

func TestACodeIsBlackOnWhiteInEitherTheme(t *testing.T) {
	for _, mode := range []theme.Mode{theme.Light, theme.Dark} {
		test.NewTempApp(t).Settings().SetTheme(theme.New(mode))
		q := NewQR(120)
		objects := test.WidgetRenderer(q).Objects()
		ground, picture := objects[0].(*canvas.Rectangle), objects[1].(*canvas.Image)
		if q.Shown() || picture.Visible() || ground.FillColor == color.White {
			t.Error("without a picture there is one")
		}
		q.Set(image.NewGray(image.Rect(0, 0, 2, 2)))
		q.Resize(fyne.NewSize(300, 120))
		if !q.Shown() || !picture.Visible() || ground.FillColor != color.White {
			t.Error("the picture does not stand on white")
		}
		if ground.Size() != fyne.NewSquareSize(120) || picture.Size().Width != 120-2*theme.Near || ground.Position().X != 90 {
			t.Errorf("ground %v at %v, picture %v", ground.Size(), ground.Position(), picture.Size())
		}
	}
}

func TestATileTellsWhetherSomebodyIsOnIt(t *testing.T) {
	test.NewTempApp(t)
	tile := NewTile(theme.ColorNameGround, widget.NewLabel("sign"), nil)
	var told []bool
	tile.Over = func(on bool) { told = append(told, on) }
	tile.MouseIn(&desktop.MouseEvent{})
	tile.FocusGained()
	tile.MouseOut()
	tile.FocusLost()
	if len(told) != 4 || !told[0] || !told[1] || !told[2] || told[3] {
		t.Errorf("told %v", told)
	}
}

func TestChoice(t *testing.T) {
	test.NewTempApp(t)
	taps := 0
	c := NewChoice(icon.Person, "Add a contact", "You need their key.", func() { taps++ })
	w := test.NewTempWindow(t, c)
	w.Canvas().Focus(c)
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	test.Tap(c)
	if taps != 2 {
		t.Errorf("%d taps", taps)
	}
}
