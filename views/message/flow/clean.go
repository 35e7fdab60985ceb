package flow

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMarks is how many combining marks may stand on one character: enough for any script, too few to paint over the
// lines above and below.
const MaxMarks = 6

// Clean makes a stranger's text safe to show: line ends become \n, a tab four spaces, other control characters and
// broken UTF-8 the replacement character; bidirectional controls, which could reorder or disguise what stands beside
// them, and invisible characters vanish; white space at the ends is cut and more than two line ends in a row are two.
// Joiners stay, since emoji and scripts need them.
func Clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", "    ").Replace(s)
	var b strings.Builder
	b.Grow(len(s))
	marks, ends := 0, 0
	for _, r := range s {
		switch {
		case r == '\n':
			marks = 0
			if ends++; ends > 2 {
				continue
			}
		case dropped(r):
			continue
		case unicode.Is(unicode.M, r) && !variation(r):
			if marks++; marks > MaxMarks {
				continue
			}
		default:
			marks = 0
			if r != ' ' {
				ends = 0
			}
		}
		if r != '\n' && unicode.Is(unicode.Cc, r) {
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return strings.Trim(b.String(), " \n")
}

func variation(r rune) bool { return r == 0xFE0E || r == 0xFE0F }

// dropped tells the characters that say nothing by themselves and can deceive.
func dropped(r rune) bool {
	switch {
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C:
		return true // embeddings, overrides, isolates, marks
	case r == 0x200B, r == 0xFEFF, r >= 0x2060 && r <= 0x2064, r >= 0x206A && r <= 0x206F, r == 0x00AD:
		return true // zero widths, invisible operators, soft hyphen
	case r >= 0xFFF9 && r <= 0xFFFB, r == 0x3164, r == 0xFFA0, r == 0x115F, r == 0x1160:
		return true // interlinear annotation, blank fillers
	}
	return false
}

// Line is Clean on one line of at most limit characters; what is cut is replaced by an ellipsis. It is for names,
// quotations and previews.
func Line(s string, limit int) string {
	if len(s) > 8*limit {
		s = strings.ToValidUTF8(s[:8*limit], "") // no work on what nobody will see
	}
	s = strings.Join(strings.Fields(Clean(s)), " ")
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:limit-1]), " ") + "…"
}
