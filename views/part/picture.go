package part

import (
	"image"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/node/identity"
	"sotto/views/theme"
)

// Identicon is the picture of a chat key (0x04… or any other form), or nil where the text is no key.
func Identicon(key string) image.Image {
	public, err := identity.ParsePublicKey(key)
	if err != nil {
		return nil
	}
	return public.Identicon().Image()
}

// Picture is a person's picture: the key's identicon in a rounded square, or a letter in the account's colour while the
// key is not known.
type Picture struct {
	widget.BaseWidget
	side   float32
	image  image.Image
	letter string
	hue    int
}

// NewPicture returns an empty picture with sides of the given length.
func NewPicture(side float32) *Picture {
	p := &Picture{side: side}
	p.ExtendBaseWidget(p)
	return p
}

// SetKey shows the identicon of a chat key.
func (p *Picture) SetKey(key string) {
	p.image = Identicon(key)
	p.letter = ""
	p.Refresh()
}

// SetLetter shows the first letter of a name in one of the twelve hues.
func (p *Picture) SetLetter(name string, hue int) {
	r, size := utf8.DecodeRuneInString(strings.TrimSpace(name))
	if size == 0 || r == utf8.RuneError {
		r = '?'
	}
	p.image, p.letter, p.hue = nil, strings.ToUpper(string(r)), hue
	p.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (p *Picture) CreateRenderer() fyne.WidgetRenderer {
	r := &pictureRenderer{picture: p, ground: canvas.NewRectangle(nil), image: &canvas.Image{}, letter: &canvas.Text{}}
	r.ground.CornerRadius = p.side / 5
	r.image.FillMode = canvas.ImageFillContain
	r.image.ScaleMode = canvas.ImageScalePixels
	r.letter.TextStyle.Bold = true
	r.letter.TextSize = p.side * 0.45
	r.objects = []fyne.CanvasObject{r.ground, r.image, container.NewCenter(r.letter)}
	r.Refresh()
	return r
}

type pictureRenderer struct {
	picture *Picture
	ground  *canvas.Rectangle
	image   *canvas.Image
	letter  *canvas.Text
	objects []fyne.CanvasObject
}

func (r *pictureRenderer) Destroy()                     {}
func (r *pictureRenderer) MinSize() fyne.Size           { return fyne.NewSquareSize(r.picture.side) }
func (r *pictureRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *pictureRenderer) Layout(size fyne.Size) {
	side := min(size.Width, size.Height, r.picture.side)
	at := fyne.NewPos((size.Width-side)/2, (size.Height-side)/2)
	for _, o := range r.objects {
		o.Resize(fyne.NewSquareSize(side))
		o.Move(at)
	}
}

func (r *pictureRenderer) Refresh() {
	p := r.picture
	r.ground.FillColor = fynetheme.Color(theme.ColorNameLine)
	r.letter.Text = p.letter
	if p.letter != "" {
		r.ground.FillColor = fynetheme.Color(theme.HueName(p.hue))
		r.letter.Color = fynetheme.Color(theme.ColorNameOnAccent)
	}
	r.image.Image = p.image
	r.image.Hidden = p.image == nil
	for _, o := range r.objects {
		o.Refresh()
	}
}
