package qr

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // the formats of pictures that people have
	_ "image/jpeg"
	_ "image/png"
	"io"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/detector"
	"golang.org/x/image/draw"

	"sotto/services/fault"
)

// Bounds of a picture that Decode looks at.
const (
	MaxBytes  = 8 << 20    // of the file
	MaxPixels = 40_000_000 // of the picture, as its header tells
)

// The longer sides of pictures in which codes are looked for, in pixels. A small picture finds a code that fills a photo in
// little time, a large one finds a small code on a large screen.
const (
	smallSide = 1000
	largeSide = 2600
)

// maxCandidates is the most places that may look like the corner of a code. Every three of them are compared, so that a
// picture full of corners would take for ever; real ones have a few dozen.
const maxCandidates = 400

var (
	errNoCode   = fault.New(fault.BadLink, "There is no QR code in this picture.")
	errTooLarge = fault.New(fault.BadLink, "This picture is too large. Cut out the QR code, or take a screenshot of it.")
	errPicture  = fault.New(fault.BadLink, "This is not a picture that Sotto can read. It reads PNG, JPEG and GIF.")
)

// Decode finds the QR code in a picture, PNG, JPEG or GIF (of which the first frame counts), and returns its text, at most
// 7,089 bytes and not to be trusted. Light codes on dark ground are found, too. The error is a fault, fault.BadLink, where
// the picture is too large, is none, or has no code; what r fails with is wrapped.
func Decode(r io.Reader) (string, error) {
	picture, err := read(r)
	if err != nil {
		return "", err
	}
	for _, side := range searchSides(picture) {
		if text, ok := search(scale(picture, side)); ok {
			return text, nil
		}
	}
	return "", errNoCode
}

// searchSides are the longer sides to which a picture is scaled before it is searched, the one after the other. A small
// picture is also looked at enlarged, in which modules of a pixel or two are told apart better.
func searchSides(picture image.Image) []int {
	longest := max(picture.Bounds().Dx(), picture.Bounds().Dy())
	if longest <= smallSide {
		return []int{longest, 2 * longest}
	}
	return []int{smallSide, min(longest, largeSide)}
}

// read decodes a picture within the bounds.
func read(r io.Reader) (image.Image, error) {
	file, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read picture: %w", err)
	case len(file) > MaxBytes:
		return nil, errTooLarge
	}
	header, _, err := image.DecodeConfig(bytes.NewReader(file))
	switch {
	case err != nil:
		return nil, fault.Wrap(fault.BadLink, errPicture.Text, err)
	case header.Width <= 0 || header.Height <= 0:
		return nil, errPicture
	case header.Width > MaxPixels/header.Height:
		return nil, errTooLarge
	}
	picture, _, err := image.Decode(bytes.NewReader(file))
	switch {
	case err != nil:
		return nil, fault.Wrap(fault.BadLink, errPicture.Text, err)
	case picture.Bounds().Empty():
		return nil, errPicture // a GIF may have a frame of no pixels
	}
	return picture, nil
}

// scale copies a picture onto white ground, for a code may stand on a transparent one, with its longer side as given.
func scale(picture image.Image, side int) *image.RGBA {
	from := picture.Bounds()
	longest := max(from.Dx(), from.Dy())
	width, height := max(from.Dx()*side/longest, 1), max(from.Dy()*side/longest, 1)
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(to, to.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(to, to.Bounds(), picture, from, draw.Over, nil)
	return to
}

// search looks for a code in a picture and in its negative.
func search(picture *image.RGBA) (string, bool) {
	source, err := luminance(picture)
	if err != nil {
		return "", false
	}
	for _, source := range []gozxing.LuminanceSource{source, source.Invert()} {
		if text, err := find(source); err == nil {
			return text, true
		}
	}
	return "", false
}

// luminance is a picture's brightness, green counting twice. The library's own conversion of pictures takes ten times as
// long.
func luminance(picture *image.RGBA) (gozxing.LuminanceSource, error) {
	size := picture.Bounds().Size()
	light := make([]byte, size.X*size.Y)
	for i := range light {
		p := picture.Pix[4*i : 4*i+3]
		light[i] = byte((int(p[0]) + 2*int(p[1]) + int(p[2])) / 4)
	}
	return gozxing.NewPlanarYUVLuminanceSource(light, size.X, size.Y, 0, 0, size.X, size.Y, false)
}

var (
	errCandidates = errors.New("too many places look like a code's corner")
	errPanic      = errors.New("the reader of QR codes panicked")
)

// find lets the library look. A panic in it, and one of ours that stops it when it finds too much, is an error.
func find(source gozxing.LuminanceSource) (text string, err error) {
	defer func() {
		switch recovered := recover(); recovered {
		case nil:
		case errCandidates:
			err = errCandidates
		default:
			err = errPanic
		}
	}()
	bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(source))
	if err != nil {
		return "", fmt.Errorf("QR code: %w", err)
	}
	candidates := 0
	count := gozxing.ResultPointCallback(func(gozxing.ResultPoint) {
		if candidates++; candidates > maxCandidates {
			panic(errCandidates)
		}
	})
	hints := map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_TRY_HARDER:                 true,
		gozxing.DecodeHintType_NEED_RESULT_POINT_CALLBACK: count,
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err == nil {
		return result.GetText(), nil
	}
	if text, err := findFlat(bitmap, count, hints); err == nil {
		return text, nil
	}
	return findWhole(bitmap)
}

