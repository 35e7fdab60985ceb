package part

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/views/theme"
)

// QR is a picture for cameras: on white in either theme, with the empty edge that they need, every square sharp.
type QR struct {
	widget.BaseWidget
	side  float32
	image image.Image
}

// NewQR returns an empty place with sides of the given length.
func NewQR(side float32) *QR {
	q := &QR{side: side}
	q.ExtendBaseWidget(q)
	return q
}

// Set shows a picture. Without one the place stays empty.
func (q *QR) Set(picture image.Image) {
	q.image = picture
	q.Refresh()
}

// Shown tells whether there is a picture.
func (q *QR) Shown() bool { return q.image != nil }

// CreateRenderer implements fyne.Widget.
func (q *QR) CreateRenderer() fyne.WidgetRenderer {
	r := &qrRenderer{qr: q, ground: canvas.NewRectangle(nil), picture: &canvas.Image{}}
	r.ground.CornerRadius = 8
	r.picture.FillMode = canvas.ImageFillContain
	r.picture.ScaleMode = canvas.ImageScalePixels
	r.Refresh()
	return r
}

type qrRenderer struct {
	qr      *QR
	ground  *canvas.Rectangle
	picture *canvas.Image
}

func (r *qrRenderer) Destroy()           {}
func (r *qrRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(r.qr.side) }
func (r *qrRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.picture}
}

func (r *qrRenderer) Layout(size fyne.Size) {
	side := min(size.Width, size.Height, r.qr.side)
	at := fyne.NewPos((size.Width-side)/2, (size.Height-side)/2)
	r.ground.Resize(fyne.NewSquareSize(side))
	r.ground.Move(at)
	r.picture.Resize(fyne.NewSquareSize(side - 2*theme.Near))
	r.picture.Move(at.AddXY(theme.Near, theme.Near))
}

func (r *qrRenderer) Refresh() {
	r.ground.FillColor = fynetheme.Color(theme.ColorNameRaised)
	if r.qr.image != nil {
		r.ground.FillColor = color.White
	}
	r.picture.Image, r.picture.Hidden = r.qr.image, r.qr.image == nil
	r.ground.Refresh()
	r.picture.Refresh()
}
