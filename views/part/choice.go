package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sotto/views/icon"
	"sotto/views/theme"
)

// NewChoice is one of a few ways to go on: a sign, a verb, and a sentence that says what comes of it.
func NewChoice(sign icon.Name, verb, sentence string, tap func()) *Tile {
	picture := canvas.NewImageFromResource(icon.In(sign, theme.ColorNameText))
	picture.SetMinSize(fyne.NewSquareSize(24))
	left := container.New(layout.NewCustomPaddedLayout(0, 0, theme.Near, theme.Grid), container.NewCenter(picture))
	words := container.New(layout.NewCustomPaddedVBoxLayout(-theme.Apart), Heading(verb), Quiet(sentence))
	return NewTile(theme.ColorNameRaised, Inset(theme.Grid, container.NewBorder(nil, nil, left, nil, words)), tap)
}
