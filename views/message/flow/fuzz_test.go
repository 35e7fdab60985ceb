package flow

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "plain", "a *b* **c** _d_ ~~e~~ `f` ```g```", "https://a.b/c_d_", "*`_~**", "\xff*\xff*", "mailto:a@b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		for _, span := range Parse(s) {
			n += len(span.Text)
			if span.Text == "" || span.Style&Link != 0 != (span.URL != "") {
				t.Fatalf("%+v", span)
			}
			if span.URL != "" {
				if _, ok := ParseLink(span.URL); !ok {
					t.Fatalf("%q is a link and must not be", span.URL)
				}
			}
		}
		if n > len(s) {
			t.Fatalf("%q grew to %d bytes", s, n)
		}
	})
}

func FuzzParseLink(f *testing.F) {
	for _, s := range []string{"https://a.b", "http://a.b:80/c?d#e", "mailto:a@b", "javascript:x", "https://u:p@a.b", "//a.b", "https:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, ok := ParseLink(s)
		if !ok {
			return
		}
		if u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto" || u.User != nil {
			t.Fatalf("%q", s)
		}
		if strings.ContainsFunc(u.String(), func(r rune) bool { return r < ' ' || r == 0x7F }) {
			t.Fatalf("%q has control characters", u.String())
		}
	})
}

// FuzzLay sends a stranger's text the whole way.
func FuzzLay(f *testing.F) {
	for _, s := range []string{"", "a b c", strings.Repeat("x", 300), "👨\u200D👩\u200D👧 ok", "a\u0301\u0302\n\n\nb", "\u202Eabc", "你好 **世界**"} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, s string, columns int) {
		if len(s) > 1<<14 {
			return
		}
		clean := Clean(s)
		if !utf8.ValidString(clean) {
			t.Fatal("not UTF-8")
		}
		text := Lay(Parse(clean), float32(columns%200), monospaced)
		if len(text.Rows) == 0 || len(text.Rows) > MaxLines {
			t.Fatalf("%d rows", len(text.Rows))
		}
		for _, row := range text.Rows {
			if row.Start > row.End || row.End > len(text.Runes) {
				t.Fatalf("%+v of %d", row, len(text.Runes))
			}
		}
	})
}
