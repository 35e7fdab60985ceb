package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/views/theme"
)

// Tabs is a row of words of which one is chosen, over what belongs to it.
type Tabs struct {
	Object fyne.CanvasObject
	tiles  []*Tile
	words  []*Span
	pages  []fyne.CanvasObject
	room   *fyne.Container
}

// NewTabs returns tabs that show the first page. There must be as many pages as names, at least one.
func NewTabs(names []string, pages []fyne.CanvasObject) *Tabs {
	t := &Tabs{pages: pages, room: container.NewStack(pages[0])}
	row := container.NewHBox()
	for i, name := range names {
		span := NewSpan(name, theme.ColorNameText, theme.TextSize).Bold().Whole()
		word := container.NewCenter(span)
		t.words = append(t.words, span)
		tile := NewTile(theme.ColorNameGround, container.NewBorder(nil, nil, Inset(theme.Grid, Gap(0)), Inset(theme.Grid, Gap(0)), Inset(theme.Grid, word)),
			func() { t.Choose(i) })
		t.tiles = append(t.tiles, tile)
		row.Add(tile)
	}
	t.tiles[0].SetChosen(true)
	t.Object = container.New(tabbed{}, row, t.room)
	return t
}

// Tile is what chooses a page.
func (t *Tabs) Tile(page int) *Tile { return t.tiles[page] }

// Rename gives a page another name.
func (t *Tabs) Rename(page int, name string) {
	if t.words[page].Text() != name {
		t.words[page].SetText(name)
		t.Object.Refresh()
	}
}

// Choose shows another page.
func (t *Tabs) Choose(page int) {
	for i, tile := range t.tiles {
		tile.SetChosen(i == page)
	}
	t.room.Objects = []fyne.CanvasObject{t.pages[page]}
	t.room.Refresh()
	t.Object.Refresh()
}

// tabbed puts the row above the page, which gets all other room. The keyboard comes to the row first.
type tabbed struct{}

func (tabbed) MinSize(o []fyne.CanvasObject) fyne.Size {
	row, page := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(max(row.Width, page.Width), row.Height+theme.Near+page.Height)
}

func (tabbed) Layout(o []fyne.CanvasObject, size fyne.Size) {
	height := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, height))
	o[0].Move(fyne.Position{})
	o[1].Resize(fyne.NewSize(size.Width, max(0, size.Height-height-theme.Near)))
	o[1].Move(fyne.NewPos(0, height+theme.Near))
}
