package flow

import (
	"strings"
	"unicode"
)

// Style is how a piece of text is set; styles combine.
type Style uint8

// The styles.
const (
	Bold Style = 1 << iota
	Italic
	Struck
	Code
	Link
)

// Span is a piece of text of one style. URL is set with Link: what to open.
type Span struct {
	Text  string
	Style Style
	URL   string
}

// marker is a delimiter and what it switches on.
type marker struct {
	text  string
	style Style
}

// Longer markers first: ** is not two *.
var markers = []marker{
	{"```", Code}, {"`", Code}, {"**", Bold}, {"__", Bold}, {"~~", Struck}, {"*", Italic}, {"_", Italic},
}

// Parse reads cleaned text. A marker without its partner stays as it was written, and nothing inside code is read.
func Parse(s string) []Span {
	var p parser
	p.run(s, 0)
	return p.spans
}

// Plain is what is left of cleaned text without its markers.
func Plain(s string) string {
	var b strings.Builder
	for _, span := range Parse(s) {
		b.WriteString(span.Text)
	}
	return b.String()
}

type parser struct{ spans []Span }

// run reads s, which stands inside the given style.
func (p *parser) run(s string, style Style) {
	for s != "" {
		at, m, body, after := next(s, style)
		if at < 0 {
			p.plain(s, style)
			return
		}
		p.plain(s[:at], style)
		if m.style == Code {
			p.add(Span{Text: strings.Trim(body, "\n"), Style: style | Code})
		} else {
			p.run(body, style|m.style)
		}
		s = after
	}
}

// next finds the first marker in s that has a partner: where it stands, what it encloses, what follows.
func next(s string, style Style) (at int, m marker, body, after string) {
	for i := 0; i < len(s); i++ {
		if !strings.ContainsRune("`*_~", rune(s[i])) {
			continue
		}
		if inLink(s, i) {
			continue
		}
		for _, m := range markers {
			if !strings.HasPrefix(s[i:], m.text) || style&m.style != 0 {
				continue
			}
			if end := partner(s, i, m); end >= 0 {
				return i, m, s[i+len(m.text) : end], s[end+len(m.text):]
			}
			i += len(m.text) - 1
			break
		}
	}
	return -1, marker{}, "", ""
}

// partner is where the marker that opens at s[i:] closes, or -1.
func partner(s string, i int, m marker) int {
	from := i + len(m.text)
	if m.style == Code {
		if n := strings.Index(s[from:], m.text); n > 0 {
			return from + n
		}
		return -1
	}
	if !opens(s, i, from, m) {
		return -1
	}
	return closing(s, from, m)
}

// opens: something stands directly behind the marker, and _ does not stand inside a word.
func opens(s string, i, from int, m marker) bool {
	if from >= len(s) || s[from] == ' ' || s[from] == '\n' || strings.HasPrefix(s[from:], m.text) {
		return false
	}
	return m.text[0] != '_' || i == 0 || !wordByte(s[i-1])
}

// closing looks at most this far for a partner, so that a text of nothing but markers costs no more than its length.
const reach = 600

func closing(s string, from int, m marker) int {
	for j := from + 1; j <= len(s)-len(m.text) && j < from+reach; j++ {
		if s[j] == '\n' && j+1 < len(s) && s[j+1] == '\n' {
			return -1 // emphasis does not span paragraphs
		}
		if !strings.HasPrefix(s[j:], m.text) || s[j-1] == ' ' {
			continue
		}
		end := j + len(m.text)
		if len(m.text) == 1 && (end < len(s) && s[end] == m.text[0] || s[j-1] == m.text[0]) {
			continue // part of a longer marker
		}
		if m.text[0] == '_' && end < len(s) && wordByte(s[end]) {
			continue
		}
		if !inLink(s, j) {
			return j
		}
	}
	return -1
}

func wordByte(b byte) bool {
	return b >= 0x80 || unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b))
}

func (p *parser) add(s Span) {
	if s.Text != "" {
		p.spans = append(p.spans, s)
	}
}

// plain adds text without markers, with its links.
func (p *parser) plain(s string, style Style) {
	for s != "" {
		at, end, url := findLink(s)
		if at < 0 {
			p.add(Span{Text: s, Style: style})
			return
		}
		p.add(Span{Text: s[:at], Style: style})
		p.add(Span{Text: s[at:end], Style: style | Link, URL: url})
		s = s[end:]
	}
}
