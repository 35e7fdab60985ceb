package qr

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/makiuchi-d/gozxing/qrcode/detector"
	"golang.org/x/image/draw"

	"sotto/node/identity"
	"sotto/services/fault"
	"sotto/services/link"
)

// contactLink is a link of full length: key, bundle of 300 bytes, name.
func contactLink(t testing.TB) string {
	t.Helper()
	key, err := crypto.ToECDSA(bytes.Repeat([]byte{0xaa}, 32))
	if err != nil {
		t.Fatal(err)
	}
	bundle := bytes.Repeat([]byte{0xfb, 0x07, 0xee}, 100)
	return link.Contact(identity.KeyOf(&key.PublicKey), bundle, "Ann Example")
}

func mustEncode(t testing.TB, text string, size int) image.Image {
	t.Helper()
	picture, err := Encode(text, size)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func asPNG(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// on places a code on a larger ground.
func on(ground color.Color, width, height int, code image.Image, x, y int) image.Image {
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	draw.Draw(picture, code.Bounds().Add(image.Pt(x, y)), code, image.Point{}, draw.Src)
	return picture
}

// changed is a picture whose pixels went through f.
func changed(code image.Image, f func(gray uint8) color.Color) image.Image {
	picture := image.NewNRGBA(code.Bounds())
	for y := range code.Bounds().Dy() {
		for x := range code.Bounds().Dx() {
			picture.Set(x, y, f(color.GrayModel.Convert(code.At(x, y)).(color.Gray).Y))
		}
	}
	return picture
}

func TestRoundTrip(t *testing.T) {
	long := contactLink(t)
	code := mustEncode(t, long, 600)
	jpegFile, gifFile := new(bytes.Buffer), new(bytes.Buffer)
	if err := jpeg.Encode(jpegFile, code, &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	if err := gif.Encode(gifFile, code, nil); err != nil {
		t.Fatal(err)
	}
	negative := changed(code, func(gray uint8) color.Color { return color.Gray{Y: 255 - gray} })
	transparent := changed(code, func(gray uint8) color.Color { return color.NRGBA{A: 255 - gray} })
	for name, file := range map[string][]byte{
		"PNG":          asPNG(t, code),
		"JPEG":         jpegFile.Bytes(),
		"GIF":          gifFile.Bytes(),
		"smallest":     asPNG(t, mustEncode(t, long, 0)),
		"negative":     asPNG(t, negative),
		"on no ground": asPNG(t, transparent),
	} {
		if got, err := Decode(bytes.NewReader(file)); err != nil || got != long {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestRoundTripInLargePictures(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds under the race detector")
	}
	long := contactLink(t)
	for name, picture := range map[string]image.Image{
		"large":               mustEncode(t, long, 3000),
		"on a screen":         on(color.NRGBA{40, 44, 52, 255}, 2560, 1440, mustEncode(t, long, 300), 2200, 1100),
		"on a larger picture": on(color.White, 4000, 3000, mustEncode(t, long, 1200), 700, 1500),
	} {
		if got, err := Decode(bytes.NewReader(asPNG(t, picture))); err != nil || got != long {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestRoundTripOfTexts(t *testing.T) {
	for _, text := range []string{"0", "HELLO 42", "hello", "grüße 👋", strings.Repeat("x", MaxText)} {
		if got, err := Decode(bytes.NewReader(asPNG(t, mustEncode(t, text, 800)))); err != nil || got != text {
			t.Errorf("%.20q: %.20q, %v", text, got, err)
		}
	}
}

func TestEncodeSize(t *testing.T) {
	for asked, want := range map[int]int{256: 256, 1000: 1000} {
		if got := mustEncode(t, contactLink(t), asked).Bounds(); got != image.Rect(0, 0, want, want) {
			t.Errorf("asked for %d: %v", asked, got)
		}
	}
	if got := mustEncode(t, strings.Repeat("x", MaxText), -5).Bounds(); got != image.Rect(0, 0, 185, 185) {
		t.Errorf("the smallest of the largest: %v", got)
	}
}

func TestEncodeRefusals(t *testing.T) {
	for text, want := range map[string]string{"": "nothing to make", strings.Repeat("x", MaxText+1): "too long"} {
		if _, err := Encode(text, 100); fault.CodeOf(err) != fault.BadLink || !strings.Contains(fault.Sentence(err), want) {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
}

// pngHeader is a picture that says how large it is and holds nothing.
func pngHeader(width, height uint32) []byte {
	chunk := []byte("IHDR")
	chunk = binary.BigEndian.AppendUint32(chunk, width)
	chunk = binary.BigEndian.AppendUint32(chunk, height)
	chunk = append(chunk, 8, 6, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(file, chunk...), crc32.ChecksumIEEE(chunk))
}

func TestDecodeRefusals(t *testing.T) {
	whole := asPNG(t, mustEncode(t, "hello", 200))
	for name, c := range map[string]struct {
		file []byte
		want *fault.Error
	}{
		"nothing":          {nil, errPicture},
		"text":             {[]byte("hello"), errPicture},
		"cut short":        {whole[:len(whole)/2], errPicture},
		"header alone":     {pngHeader(10, 10), errPicture},
		"no width":         {pngHeader(0, 10), errPicture},
		"GIF of no pixels": {[]byte("GIF89a\x05\x00\x05\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x01\x2c\x00;"), errPicture},
		"giant file":       {make([]byte, MaxBytes+1), errTooLarge},
		"giant picture":    {pngHeader(1<<20, 1<<20), errTooLarge},
		"one row too many": {pngHeader(MaxPixels/4000, 4001), errTooLarge},
		"endless line":     {pngHeader(MaxPixels+1, 1), errTooLarge},
		"just in bounds":   {pngHeader(MaxPixels/4000, 4000), errPicture},
		"empty picture":    {asPNG(t, image.NewGray(image.Rect(0, 0, 300, 200))), errNoCode},
		"a dot":            {asPNG(t, image.NewGray(image.Rect(0, 0, 1, 1))), errNoCode},
		"a long line":      {asPNG(t, image.NewGray(image.Rect(0, 0, 20000, 1))), errNoCode},
		"a long column":    {asPNG(t, image.NewGray(image.Rect(0, 0, 1, 20000))), errNoCode},
	} {
		text, err := Decode(bytes.NewReader(c.file))
		if fault.CodeOf(err) != fault.BadLink || fault.Sentence(err) != c.want.Text || text != "" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

func TestDecodeKeepsTheReadersError(t *testing.T) {
	if _, err := Decode(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

// corners is a picture full of what marks the corners of codes. The library compares every three of them: here some
// 10^12 times.
func corners(side int) image.Image {
	picture := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			ring := max(max(x%8-3, 3-x%8), max(y%8-3, 3-y%8))
			if ring == 2 || ring > 3 {
				picture.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return picture
}

func findIn(t *testing.T, picture *image.RGBA) (string, error) {
	t.Helper()
	source, err := luminance(picture)
	if err != nil {
		t.Fatal(err)
	}
	return find(source)
}

func TestAPictureFullOfCornersTakesNoTime(t *testing.T) {
	picture := corners(1200)
	if text, err := Decode(bytes.NewReader(asPNG(t, picture))); err == nil {
		t.Errorf("found %q", text)
	}
	if _, err := findIn(t, scale(picture, 1200)); !errors.Is(err, errCandidates) {
		t.Errorf("ended with %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(asPNG(f, mustEncode(f, "sotto:channel?name=status", 0)))
	f.Add(asPNG(f, corners(40)))
	f.Add(pngHeader(1<<20, 1<<20))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"))
	f.Add([]byte("\xff\xd8\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		text, err := Decode(bytes.NewReader(file))
		if err != nil && (fault.CodeOf(err) != fault.BadLink || text != "") {
			t.Errorf("%q, %v", text, err)
		}
	})
}

// FuzzFind skips the formats: the bytes are the pixels of a small square, black or white.
func FuzzFind(f *testing.F) {
	seed := mustEncode(f, "hello", 0)
	var pixels []byte
	for y := range seed.Bounds().Dy() {
		for x := range seed.Bounds().Dx() {
			pixels = append(pixels, color.GrayModel.Convert(seed.At(x, y)).(color.Gray).Y)
		}
	}
	f.Add(pixels)
	f.Fuzz(func(t *testing.T, pixels []byte) {
		side := 1
		for (side+1)*(side+1) <= len(pixels) && side < 100 {
			side++
		}
		picture := image.NewGray(image.Rect(0, 0, side, side))
		copy(picture.Pix, pixels)
		if text, err := findIn(t, scale(picture, side*3)); err != nil && text != "" {
			t.Errorf("%q beside %v", text, err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for name, picture := range map[string]image.Image{
		"code":    mustEncode(b, contactLink(b), 600),
		"nothing": image.NewGray(image.Rect(0, 0, 6000, 6000)),
		"corners": corners(1200),
	} {
		file := asPNG(b, picture)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = Decode(bytes.NewReader(file))
			}
		})
	}
}

// TestEveryLinkIsRead: what is in a link is as good as random, and must not look like something else in the code's middle.
func TestEveryLinkIsRead(t *testing.T) {
	key, err := crypto.ToECDSA(bytes.Repeat([]byte{0xaa}, 32))
	if err != nil {
		t.Fatal(err)
	}
	random, links := rand.NewChaCha8([32]byte{1}), 200
	if testing.Short() {
		links = 20
	}
	for n := range links {
		bundle := make([]byte, 160+n%40)
		_, _ = random.Read(bundle)
		text := link.Contact(identity.KeyOf(&key.PublicKey), bundle, "")
		got, err := Decode(bytes.NewReader(asPNG(t, mustEncode(t, text, 512))))
		if got != text || err != nil {
			t.Errorf("link %d was read as %q, %v", n, got, err)
		}
	}
}

// TestCodesOnADarkScreen: in these two the library takes a place in the middle of the code for a corner, and misses a real one.
func TestCodesOnADarkScreen(t *testing.T) {
	for _, seed := range []uint64{68, 71, 72} {
		r := rand.New(rand.NewPCG(seed, 7))
		hash := sha256.Sum256([]byte(fmt.Sprint(seed)))
		key, err := crypto.ToECDSA(hash[:])
		if err != nil {
			t.Fatal(err)
		}
		bundle := make([]byte, 300)
		for i := range bundle {
			bundle[i] = byte(r.IntN(256))
		}
		text := link.Contact(identity.KeyOf(&key.PublicKey), bundle, "Ann")
		code := mustEncode(t, text, 300+r.IntN(400))
		screen := on(color.NRGBA{30, 33, 38, 255}, 1920, 1080, code, r.IntN(1200), r.IntN(380))
		if got, err := Decode(bytes.NewReader(asPNG(t, screen))); err != nil || got != text {
			t.Errorf("screen %d: %q, %v", seed, got, err)
		}
	}
}

// TestSquares: two corners of a code, whichever they are, tell where the third is.
func TestSquares(t *testing.T) {
	place := func(x, y float64) *detector.FinderPattern { return detector.NewFinderPattern1(x, y, 3) }
	topLeft, topRight, bottomLeft := place(10, 20), place(110, 20), place(10, 120)
	for _, two := range [][]*detector.FinderPattern{{topLeft, topRight}, {bottomLeft, topLeft}, {topRight, bottomLeft}} {
		found := slices.ContainsFunc(squares(two), func(s square) bool {
			return s.topLeft.GetX() == 10 && s.topLeft.GetY() == 20 && s.topRight.GetX() == 110 && s.bottomLeft.GetY() == 120
		})
		if !found {
			t.Errorf("not found from %v and %v", two[0], two[1])
		}
	}
}
