package qr

import (
	"math"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/detector"
)

// mostSquares bounds how many sets of corners are tried on a picture.
const mostSquares = 48

// square is the middles of three corners of a code, and about how large its modules are.
type square struct {
	topLeft, topRight, bottomLeft gozxing.ResultPoint
	module                        float64
}

// squares are where a code may lie, by two of its corners each: the third follows from them. The library misses a corner now and
// then, once it has found something in the middle of the code that looks more like one.
func squares(places []*detector.FinderPattern) (list []square) {
	for _, a := range places {
		for _, b := range places {
			if a == b || !alike(a, b) {
				continue
			}
			x, y := b.GetX()-a.GetX(), b.GetY()-a.GetY()
			at := func(dx, dy float64) gozxing.ResultPoint { return gozxing.NewResultPoint(a.GetX()+dx, a.GetY()+dy) }
			module := (a.GetEstimatedModuleSize() + b.GetEstimatedModuleSize()) / 2
			list = append(list,
				square{a, b, at(-y, x), module},
				square{a, at(y, -x), b, module},
				square{at((x-y)/2, (x+y)/2), a, b, module})
			if len(list) >= mostSquares {
				return list
			}
		}
	}
	return list
}

// alike says whether two places may be corners of one code, by their size.
func alike(a, b *detector.FinderPattern) bool {
	ratio := a.GetEstimatedModuleSize() / b.GetEstimatedModuleSize()
	return ratio > 0.75 && ratio < 1.34
}

// likelySizes are numbers of modules along the side of a code with these corners: 17 and four for each version.
func (s square) likelySizes() []int {
	between := (gozxing.ResultPoint_Distance(s.topLeft, s.topRight) + gozxing.ResultPoint_Distance(s.topLeft, s.bottomLeft)) / 2
	version := int(math.Round((between/s.module + 7 - 17) / 4))
	var sizes []int
	for _, off := range []int{0, 1, -1, 2, -2, 3, -3, 4, -4} {
		if v := version + off; v >= 1 && v <= 40 {
			sizes = append(sizes, 17+4*v)
		}
	}
	return sizes
}
