package part

import (
	"context"
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/services/fault"
	"sotto/views/dispatch"
	"sotto/views/task"
	"sotto/views/theme"
)

func TestSpanEndsInAnEllipsis(t *testing.T) {
	test.NewTempApp(t)
	s := NewSpan("a line that is far too long for its room", theme.ColorNameText, theme.TextSize)
	w := test.NewTempWindow(t, s)
	w.Resize(fyne.NewSize(120, 40))
	s.Resize(fyne.NewSize(100, 20))
	shown := test.WidgetRenderer(s).Objects()[0].(*canvas.Text)
	if !strings.HasSuffix(shown.Text, "…") || shown.MinSize().Width > 100 {
		t.Errorf("shows %q, %v wide", shown.Text, shown.MinSize().Width)
	}
	s.SetText("short")
	if shown.Text != "short" {
		t.Errorf("shows %q", shown.Text)
	}
}

func TestSpanIsOneHarmlessLine(t *testing.T) {
	for in, want := range map[string]string{
		"one\ntwo\tthree":          "one two three",
		"\u202Egnp.exe":            "gnp.exe",
		"a\u2066b\u2069c\u200Fd":   "abcd",
		"bell\x07del\x7F":          "bell del ",
		strings.Repeat("ä", 1<<20): strings.Repeat("ä", longest),
	} {
		if got := NewSpan(in, theme.ColorNameText, 12).Text(); got != want {
			t.Errorf("%.20q became %.40q", in, got)
		}
	}
}

func TestSheetsStackAndGiveTheFocusBack(t *testing.T) {
	test.NewTempApp(t)
	under := NewField("under")
	w := test.NewTempWindow(t, under)
	w.Resize(fyne.NewSize(800, 600))
	w.Canvas().Focus(under)
	sheets, closed := NewSheets(w.Canvas()), 0
	first := sheets.Open("First", Text("one"), nil)
	first.OnClose = func() { closed++ }
	sheets.Open("Second", Text("two"), NewButton("Apart", nil), NewButton("Done", nil))
	if sheets.Depth() != 2 || w.Canvas().Focused() == under {
		t.Fatal("two sheets are not open over the field")
	}
	sheets.CloseTop()
	first.Close()
	first.Close()
	if sheets.CloseTop() || closed != 1 || len(w.Canvas().Overlays().List()) != 0 {
		t.Errorf("closed %d times, %d overlays", closed, len(w.Canvas().Overlays().List()))
	}
	if w.Canvas().Focused() != under {
		t.Error("the focus did not come back")
	}
}

func TestATallSheetStaysInTheWindow(t *testing.T) {
	test.NewTempApp(t)
	w := test.NewTempWindow(t, widget.NewLabel(""))
	w.Resize(fyne.NewSize(720, 480))
	s := NewSheets(w.Canvas()).Open("Tall", Text(strings.Repeat("line\n", 200)), nil, NewButton("Done", nil))
	card := s.cover.Objects[1]
	if card.Position().Y < 0 || card.Position().Y+card.Size().Height > 480 {
		t.Errorf("the card is at %v, %v high", card.Position(), card.Size().Height)
	}
}

// ringed tells whether a line in the accent colour is drawn around the tile.
func (t *Tile) ringed() bool {
	ground := test.WidgetRenderer(t.ground).Objects()[0].(*canvas.Rectangle)
	return ground.StrokeWidth == ringWidth && ground.StrokeColor == fynetheme.Color(theme.ColorNameAccent)
}

