package identity

import (
	"crypto/md5" // the picture's definition; nothing depends on its strength
	"image"
	"image/color"
	"image/draw"
	"math"
)

// Measures of an identicon's picture in pixels.
const (
	IdenticonSize = 50
	identiconCell = 6
	identiconEdge = 10
	identiconGrid = 5
)

// The colour of an identicon: only the hue differs.
const (
	identiconSaturation = 0.5
	identiconLightness  = 0.7
)

// Identicon is the picture that Status clients derive from a public key: five by five cells, mirrored, in one colour.
type Identicon struct {
	Cells [identiconGrid][identiconGrid]bool // [row][column], painted or not
	Hue   float64                            // in degrees, 0 to 360
}

// Identicon is the picture of the key: from the MD5 digest of its long text form, a cell is painted where the digest's
// byte is even, and the last three bytes give the hue.
func (k PublicKey) Identicon() Identicon {
	digest := md5.Sum([]byte(k.String()))
	var icon Identicon
	for row := range identiconGrid {
		for column := range identiconGrid {
			icon.Cells[row][column] = digest[3*row+min(column, identiconGrid-1-column)]%2 == 0
		}
	}
	sum := int(digest[13]) + int(digest[14]) + int(digest[15])
	icon.Hue = float64(sum) / (3 * 255) * 360
	return icon
}

// Colour is what painted cells are painted with.
func (i Identicon) Colour() color.NRGBA {
	return hsl(i.Hue, identiconSaturation, identiconLightness)
}

// Image draws the picture: 50 by 50 pixels, cells of 6 from an offset of 10, on a transparent ground.
func (i Identicon) Image() *image.NRGBA {
	picture := image.NewNRGBA(image.Rect(0, 0, IdenticonSize, IdenticonSize))
	ink := image.NewUniform(i.Colour())
	for row, cells := range i.Cells {
		for column, painted := range cells {
			if painted {
				x, y := identiconEdge+column*identiconCell, identiconEdge+row*identiconCell
				draw.Draw(picture, image.Rect(x, y, x+identiconCell, y+identiconCell), ink, image.Point{}, draw.Src)
			}
		}
	}
	return picture
}

// hsl converts a colour given by hue (degrees), saturation (0 to 1) and lightness (0.5 to 1). Status works in
// 16 bits a channel and keeps the upper eight, which differs from rounding to eight bits.
func hsl(hue, saturation, lightness float64) color.NRGBA {
	high := lightness + saturation - lightness*saturation
	low := 2*lightness - high
	channel := func(turn float64) uint8 {
		turn -= math.Floor(turn)
		v := low
		switch {
		case turn < 1.0/6:
			v = low + (high-low)*6*turn
		case turn < 1.0/2:
			v = high
		case turn < 2.0/3:
			v = low + (high-low)*(2.0/3-turn)*6
		}
		return uint8(uint16(v*0xffff+0.5) >> 8)
	}
	turn := hue / 360
	return color.NRGBA{R: channel(turn + 1.0/3), G: channel(turn), B: channel(turn - 1.0/3), A: 255}
}
