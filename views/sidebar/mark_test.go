package sidebar

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sotto/services/chats"
	"sotto/views/theme"
)

// pane is a sidebar of four chats in a window.
type pane struct {
	*Sidebar
	canvas fyne.Canvas
	opened []string
}

func newPane(t *testing.T) *pane {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	p := &pane{}
	p.Sidebar = New(Options{
		Now: time.Now, New: func(string) {}, Account: func(fyne.CanvasObject) {}, Network: func() {},
		Shortcut: func(fyne.Shortcut) bool { return false }, Requests: func() { p.opened = append(p.opened, "requests") },
		Open: func(id string) { p.opened = append(p.opened, id); p.SetOpen(id); p.canvas.Unfocus() },
	})
	w := test.NewTempWindow(t, p.Object)
	w.Resize(fyne.NewSize(300, 600))
	p.canvas = w.Canvas()
	var list []chats.Chat
	for _, name := range []string{"attic", "barn", "cabin", "dairy"} {
		list = append(list, chats.Chat{ID: name, Name: name, Kind: chats.Public})
	}
	p.SetChats(list)
	p.SetOpen("cabin")
	return p
}

// chosen is which rows are seen as the chosen one.
func (p *pane) chosen() (names string) {
	for i, c := range p.shown {
		r := p.newRow()
		p.bind(i, r)
		if r.Chosen() {
			names += c.Name + " "
		}
	}
	return names
}

func (p *pane) press(keys ...fyne.KeyName) {
	for _, key := range keys {
		p.search.TypedKey(&fyne.KeyEvent{Name: key})
	}
}

func TestArrowsMoveAMarkThatIsSeen(t *testing.T) {
	p := newPane(t)
	p.FocusSearch(p.canvas)
	for _, step := range []struct {
		key  fyne.KeyName
		mark string
	}{{"", "cabin "}, {fyne.KeyUp, "barn "}, {fyne.KeyUp, "attic "}, {fyne.KeyUp, "attic "}, {fyne.KeyDown, "barn "}} {
		if p.press(step.key); p.chosen() != step.mark {
			t.Errorf("after %q seen is %q, want %q", step.key, p.chosen(), step.mark)
		}
	}
	p.press(fyne.KeyReturn)
	if len(p.opened) != 1 || p.opened[0] != "barn" {
		t.Errorf("opened %v", p.opened)
	}
}

func TestTheMarkBeginsAtTheOpenChat(t *testing.T) {
	p := newPane(t)
	p.FocusSearch(p.canvas)
	p.press(fyne.KeyDown)
	p.canvas.Unfocus()
	if p.chosen() != "cabin " {
		t.Errorf("without the keyboard %q is seen", p.chosen())
	}
	p.choose("attic")
	p.FocusSearch(p.canvas)
	if p.chosen() != "attic " {
		t.Errorf("the next search begins at %q", p.chosen())
	}
	test.Type(p.search, "d")
	p.press(fyne.KeyReturn)
	p.FocusSearch(p.canvas)
	p.press(fyne.KeyReturn)
	if p.opened[len(p.opened)-1] != "dairy" {
		t.Errorf("opened %v", p.opened)
	}
}
