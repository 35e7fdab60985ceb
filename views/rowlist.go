package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/views/part"
	"sotto/views/theme"
)

// rowList is a list within a sheet, as high as its rows up to a number of them; only those in view are made. Up and Down move a
// mark from row to row, Enter and Space press the marked one.
type rowList struct {
	widget.List
	most   int // rows in view
	marked int
	keys   bool              // the list has the keyboard: the mark is shown
	at     fyne.CanvasObject // the marked row, while it is in view
	choose func(int)
}

const (
	rowsInView = 5
	rowGap     = theme.Grid // between rows, as Fyne's list keeps it
)

// markable is a row that shows where the keyboard is.
type markable interface{ SetMarked(on bool) }

// newRowList returns a list of rows of one height. choose hears of the row on which the keyboard pressed.
func newRowList(length func() int, create func() fyne.CanvasObject, bind func(int, fyne.CanvasObject), choose func(int)) *rowList {
	l := &rowList{most: rowsInView, choose: choose}
	l.Length, l.CreateItem, l.HideSeparators = length, create, true
	l.UpdateItem = func(i int, o fyne.CanvasObject) {
		if i >= length() {
			return
		}
		bind(i, o)
		if i == l.marked {
			l.at = o
		}
		if row, ok := o.(markable); ok {
			row.SetMarked(l.keys && i == l.marked)
		}
	}
	l.ExtendBaseWidget(l)
	return l
}

// show follows the rows.
func (l *rowList) show() {
	l.marked = max(0, min(l.marked, l.Length()-1))
	show(l.Length() > 0, l)
	l.Refresh()
}

// MinSize is that of the rows in view.
func (l *rowList) MinSize() fyne.Size {
	row := l.List.MinSize()
	n := min(l.Length(), l.most)
	return fyne.NewSize(row.Width, max(0, float32(n)*(row.Height+rowGap)-rowGap))
}

// FocusGained implements fyne.Focusable.
func (l *rowList) FocusGained() { l.keys = true; l.mark(l.marked) }

// FocusLost implements fyne.Focusable.
func (l *rowList) FocusLost() { l.keys = false; l.Refresh() }

// mark moves the mark to a row, as far as there are rows, and brings it into view.
func (l *rowList) mark(i int) {
	l.marked = max(0, min(i, l.Length()-1))
	l.ScrollTo(l.marked)
	l.Refresh()
}

// TypedKey implements fyne.Focusable.
func (l *rowList) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyUp:
		l.mark(l.marked - 1)
	case fyne.KeyDown:
		l.mark(l.marked + 1)
	case fyne.KeyPageUp:
		l.mark(l.marked - l.most)
	case fyne.KeyPageDown:
		l.mark(l.marked + l.most)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		if l.marked < l.Length() {
			l.choose(l.marked)
		}
	default:
		part.ToWindow(l, key)
	}
}

// TypedRune implements fyne.Focusable.
func (l *rowList) TypedRune(rune) {}

// upTo is as high as what is in it, up to a height, from which on that scrolls.
type upTo struct {
	height  float32
	content fyne.CanvasObject
}

// newUpTo returns content that scrolls where it is higher than the rows of a list in view.
func newUpTo(content fyne.CanvasObject) fyne.CanvasObject {
	return container.New(upTo{rowsInView * (theme.AvatarList + 2*theme.Grid + rowGap), content}, container.NewVScroll(content))
}

// MinSize implements fyne.Layout.
func (u upTo) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, min(u.height, u.content.MinSize().Height))
}

// Layout implements fyne.Layout.
func (u upTo) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

// newFilling stacks what is above a list, the list, and what is below it, in the order in which the keyboard goes through them.
// Where there is less room than they want, the list has it less.
func newFilling(above, list fyne.CanvasObject, below ...fyne.CanvasObject) fyne.CanvasObject {
	return container.New(filling{}, append([]fyne.CanvasObject{above, list}, below...)...)
}

type filling struct{}

// shown are the objects that take room, and what they want of it together.
func (filling) shown(all []fyne.CanvasObject) (shown []fyne.CanvasObject, size fyne.Size) {
	for _, o := range all {
		if !o.Visible() {
			continue
		}
		if len(shown) > 0 {
			size.Height += theme.Near
		}
		least := o.MinSize()
		shown, size = append(shown, o), fyne.NewSize(max(size.Width, least.Width), size.Height+least.Height)
	}
	return shown, size
}

// MinSize implements fyne.Layout.
func (f filling) MinSize(o []fyne.CanvasObject) fyne.Size {
	_, size := f.shown(o)
	return size
}

// Layout implements fyne.Layout.
func (f filling) Layout(o []fyne.CanvasObject, size fyne.Size) {
	shown, wanted := f.shown(o)
	y := float32(0)
	for _, one := range shown {
		height := one.MinSize().Height
		if one == o[1] { // the list has what the others leave
			height = max(0, height+size.Height-wanted.Height)
		}
		one.Resize(fyne.NewSize(size.Width, height))
		one.Move(fyne.NewPos(0, y))
		y += height + theme.Near
	}
}
