package flow

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                            "plain",
		" \n two ends \n\n\n\n x\n":        "two ends \n\n x",
		"a\r\nb\rc\u2028d":                 "a\nb\nc\nd",
		"a\tb":                             "a    b",
		"a\x00b\x1b[31mc":                  "a\uFFFDb\uFFFD[31mc",
		"user\u202Egpj.exe":                "usergpj.exe",
		"\u2066x\u2069\u200F":              "x",
		"in\u200Bvi\uFEFFsible":            "invisible",
		"👨\u200D👩\u200D👧 ❤\uFE0F":          "👨\u200D👩\u200D👧 ❤\uFE0F",
		"bad \xff utf8":                    "bad \uFFFD utf8",
		"e" + strings.Repeat("\u0301", 50): "e" + strings.Repeat("\u0301", MaxMarks),
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanLeavesNothingDangerous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		got := Clean(rapid.String().Draw(t, "text"))
		if !utf8.ValidString(got) {
			t.Fatal("not UTF-8")
		}
		for _, r := range got {
			if dropped(r) || r < ' ' && r != '\n' {
				t.Fatalf("%U is left", r)
			}
		}
	})
}

func TestLine(t *testing.T) {
	if got := Line("Amber\nQuiet\u202E  Heron", 40); got != "Amber Quiet Heron" {
		t.Error(got)
	}
	if got := Line(strings.Repeat("x", 1<<20), 10); got != "xxxxxxxxx…" {
		t.Error(got)
	}
}

// shape writes spans as «style:text» for comparison.
func shape(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		name := ""
		for i, c := range "bisc" {
			if s.Style&(1<<i) != 0 {
				name += string(c)
			}
		}
		if s.Style&Link != 0 {
			name += "→" + s.URL
		}
		if name != "" {
			b.WriteString("«" + name + ":" + s.Text + "»")
		} else {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                        "plain",
		"a *b* c":                      "a «i:b» c",
		"a **b** _c_ ~~d~~ `e`":        "a «b:b» «i:c» «s:d» «c:e»",
		"**bold *both* bold**":         "«b:bold »«bi:both»«b: bold»",
		"2 * 3 * 4":                    "2 * 3 * 4",
		"snake_case_name":              "snake_case_name",
		"*open":                        "*open",
		"`*not* italic`":               "«c:*not* italic»",
		"```\nx := 1\ny\n```":          "«c:x := 1\ny»",
		"see https://a.b/c_d_e. Then":  "see «→https://a.b/c_d_e:https://a.b/c_d_e». Then",
		"(http://a.b/x(y))":            "(«→http://a.b/x(y):http://a.b/x(y)»)",
		"mailto:a@b.c, javascript:x":   "«→mailto:a@b.c:mailto:a@b.c», javascript:x",
		"file:///etc/passwd ftp://a.b": "file:///etc/passwd ftp://a.b",
		"https://user:pw@evil.org":     "https://user:pw@evil.org",
		"HTTPS://A.B":                  "«→https://A.B:HTTPS://A.B»",
		"https:// x":                   "https:// x",
		"*https://a.b/x*":              "«i→https://a.b/x:https://a.b/x»",
		"a **b":                        "a **b",
		"`":                            "`",
	} {
		if got := shape(Parse(in)); got != want {
			t.Errorf("Parse(%q)\n got %s\nwant %s", in, got, want)
		}
	}
}

func TestParseLosesNoLetters(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", " ", "*", "**", "_", "`", "```", "~~", "\n", "https://a.b/", "ж", ":", ")"})
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOf(piece).Draw(t, "pieces"), "")
		var out strings.Builder
		for _, s := range Parse(in) {
			out.WriteString(s.Text)
		}
		letters := func(s string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune("*_`~\n", r) {
					return -1
				}
				return r
			}, s)
		}
		if letters(in) != letters(out.String()) {
			t.Fatalf("%q became %q", in, out.String())
		}
	})
}

// Hostile texts must cost about what their length says.
func BenchmarkParseHostile(b *testing.B) {
	for name, unit := range map[string]string{
		"stars": "*", "open": " *a", "under": "._a", "ticks": "`a``", "links": "https://a.b/_*", "colons": ":", "plain": "word ",
	} {
		in := strings.Repeat(unit, 32<<10/len(unit))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				Parse(in)
			}
		})
	}
}
