package message

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// naive is a list with a height for every row and one offset from the end: slow, and plainly right.
type naive struct {
	rows   []float32
	offset float64 // pixels of all rows below the bottom edge
}

func (n *naive) total() (sum float64) {
	for _, h := range n.rows {
		sum += float64(h)
	}
	return sum
}

func (n *naive) clamp(view float64) {
	n.offset = max(0, min(n.offset, n.total()-view))
}

// tops are the upper edges of all rows in the view's coordinates.
func (n *naive) tops(view float64) []float64 {
	y := view + n.offset - n.total()
	var out []float64
	for _, h := range n.rows {
		out = append(out, y)
		y += float64(h)
	}
	return out
}

// TestScrollAgainstNaive scrolls, resizes, prepends, appends and changes rows, and compares every visible row's place
// with a full layout.
func TestScrollAgainstNaive(t *testing.T) {
	height := rapid.Float32Range(1, 300)
	rapid.Check(t, func(t *rapid.T) {
		model := &naive{rows: rapid.SliceOfN(height, 1, 40).Draw(t, "rows")}
		view := rapid.Float32Range(20, 800).Draw(t, "view")
		h := func(i int) float32 { return model.rows[i] }
		p := place{at: len(model.rows) - 1}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"scroll", "prepend", "append", "resize", "change"}).Draw(t, "step") {
			case "scroll":
				dy := rapid.Float32Range(-2000, 2000).Draw(t, "dy")
				p.below += dy
				model.offset += float64(dy)
			case "prepend":
				more := rapid.SliceOfN(height, 0, 10).Draw(t, "more")
				model.rows = append(append([]float32{}, more...), model.rows...)
				p.at += len(more)
			case "append":
				more := rapid.SliceOfN(height, 0, 10).Draw(t, "more")
				stick := p.end(len(model.rows))
				for _, h := range more {
					model.rows = append(model.rows, h)
					if !stick {
						model.offset += float64(h)
					}
				}
				if stick {
					p, model.offset = place{at: len(model.rows) - 1}, 0
				}
			case "resize":
				view = rapid.Float32Range(20, 800).Draw(t, "new view")
			case "change": // a row above the anchor changes: what is below must not move
				if p.at > 0 {
					i := rapid.IntRange(0, p.at-1).Draw(t, "row")
					model.rows[i] = height.Draw(t, "height")
				}
			}
			model.clamp(float64(view))
			p = p.settle(len(model.rows), view, h)
			check(t, p, model, view, h)
		}
	})
}

func check(t *rapid.T, p place, model *naive, view float32, h heights) {
	want := model.tops(float64(view))
	seen := map[int]bool{}
	p.visible(view, h, func(i int, y, height float32) {
		seen[i] = true
		if math.Abs(float64(y)-want[i]) > 0.05 {
			t.Fatalf("row %d at %v, want %v (place %+v, offset %v)", i, y, want[i], p, model.offset)
		}
	})
	for i, y := range want {
		inside := y < float64(view)-0.05 && y+float64(model.rows[i]) > 0.05
		if inside && !seen[i] {
			t.Fatalf("row %d at %v is missing (place %+v)", i, y, p)
		}
	}
}

func TestTop(t *testing.T) {
	rows := []float32{50, 50, 50, 50, 50, 50}
	h := func(i int) float32 { return rows[i] }
	for i, want := range []float32{-20, -20, -20, 0, 50, 100} { // ends are reached before
		got := float32(math.NaN())
		p := top(i, -20, 150, h).settle(len(rows), 150, h)
		p.visible(150, h, func(j int, y, _ float32) {
			if j == i {
				got = y
			}
		})
		if got != want {
			t.Errorf("row %d stands at %v, want %v", i, got, want)
		}
	}
}

// The cost of a step is that of the visible rows, whatever the length of the list.
func TestScrollAsksForNearRowsOnly(t *testing.T) {
	asked := 0
	h := func(int) float32 { asked++; return 40 }
	p := place{at: 500_000, below: 60}.settle(1_000_000, 800, h)
	p.visible(800, h, func(int, float32, float32) {})
	if asked > 60 {
		t.Errorf("%d heights were asked for", asked)
	}
}

func BenchmarkSettle(b *testing.B) {
	p := place{at: 90_000}
	h := func(i int) float32 { return float32(20 + i%60) }
	for b.Loop() {
		p.below += 75
		p = p.settle(100_000, 800, h)
		if p.at < 1000 {
			p = place{at: 90_000}
		}
	}
}
