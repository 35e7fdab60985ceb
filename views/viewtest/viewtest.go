// Package viewtest lets tests use a window as a person does: they find what is visible by what it says, tap it, and type.
package viewtest

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"sotto/views/part"
)

// Visible lists what can be seen on a canvas: of a sheet or menu over the window only that.
func Visible(c fyne.Canvas) []fyne.CanvasObject {
	root := c.Content()
	if top := c.Overlays().Top(); top != nil {
		root = top
	}
	return walk(root, nil)
}

func walk(o fyne.CanvasObject, found []fyne.CanvasObject) []fyne.CanvasObject {
	if o == nil || !o.Visible() {
		return found
	}
	found = append(found, o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			found = walk(child, found)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			found = walk(child, found)
		}
	}
	return found
}

// Says is every text on the canvas, one a line.
func Says(c fyne.Canvas) string { return read(Visible(c)) }

// SaysWithin is every text of one object, also where a sheet covers it.
func SaysWithin(o fyne.CanvasObject) string { return read(walk(o, nil)) }

func read(objects []fyne.CanvasObject) string {
	var b strings.Builder
	for _, o := range objects {
		switch o := o.(type) {
		case *canvas.Text:
			b.WriteString(o.Text + "\n")
		case *widget.Label:
			b.WriteString(o.Text + "\n")
		case *part.Complaint:
			b.WriteString(o.Text + "\n")
		case *part.Span:
			b.WriteString(o.Text() + "\n")
		case *widget.Button:
			b.WriteString(o.Text + "\n")
		case *part.Button:
			b.WriteString(o.Text + "\n")
		}
	}
	return b.String()
}

// Must fails the test unless the canvas says every one of these.
func Must(t *testing.T, c fyne.Canvas, texts ...string) {
	t.Helper()
	said := Says(c)
	for _, text := range texts {
		if !strings.Contains(said, text) {
			t.Errorf("the window does not say %q; it says:\n%s", text, said)
		}
	}
}

// MustNot fails the test if the canvas says one of these.
func MustNot(t *testing.T, c fyne.Canvas, texts ...string) {
	t.Helper()
	said := Says(c)
	for _, text := range texts {
		if strings.Contains(said, text) {
			t.Errorf("the window says %q", text)
		}
	}
}

// Tap presses what can be tapped and says exactly this: a button, a row, a menu's item.
func Tap(t *testing.T, c fyne.Canvas, text string) {
	t.Helper()
	var innermost fyne.Tappable
	for _, o := range Visible(c) {
		if tappable, ok := o.(fyne.Tappable); ok && says(o, text) {
			innermost = tappable
		}
	}
	if innermost == nil {
		t.Fatalf("nothing to tap says %q; the window says:\n%s", text, Says(c))
	}
	if d, ok := innermost.(fyne.Disableable); ok && d.Disabled() {
		t.Fatalf("%q is disabled", text)
	}
	innermost.Tapped(&fyne.PointEvent{})
}

func says(o fyne.CanvasObject, text string) bool {
	switch b := o.(type) {
	case *widget.Button:
		return b.Text == text
	case *part.Button:
		return b.Text == text
	}
	for _, child := range walk(o, nil) {
		switch child := child.(type) {
		case *canvas.Text:
			if child.Text == text {
				return true
			}
		case *widget.Label:
			if child.Text == text {
				return true
			}
		}
	}
	return false
}

// Type puts the cursor into the field with this placeholder and types.
func Type(t *testing.T, c fyne.Canvas, hint, text string) {
	t.Helper()
	f := Field(t, c, hint)
	c.Focus(f)
	test.Type(f, text)
}

// Set puts the cursor into the field with this placeholder and replaces what is there, as a paste over everything does.
func Set(t *testing.T, c fyne.Canvas, hint, text string) {
	t.Helper()
	f := Field(t, c, hint)
	c.Focus(f)
	f.SetText(text)
}

// Field is the visible field with this placeholder.
func Field(t *testing.T, c fyne.Canvas, hint string) *part.Field {
	t.Helper()
	for _, o := range Visible(c) {
		if f, ok := o.(*part.Field); ok && f.PlaceHolder == hint {
			return f
		}
	}
	t.Fatalf("no field hints %q; the window says:\n%s", hint, Says(c))
	return nil
}

// Press types one key into what has the focus, else into the window.
func Press(c fyne.Canvas, key fyne.KeyName) {
	event := &fyne.KeyEvent{Name: key}
	if f := c.Focused(); f != nil {
		f.TypedKey(event)
		return
	}
	if typed := c.OnTypedKey(); typed != nil {
		typed(event)
	}
}

// Within lists what can be seen of one object, itself included.
func Within(o fyne.CanvasObject) []fyne.CanvasObject { return walk(o, nil) }

// Shown is how wide the text is that a line shows.
func Shown(s *part.Span) float32 { return test.WidgetRenderer(s).Objects()[0].MinSize().Width }