func TestTile(t *testing.T) {
	test.NewTempApp(t)
	taps, at := 0, fyne.Position{}
	tile := NewTile(theme.ColorNameRaised, widget.NewLabel("row"), func() { taps++ })
	tile.SecondaryTap = func(p fyne.Position) { at = p }
	w := test.NewTempWindow(t, tile)
	escaped := false
	w.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { escaped = true })
	test.Tap(tile)
	w.Canvas().Focus(tile)
	if !tile.ringed() {
		t.Error("the focus is not seen")
	}
	tile.SetChosen(true)
	if !tile.ringed() {
		t.Error("the focus of the chosen tile is not seen")
	}
	tile.SetChosen(false)
	for _, key := range []fyne.KeyName{fyne.KeyReturn, fyne.KeySpace, fyne.KeyEscape} {
		tile.TypedKey(&fyne.KeyEvent{Name: key})
	}
	w.Canvas().Unfocus()
	if tile.ringed() {
		t.Error("the focus is seen where it is not")
	}
	tile.MouseIn(&desktop.MouseEvent{})
	if tile.ground.colour != theme.ColorNameUnder {
		t.Error("the pointer is not seen")
	}
	tile.MouseOut()
	tile.TappedSecondary(&fyne.PointEvent{AbsolutePosition: fyne.NewPos(3, 4)})
	if taps != 3 || !escaped || at != fyne.NewPos(3, 4) || tile.ground.colour != theme.ColorNameRaised {
		t.Errorf("%d taps, escaped %v, at %v, on %s", taps, escaped, at, tile.ground.colour)
	}
	tile.SetChosen(true)
	if !tile.Chosen() || tile.ground.colour != theme.ColorNameSelected {
		t.Error("the choice is not seen")
	}
}

func TestFieldLetsKeysThrough(t *testing.T) {
	test.NewTempApp(t)
	f := NewField("hint")
	w := test.NewTempWindow(t, f)
	var window []fyne.KeyName
	w.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { window = append(window, k.Name) })
	f.Key = func(k fyne.KeyName) bool { return k == fyne.KeyDown }
	shortcuts := 0
	f.Shortcut = func(fyne.Shortcut) bool { shortcuts++; return true }
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyEscape, fyne.KeyA} {
		f.TypedKey(&fyne.KeyEvent{Name: k})
	}
	f.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyK, Modifier: fyne.KeyModifierControl})
	if len(window) != 1 || window[0] != fyne.KeyEscape || shortcuts != 1 {
		t.Errorf("the window got %v, %d shortcuts were offered", window, shortcuts)
	}
}

func TestPerform(t *testing.T) {
	test.NewTempApp(t)
	q := dispatch.NewQueue()
	r := task.New(q)
	defer r.Close()
	b, say := NewButton("Join", nil), NewComplaint()
	done, calls := 0, 0
	result := error(fault.New(fault.BadName, "No."))
	perform := func() {
		PerformOnly(r, b, "Joining…", say, func(context.Context) error { calls++; return result }, func() { done++ })
	}
	settle := func() {
		if err := q.Until(t.Context(), func() bool { return r.Running() == 0 }); err != nil {
			t.Fatal(err)
		}
	}
	perform()
	perform() // the second press comes too early
	if b.Text != "Joining…" || !b.Disabled() {
		t.Errorf("meanwhile the button says %q", b.Text)
	}
	settle()
	if b.Text != "Join" || b.Disabled() || say.Text != "No." || !say.Visible() || done != 0 || calls != 1 {
		t.Errorf("after a refusal: %q, %q, done %d, calls %d", b.Text, say.Text, done, calls)
	}
	result = errors.New("secret detail")
	perform()
	settle()
	if strings.Contains(say.Text, "secret") {
		t.Error("a cause is shown to a person")
	}
	result = nil
	perform()
	settle()
	if say.Visible() || done != 1 {
		t.Errorf("after success: visible %v, done %d", say.Visible(), done)
	}
}

func TestPicture(t *testing.T) {
	test.NewTempApp(t)
	if Identicon("no key") != nil {
		t.Error("a picture of no key")
	}
	p := NewPicture(36)
	test.NewTempWindow(t, p)
	r := test.WidgetRenderer(p).(*pictureRenderer)
	p.SetLetter("  kay", 3)
	if r.letter.Text != "K" || !r.image.Hidden {
		t.Errorf("shows %q", r.letter.Text)
	}
	p.SetLetter("\xff", 3)
	if r.letter.Text != "?" {
		t.Errorf("shows %q for a broken name", r.letter.Text)
	}
	p.SetKey("0x0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")
	if r.letter.Text != "" || r.image.Hidden {
		t.Error("a key shows no picture")
	}
}
