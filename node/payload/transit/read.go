package transit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// Bounds of what is read.
const (
	MaxPayload = 1 << 20 // bytes
	maxDepth   = 16      // arrays within each other; a group's event lies six deep
	maxValues  = 1 << 14 // texts, numbers and arrays in all
)

// ErrMalformed tells that bytes are no message of the format of 2019, or one beyond the bounds.
var ErrMalformed = errors.New("transit: malformed")

// Values are what encoding/json makes of JSON, where numbers are int64, or float64 if they are not whole, and
type (
	keyword string         // "~:name"
	mapping map[string]any // by the names of keys, whether they are texts or keywords
	tagged  struct {       // of a list or set, of a message, and of whatever else has a tag
		tag   string
		value any
	}
)

// What stands at the beginning of an array and says what sort of thing it is.
type (
	tagName   string
	mapMarker struct{}
)

// reader reads one value from JSON.
type reader struct {
	dec   *json.Decoder
	cache cache
	left  int // values that may still come
}

// read reads the one value that data holds.
func read(data []byte) (any, error) {
	if len(data) > MaxPayload || !utf8.Valid(data) {
		return nil, ErrMalformed
	}
	r := reader{dec: json.NewDecoder(bytes.NewReader(data)), left: maxValues}
	r.dec.UseNumber()
	v, err := r.value(0)
	if err != nil {
		return nil, ErrMalformed
	}
	if _, err := r.dec.Token(); err != io.EOF {
		return nil, ErrMalformed
	}
	return v, nil
}

// value reads a value that must not be a mark.
func (r *reader) value(depth int) (any, error) {
	v, err := r.next(depth, false)
	if err != nil {
		return nil, err
	}
	switch v.(type) {
	case tagName, mapMarker:
		return nil, ErrMalformed
	}
	return v, nil
}

// next reads a value or a mark. key says that it is the key of a map.
func (r *reader) next(depth int, key bool) (any, error) {
	if r.left--; r.left < 0 {
		return nil, ErrMalformed
	}
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t != '[' || depth == maxDepth {
			return nil, ErrMalformed
		}
		return r.array(depth + 1)
	case json.Number:
		return number(t)
	case string:
		return r.text(t, key)
	}
	return token, nil
}

// number is a whole number, or any other that fits.
func number(n json.Number) (any, error) {
	if whole, err := n.Int64(); err == nil {
		return whole, nil
	}
	return n.Float64()
}

// array reads on behind "[".
func (r *reader) array(depth int) (any, error) {
	list := []any{}
	for r.dec.More() {
		v, err := r.next(depth, false)
		if err != nil {
			return nil, err
		}
		switch mark := v.(type) {
		case mapMarker:
			if len(list) == 0 {
				return r.mapping(depth)
			}
			return nil, ErrMalformed
		case tagName:
			if len(list) == 0 {
				return r.tagged(string(mark), depth)
			}
			return nil, ErrMalformed
		}
		list = append(list, v)
	}
	return list, r.end()
}

// end reads "]", which must follow.
func (r *reader) end() error {
	if token, err := r.dec.Token(); err != nil || token != json.Delim(']') {
		return ErrMalformed
	}
	return nil
}

// tagged reads on behind a tag: one value.
func (r *reader) tagged(tag string, depth int) (any, error) {
	v, err := r.value(depth)
	if err != nil {
		return nil, err
	}
	return tagged{tag, v}, r.end()
}

// mapping reads on behind "^ ": keys and values in turn. A key that comes twice would leave open which one counts.
func (r *reader) mapping(depth int) (any, error) {
	m := mapping{}
	for r.dec.More() {
		k, err := r.next(depth, true)
		if err != nil {
			return nil, err
		}
		name, ok := nameOf(k)
		if _, twice := m[name]; !ok || twice {
			return nil, ErrMalformed
		}
		if m[name], err = r.value(depth); err != nil {
			return nil, err
		}
	}
	return m, r.end()
}

// nameOf is the name of a key.
func nameOf(key any) (string, bool) {
	switch k := key.(type) {
	case keyword:
		return string(k), true
	case string:
		return k, true
	}
	return "", false
}

// text is what a text in the JSON stands for.
func (r *reader) text(s string, key bool) (any, error) {
	switch {
	case s == "^ ":
		return mapMarker{}, nil
	case s != "" && s[0] == '^':
		cached, ok := r.cache.lookUp(s)
		if !ok {
			return nil, ErrMalformed
		}
		return plain(cached)
	}
	r.cache.add(s, key)
	return plain(s)
}

// plain takes the escapes off a text.
func plain(s string) (any, error) {
	if len(s) < 2 || s[0] != '~' {
		return s, nil
	}
	switch kind, rest := s[1], s[2:]; kind {
	case '~', '^', '`':
		return s[1:], nil
	case '#':
		return tagName(rest), nil
	case ':':
		return keyword(rest), nil
	case 'i', 'n':
		return strconv.ParseInt(rest, 10, 64)
	case '_':
		return nil, nil
	case '?':
		return rest == "t", nil
	default:
		return tagged{string(rune(kind)), rest}, nil
	}
}
