package transit

import "unicode/utf16"

// The code of an entry is "^" and its place in the cache, in one or two digits to the base 44, the first of which is "0".
const (
	cacheDigits = 44
	cacheFirst  = '0'
	cacheSize   = cacheDigits * cacheDigits
	cacheLeast  = 4 // UTF-16 units that are worth a code
)

// cache holds the texts that may come again under a short code. Reader and writer fill it in the same order, so that the
// place of a text is its code; when it is full, both begin anew.
type cache struct{ list []string }

// add takes in a text as it stands in the JSON, if it is one that gets a code. Keys of maps do, and what is neither a text nor
// a number anywhere.
func (c *cache) add(text string, key bool) {
	if !key && !marked(text) || len(utf16.Encode([]rune(text))) < cacheLeast {
		return
	}
	if len(c.list) == cacheSize {
		c.list = c.list[:0]
	}
	c.list = append(c.list, text)
}

// marked tells whether a text stands for a tag, a keyword or a symbol.
func marked(text string) bool {
	return len(text) >= 2 && text[0] == '~' && (text[1] == '#' || text[1] == ':' || text[1] == '$')
}

// lookUp is the text that a code stands for.
func (c *cache) lookUp(code string) (string, bool) {
	at := 0
	if len(code) != 2 && len(code) != 3 {
		return "", false
	}
	for _, digit := range []byte(code[1:]) {
		if digit < cacheFirst || digit >= cacheFirst+cacheDigits {
			return "", false
		}
		at = at*cacheDigits + int(digit-cacheFirst)
	}
	if at >= len(c.list) {
		return "", false
	}
	return c.list[at], true
}