// findFlat looks for a code that is not seen from an angle, as on a screen. The library takes the number of modules from
// the size of the corners, and is often wrong by a few where modules are few pixels wide. Here the likely numbers are
// tried, the likeliest first, and other places that look like corners than those three that the library chose.
func findFlat(bitmap *gozxing.BinaryBitmap, count gozxing.ResultPointCallback, hints map[gozxing.DecodeHintType]any) (string, error) {
	matrix, err := bitmap.GetBlackMatrix()
	if err != nil {
		return "", fmt.Errorf("QR code: %w", err)
	}
	finder := detector.NewFinderPatternFinder(matrix, count)
	var likely []square
	if chosen, err := finder.Find(hints); err == nil {
		module := (chosen.GetTopLeft().GetEstimatedModuleSize() + chosen.GetTopRight().GetEstimatedModuleSize() +
			chosen.GetBottomLeft().GetEstimatedModuleSize()) / 3
		likely = append(likely, square{chosen.GetTopLeft(), chosen.GetTopRight(), chosen.GetBottomLeft(), module})
	}
	for _, c := range append(likely, squares(finder.GetPossibleCenters())...) {
		for _, modules := range c.likelySizes() {
			if text, ok := sample(matrix, c.topLeft, c.topRight, c.bottomLeft, modules); ok {
				return text, nil
			}
		}
	}
	return "", errNoCode
}

// findWhole reads a picture that has nothing but a code on it, as a program drew it: where the corners are follows from where
// the ink is. In the middle of a large code there is, now and then, what looks more like a corner than the corners do.
func findWhole(bitmap *gozxing.BinaryBitmap) (string, error) {
	matrix, err := bitmap.GetBlackMatrix()
	if err != nil {
		return "", fmt.Errorf("QR code: %w", err)
	}
	ink := matrix.GetEnclosingRectangle() // left, top, width, height
	if len(ink) != 4 || ink[2] != ink[3] {
		return "", errNoCode
	}
	left, top, side := float64(ink[0]), float64(ink[1]), float64(ink[2])
	for version := 1; version <= 40; version++ {
		modules := 17 + 4*version
		corner := 3.5 * side / float64(modules) // its middle
		topLeft := gozxing.NewResultPoint(left+corner, top+corner)
		topRight := gozxing.NewResultPoint(left+side-corner, top+corner)
		bottomLeft := gozxing.NewResultPoint(left+corner, top+side-corner)
		if text, ok := sample(matrix, topLeft, topRight, bottomLeft, modules); ok {
			return text, nil
		}
	}
	return "", errNoCode
}

// sample reads a code that lies flat, with the middles of its corners and so many modules along its side.
func sample(matrix *gozxing.BitMatrix, topLeft, topRight, bottomLeft gozxing.ResultPoint, modules int) (string, bool) {
	grid := detector.Detector_createTransform(topLeft, topRight, bottomLeft, nil, modules)
	bits, err := detector.Detector_sampleGrid(matrix, grid, modules)
	if err != nil {
		return "", false
	}
	result, err := decoder.NewDecoder().Decode(bits, nil)
	if err != nil {
		return "", false
	}
	return result.GetText(), true
}
