package qr

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"sotto/services/fault"
)

// TestBlocks: what a terminal shows is read by a reader.
func TestBlocks(t *testing.T) {
	for _, text := range []string{"x", "sotto:join?name=Acme&sum=abcdef", strings.Repeat("sotto", MaxText/5)} {
		drawn, err := Blocks(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decode(bytes.NewReader(photograph(t, drawn))); err != nil || got != text {
			t.Errorf("%.20q is read as %.20q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", strings.Repeat("s", MaxText+1)} {
		if _, err := Blocks(text); fault.CodeOf(err) != fault.BadLink {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
}

// photograph is the screen as a picture: each half of a character is a square of four pixels.
func photograph(t *testing.T, drawn string) []byte {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(drawn, "\n"), "\n")
	width := len([]rune(lines[0]))
	picture := image.NewGray(image.Rect(0, 0, 4*width, 8*len(lines)))
	for y, line := range lines {
		for x, r := range []rune(line) {
			for half, lit := range []bool{r == '█' || r == '▀', r == '█' || r == '▄'} {
				for i := range 16 {
					if lit {
						picture.SetGray(4*x+i%4, 8*y+4*half+i/4, color.Gray{Y: 255})
					}
				}
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
