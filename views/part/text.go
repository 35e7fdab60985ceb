package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/views/theme"
)

// Title is a line in the largest size.
func Title(text string) *widget.Label {
	l := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	l.SizeName = fynetheme.SizeNameHeadingText
	l.Wrapping = fyne.TextWrapWord
	return l
}

// Heading names a group of things.
func Heading(text string) *widget.Label {
	return widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
}

// Text is a paragraph.
func Text(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// Quiet is a paragraph of hints.
func Quiet(text string) *widget.Label {
	l := Text(text)
	l.SizeName = fynetheme.SizeNameCaptionText
	l.Importance = widget.LowImportance
	return l
}

// Line is one line of text that ends in an ellipsis where the room does.
func Line(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Truncation = fyne.TextTruncateEllipsis
	return l
}

// QuietLine is Line in the size and colour of hints.
func QuietLine(text string) *widget.Label {
	l := Line(text)
	l.SizeName = fynetheme.SizeNameCaptionText
	l.Importance = widget.LowImportance
	return l
}

// Complaint is the sentence that says what went wrong; hidden while nothing did.
type Complaint struct{ widget.Label }

// NewComplaint returns a hidden Complaint.
func NewComplaint() *Complaint {
	c := &Complaint{}
	c.ExtendBaseWidget(c)
	c.Wrapping = fyne.TextWrapWord
	c.Importance = widget.DangerImportance
	c.Hide()
	return c
}

// Say shows the sentence; the empty one hides the line.
func (c *Complaint) Say(sentence string) {
	c.SetText(sentence)
	if sentence == "" {
		c.Hide()
		return
	}
	c.Show()
}

// Gap is empty room of the given height and no width.
func Gap(height float32) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(height, 0, 0, 0))
}

// Column stacks objects with the room that related things keep.
func Column(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(theme.Near), objects...)
}

// Inset keeps the same room on all four sides.
func Inset(room float32, object fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(room, room, room, room), object)
}

// Middle gives an object its own height in the middle of what there is, and all the width.
func Middle(object fyne.CanvasObject) *fyne.Container { return container.New(middle{}, object) }

type middle struct{}

func (middle) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (middle) Layout(o []fyne.CanvasObject, size fyne.Size) {
	height := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, height))
	o[0].Move(fyne.NewPos(0, (size.Height-height)/2))
}
