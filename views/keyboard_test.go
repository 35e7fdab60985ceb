package views

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sotto/views/theme"
)

// types presses a shortcut that Fyne has a name for, as the driver does: in what has the focus, else in the window.
func (h *harness) types(s fyne.Shortcut) {
	h.t.Helper()
	if f, ok := h.canvas.Focused().(fyne.Shortcutable); ok {
		f.TypedShortcut(s)
	} else {
		h.window.shortcut(s)
	}
	h.settle()
}

func (h *harness) paste(text string) {
	h.t.Helper()
	clipboard := test.NewClipboard()
	clipboard.SetContent(text)
	h.types(&fyne.ShortcutPaste{Clipboard: clipboard})
}

func (h *harness) composed(want string) {
	h.t.Helper()
	if got := h.window.main.composer.Text(); got != want {
		h.t.Errorf("the composer has %q, want %q", got, want)
	}
}

func TestEditingAnywhereIsForTheComposer(t *testing.T) {
	for name, leave := range map[string]func(h *harness){
		"the list":    func(h *harness) { h.canvas.Focus(h.window.main.list) },
		"nothing":     func(h *harness) { h.canvas.Unfocus() },
		"after sheet": func(h *harness) { h.canvas.Unfocus(); h.tap("1 peer"); h.press(fyne.KeyEscape) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, theme.Light, inLobby)
			leave(h)
			h.paste("see this")
			h.composed("see this")
			leave(h)
			h.press(fyne.KeyBackspace)
			h.composed("see thi")
			leave(h)
			h.types(&fyne.ShortcutUndo{})
			h.composed("see this")
			leave(h)
			h.types(&fyne.ShortcutSelectAll{})
			h.paste("that")
			h.composed("that")
			leave(h)
			h.press(fyne.KeyReturn)
			h.composed("")
			h.messages("that")
		})
	}
}

func TestPastingElsewhereStaysThere(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.main.jump()
	h.paste("hike")
	h.composed("")
	h.tap("#hike-group")
	h.canvas.Unfocus()
	h.tap("1 peer")
	h.canvas.Unfocus()
	h.paste("under a sheet")
	h.press(fyne.KeyReturn)
	h.press(fyne.KeyEscape)
	h.composed("")
	h.window.main.composer.SetText("kept")
	h.canvas.Focus(h.button("New"))
	h.press(fyne.KeyBackspace)
	h.composed("kept")
	h.window.main.composer.SetText("")
	h.window.main.closeChat()
	h.canvas.Unfocus()
	h.paste("no chat is open")
	h.press(fyne.KeyReturn)
	h.composed("")
}
