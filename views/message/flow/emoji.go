package flow

import "github.com/go-text/typesetting/segmenter"

// Emoji tells whether text is one to most emoji and nothing else.
func Emoji(text string, most int) bool {
	if len(text) > 40*most {
		return false
	}
	var seg segmenter.Segmenter
	seg.Init([]rune(text))
	n := 0
	for it := seg.GraphemeIterator(); it.Next(); n++ {
		if n == most || !emoji(it.Grapheme().Text) {
			return false
		}
	}
	return n > 0
}

// emoji tells by the first character of a cluster, and for those that are text by default by the selector behind it.
func emoji(cluster []rune) bool {
	r := cluster[0]
	switch {
	case r >= 0x1F300 && r <= 0x1FAFF, r >= 0x1F1E6 && r <= 0x1F1FF:
		return true
	case r == 0x2705, r == 0x2728, r == 0x274C, r == 0x2753, r == 0x2757, r == 0x2B50, r == 0x26A1, r == 0x231A, r == 0x23F0:
		return true
	}
	return len(cluster) > 1 && cluster[1] == 0xFE0F
}
