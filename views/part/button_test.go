package part

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/views/icon"
	"sotto/views/theme"
)

func TestButtonTakesKeys(t *testing.T) {
	test.NewTempApp(t)
	taps, escaped := 0, 0
	b := NewButton("Join", func() { taps++ })
	w := test.NewTempWindow(t, b)
	w.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { escaped++ })
	press := func(keys ...fyne.KeyName) {
		for _, key := range keys {
			w.Canvas().Focus(b)
			b.TypedKey(&fyne.KeyEvent{Name: key})
		}
	}
	press(fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace, fyne.KeyEscape)
	if taps != 3 || escaped != 1 {
		t.Errorf("%d taps, %d keys for the window", taps, escaped)
	}
	b.Disable()
	if press(fyne.KeyReturn); taps != 3 {
		t.Error("a disabled button is pressed")
	}
}

// What a line shows is seen where it differs from what is beside it by 3 : 1 (success criteria 1.4.11 and 2.4.7). The
// theme's own test has the contrast of these colours; here it is that the line is there, in one of them.
func TestButtonShowsTheFocus(t *testing.T) {
	for importance, name := range map[widget.Importance]fyne.ThemeColorName{
		widget.HighImportance: theme.ColorNameOnAccent, widget.DangerImportance: theme.ColorNameOnAccent,
		widget.MediumImportance: theme.ColorNameAccent, widget.LowImportance: theme.ColorNameAccent,
	} {
		test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
		b := NewButton("Join", nil)
		b.Importance = importance
		w := test.NewTempWindow(t, b)
		objects := test.WidgetRenderer(b).Objects()
		ring := objects[len(objects)-1].(*canvas.Rectangle)
		if ring.Visible() {
			t.Error("the line is there without the focus")
		}
		w.Canvas().Focus(b)
		if !ring.Visible() || ring.StrokeColor != fynetheme.Color(name) {
			t.Errorf("importance %d: visible %v, %v", importance, ring.Visible(), ring.StrokeColor)
		}
		if w.Canvas().Unfocus(); ring.Visible() {
			t.Error("the line stays")
		}
	}
}

func TestFocusGolden(t *testing.T) {
	for _, mode := range []theme.Mode{theme.Light, theme.Dark} {
		test.NewTempApp(t).Settings().SetTheme(theme.New(mode))
		box := container.NewVBox()
		for _, importance := range []widget.Importance{
			widget.HighImportance, widget.DangerImportance, widget.MediumImportance, widget.LowImportance,
		} {
			rest, focused := NewButton("Join", nil), NewIconButton("Join", icon.Of(icon.Plus), nil)
			rest.Importance, focused.Importance = importance, importance
			box.Add(container.NewGridWithColumns(2, rest, focused))
			focused.FocusGained()
		}
		for _, chosen := range []bool{false, true} {
			rest := NewTile(theme.ColorNameRaised, Text("A chat"), nil)
			focused := NewTile(theme.ColorNameRaised, Text("A chat"), nil)
			rest.SetChosen(chosen)
			focused.SetChosen(chosen)
			focused.FocusGained()
			box.Add(container.NewGridWithColumns(2, rest, focused))
		}
		w := test.NewTempWindow(t, NewPanel(theme.ColorNameRaised, 0, Inset(theme.Apart, box)))
		w.SetPadded(false)
		w.Resize(fyne.NewSize(320, 300))
		test.AssertRendersToImage(t, "focus-"+string(mode)+".png", w.Canvas())
	}
}
