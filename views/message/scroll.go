package message

// place is where a list stands: the index of the lowest row that can be seen, and how many pixels of it are hidden
// below the bottom edge. Every step costs the rows that it passes, never the length of the list.
type place struct {
	at    int
	below float32
}

// heights tells how tall a row is. It may be asked for rows in and near the view only.
type heights func(i int) float32

// settle brings a place that was moved into its normal form: 0 ≤ below < height of the row, the end not above the
// bottom edge, and the first row not below the top edge unless everything fits (then the last row stands at the bottom).
func (p place) settle(n int, view float32, h heights) place {
	if n == 0 {
		return place{}
	}
	if p.at >= n {
		p = place{at: n - 1}
	}
	p.at = max(p.at, 0)
	p = p.normal(n, h)
	if gap := p.gap(view, h); gap > 0 {
		p.below -= gap
		p = p.normal(n, h)
	}
	return p
}

func (p place) normal(n int, h heights) place {
	for p.below < 0 {
		if p.at == n-1 {
			return place{at: p.at}
		}
		p.at++
		p.below += h(p.at)
	}
	for p.at > 0 && p.below >= h(p.at) {
		p.below -= h(p.at)
		p.at--
	}
	return p
}

// gap is how much of the view is empty above the first row.
func (p place) gap(view float32, h heights) float32 {
	filled := -p.below
	for i := p.at; i >= 0 && filled < view; i-- {
		filled += h(i)
	}
	return view - filled
}

// end tells whether the last of n rows is wholly in view.
func (p place) end(n int) bool { return n == 0 || p.at == n-1 && p.below < 1 }

// top puts the upper edge of row i at y below the upper edge of the view. The result must be settled.
func top(i int, y, view float32, h heights) place {
	return place{at: i, below: y + h(i) - view}
}

// visible calls row for each row in view, from the lowest up, with the place of its upper edge.
func (p place) visible(view float32, h heights, row func(i int, y, height float32)) {
	y := view + p.below
	for i := p.at; i >= 0 && y > 0; i-- {
		height := h(i)
		y -= height
		row(i, y, height)
	}
}
