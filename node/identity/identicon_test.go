package identity

import (
	"image/color"
	"math"
	"testing"

	"sotto/node/vectortest"
)

// Pictures match Status's pixel for pixel. The recorded PNG digests depend on one encoder and are left out.
func TestVectorIdenticons(t *testing.T) {
	var cases []struct {
		Hue   float64
		Input string `json:"input_string"`
		RGB   string `json:"rgb8"`
		Rows  []string
	}
	vectortest.Load(t, "identity.json", "identicons", &cases)
	for _, c := range cases {
		t.Run(c.Input[:12], func(t *testing.T) {
			icon := mustKey(t, c.Input).Identicon()
			if math.Abs(icon.Hue-c.Hue) > 1e-9 {
				t.Errorf("hue %v, want %v", icon.Hue, c.Hue)
			}
			ink := color.NRGBA{A: 255}
			rgb := mustHex(t, c.RGB)
			ink.R, ink.G, ink.B = rgb[0], rgb[1], rgb[2]
			if icon.Colour() != ink {
				t.Errorf("colour %v, want %v", icon.Colour(), ink)
			}
			checkPixels(t, icon, c.Rows, ink)
		})
	}
}

// checkPixels compares the whole picture with the rows of ones and zeros of its grid.
func checkPixels(t *testing.T, icon Identicon, rows []string, ink color.NRGBA) {
	t.Helper()
	picture := icon.Image()
	for y := range IdenticonSize {
		for x := range IdenticonSize {
			want := color.NRGBA{}
			row, column := (y-10)/6, (x-10)/6
			if y >= 10 && x >= 10 && row < 5 && column < 5 && rows[row][column] == '1' {
				want = ink
			}
			if got := picture.NRGBAAt(x, y); got != want {
				t.Fatalf("pixel %d,%d is %v, want %v", x, y, got, want)
			}
		}
	}
}

func BenchmarkIdenticon(b *testing.B) {
	key := testKey(b)
	b.ReportAllocs()
	for b.Loop() {
		key.Identicon().Image()
	}
}
