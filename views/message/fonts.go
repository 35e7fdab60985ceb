package message

import (
	"strings"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"

	"sotto/views/message/flow"
)

// fonts measures text and remembers words: the same words come again and again, and shaping them is what costs.
type fonts struct {
	size   float32 // of text
	small  float32 // of times and hints
	widths map[word]float32
	lines  map[float32]float32
}

type word struct {
	text  string
	size  float32
	style flow.Style
}

const wordsKept = 30000

func newFonts() *fonts {
	f := &fonts{
		size:   fynetheme.Size(fynetheme.SizeNameText),
		small:  fynetheme.Size(fynetheme.SizeNameCaptionText),
		widths: map[word]float32{},
		lines:  map[float32]float32{},
	}
	return f
}

// warm reads the font files of all styles now, 70 ms of work that would else come with the first message.
func (f *fonts) warm() {
	for _, style := range []flow.Style{0, flow.Bold, flow.Italic, flow.Bold | flow.Italic, flow.Code} {
		fyne.MeasureText("Ag 😀", f.size, textStyle(style))
	}
}

// measure returns a flow.Measure for a text size.
func (f *fonts) measure(size float32) flow.Measure {
	return func(text string, style flow.Style) float32 {
		text = strings.Map(square, text)
		key := word{text, size, style &^ (flow.Link | flow.Struck)}
		if w, ok := f.widths[key]; ok {
			return w
		}
		w := fyne.MeasureText(text, size, textStyle(style)).Width
		if len(f.widths) >= wordsKept {
			clear(f.widths)
		}
		f.widths[key] = w
		return w
	}
}

// square stands one ideograph or Hangul syllable for all others: they are equally wide, and looking each of
// thousands up in the fonts would take a blink.
func square(r rune) rune {
	switch {
	case r >= 0x4E00 && r <= 0x9FFF, r >= 0x3400 && r <= 0x4DBF, r >= 0x20000 && r <= 0x3FFFF:
		return 0x4E00
	case r >= 0xAC00 && r <= 0xD7A3:
		return 0xAC00
	}
	return r
}

// line is the height of a line of text of a size.
func (f *fonts) line(size float32) float32 {
	h, ok := f.lines[size]
	if !ok {
		h = fyne.MeasureText("Ag", size, fyne.TextStyle{}).Height
		f.lines[size] = h
	}
	return h
}

func textStyle(s flow.Style) fyne.TextStyle {
	return fyne.TextStyle{
		Bold:          s&flow.Bold != 0,
		Italic:        s&flow.Italic != 0,
		Monospace:     s&flow.Code != 0,
		Strikethrough: s&flow.Struck != 0,
		Underline:     s&flow.Link != 0,
	}
}
