package flow

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// monospaced: every character is ten wide.
func monospaced(text string, _ Style) float32 { return float32(10 * utf8.RuneCountInString(text)) }

func lay(s string, columns int) *Text { return Lay(Parse(s), float32(10*columns), monospaced) }

func rows(t *Text) []string {
	var out []string
	for _, row := range t.Rows {
		line := ""
		for _, r := range row.Runs {
			line += r.Text
		}
		out = append(out, line)
	}
	return out
}

func TestLay(t *testing.T) {
	for _, c := range []struct {
		in      string
		columns int
		want    string
	}{
		{"one two three", 8, "one two|three"},
		{"one two three", 7, "one two|three"},
		{"one\ntwo", 20, "one|two"},
		{"one\n\ntwo", 20, "one||two"},
		{"", 5, ""},
		{"abcdefghij", 4, "abcd|efgh|ij"},
		{"xy abcdefghij z", 4, "xy|abcd|efgh|ij z"},
		{"a **b** c", 20, "a b c"},
		{"half**bold** x", 6, "halfbo|ld x"},
		{"你好世界", 2, "你好|世界"},
		{"trailing    spaces", 8, "trailing|spaces"},
	} {
		if got := strings.Join(rows(lay(c.in, c.columns)), "|"); got != c.want {
			t.Errorf("%q in %d columns: %q, want %q", c.in, c.columns, got, c.want)
		}
	}
}

func TestLongWordKeepsEmojiWhole(t *testing.T) {
	family := "👨\u200D👩\u200D👧"
	for _, row := range rows(lay(strings.Repeat(family, 5), 6)) {
		if row != family {
			t.Fatalf("a family was torn apart: %q", row)
		}
	}
}

func TestLayIsBounded(t *testing.T) {
	text := lay(strings.Repeat("x\n", 5000), 10)
	if len(text.Rows) != MaxLines || !text.Cut {
		t.Errorf("%d rows, cut %v", len(text.Rows), text.Cut)
	}
	if text := lay(strings.Repeat("x", 4096), 80); len(text.Rows) != 52 || text.Cut {
		t.Errorf("%d rows, cut %v", len(text.Rows), text.Cut)
	}
}

// Whatever the text: no row is wider than the width unless it holds a single character, places rise, and nothing but
// white space gets lost.
func TestLayProperties(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "word", " ", "  ", "\n", "**b**", "`c d`", "longerword", "é", "你好", "https://a.b/c"})
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 30).Draw(t, "columns")
		in := strings.Join(rapid.SliceOfN(piece, 0, 60).Draw(t, "pieces"), "")
		text := lay(in, columns)
		var out strings.Builder
		last := 0
		for i, row := range text.Rows {
			if row.Width > float32(10*columns) && row.End-row.Start > 1 {
				t.Fatalf("row %d is %v wide", i, row.Width)
			}
			if row.Start < last || row.End < row.Start {
				t.Fatalf("row %d: %d to %d after %d", i, row.Start, row.End, last)
			}
			last = row.End
			x := float32(0)
			for _, r := range row.Runs {
				if r.X != x || r.Text != string(text.Runes[r.Start:r.Start+utf8.RuneCountInString(r.Text)]) {
					t.Fatalf("row %d: run %+v at %v", i, r, x)
				}
				x += r.Width
				out.WriteString(r.Text)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if !text.Cut && squeeze(out.String()) != squeeze(string(text.Runes)) {
			t.Fatalf("%q became %q", string(text.Runes), out.String())
		}
	})
}

func BenchmarkLay(b *testing.B) {
	spans := Parse(strings.Repeat("some words of a message that goes on ", 8))
	for b.Loop() {
		Lay(spans, 500, monospaced)
	}
}
