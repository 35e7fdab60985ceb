package views

import (
	"io"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"sotto/views/theme"
	"sotto/views/viewtest"
)

func TestAddingAContactOpensTheChat(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.tap("New")
	h.must("Whoever knows its name can read it.")
	h.tap("Add a contact")
	h.tap("Add")
	h.must("Paste a key or a link.")
	h.typed("Key or link", "nobody")
	h.tap("Add")
	h.must("That is not a person's key or link.")
	viewtest.Set(t, h.canvas, "Key or link", ownKey)
	h.mustNot("That is not a person's key or link.")
	h.tap("Add")
	h.must("That is your own key.")
	viewtest.Set(t, h.canvas, "Key or link", " "+cleoKey+"\n")
	h.press(fyne.KeyReturn)
	h.must("Peach Wandering Platypus", "Not verified yet", "Write to Peach Wandering Platypus")
	h.opens(cleoKey)
}

func TestTheClipboardIsOfferedWhereItIsSomebody(t *testing.T) {
	for text, offered := range map[string]bool{
		"sotto:contact?key=" + cleoKey + "&name=Cleo": true,
		"https://join.status.im/u/" + cleoKey:         true,
		cleoKey:                                       true,
		ownKey:                                        false,
		"sotto:channel?name=lobby":                    false,
		"see you tomorrow":                            false,
		"":                                            false,
		strings.Repeat("x", 100_000):                  false,
	} {
		h := newHarness(t, theme.Light, inLobby)
		h.clipboard = text
		h.window.main.openAdd("")
		if got := contains(h.canvas, "In your clipboard: Peach Wandering Platypus"); got != offered {
			t.Errorf("%.40q is offered: %v", text, got)
		}
		if !offered {
			continue
		}
		h.tap("Use it")
		h.press(fyne.KeyReturn) // the keyboard is on Add
		h.opens(cleoKey)
	}
}

func TestWithoutAClipboard(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.opt.Paste = nil
	h.window.main.openAdd("")
	h.mustNot("In your clipboard")
}

// file is a picture that tells whether it was closed.
type file struct {
	io.Reader
	closed bool
}

func (f *file) Close() error { f.closed = true; return nil }

func TestAddingFromAPicture(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	var picked *file
	h.window.pick = func(done func(io.ReadCloser)) {
		if picked == nil {
			done(nil)
			return
		}
		done(picked)
	}
	h.window.main.openAdd("")
	h.tap("Choose a picture") // and none was chosen
	h.must("Add a contact")
	picked = &file{Reader: strings.NewReader("a cat")}
	h.tap("Choose a picture")
	h.must("There is no code in this picture.")
	if !picked.closed {
		t.Error("the file stays open")
	}
	picked = &file{Reader: strings.NewReader("code:" + cleoKey)}
	h.tap("Choose a picture")
	h.opens(cleoKey)
}

func TestAKeyInTheSearchIsSomebody(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.main.jump()
	viewtest.Set(t, h.canvas, "Search  Ctrl+K", cleoKey)
	h.press(fyne.KeyReturn)
	h.must("Add a contact")
	h.press(fyne.KeyReturn)
	h.opens(cleoKey)
}
