package transit

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	for text, want := range map[string]any{
		`null`:                                   nil,
		`true`:                                   true,
		`-7`:                                     int64(-7),
		`1.5`:                                    1.5,
		`9223372036854775808`:                    float64(1 << 63),
		`"plain"`:                                "plain",
		`"~~tilde"`:                              "~tilde",
		`"~^hat"`:                                "^hat",
		"\"~`tick\"":                             "`tick",
		`"~"`:                                    "~",
		`"~:word"`:                               keyword("word"),
		`"~i157130000012300"`:                    int64(157130000012300),
		`"~_"`:                                   nil,
		`"~?t"`:                                  true,
		`"~?f"`:                                  false,
		`"~u0b1f"`:                               tagged{"u", "0b1f"},
		`[]`:                                     []any{},
		`["~#set",[1,2]]`:                        tagged{"set", []any{int64(1), int64(2)}},
		`["^ "]`:                                 mapping{},
		`["^ ","~:a",1,"b",["^ "]]`:              mapping{"a": int64(1), "b": mapping{}},
		`["~:long","^0","~:abc","^0"]`:           []any{keyword("long"), keyword("long"), keyword("abc"), keyword("long")},
		`[["^ ","long",1],["^ ","^0",2],"long"]`: []any{mapping{"long": int64(1)}, mapping{"long": int64(2)}, "long"},
		`[["~#some",1],["^0",2]]`:                []any{tagged{"some", int64(1)}, tagged{"some", int64(2)}},
	} {
		got, err := read([]byte(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v", text, got, err)
		}
	}
}

func TestReadRefusals(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":           "",
		"no JSON":           "[",
		"cut off":           `["~#c4",["hi"`,
		"something behind":  `[] []`,
		"object":            `{"~#c4":["hi"]}`,
		"object within":     `[{}]`,
		"no UTF-8":          "[\"\xff\"]",
		"unknown code":      `["^0"]`,
		"code beyond":       `["~:long","^1"]`,
		"code of four":      `["~:long","^000"]`,
		"code of no digit":  `["~:long","^\u0000"]`,
		"lone hat":          `["^"]`,
		"map mark alone":    `"^ "`,
		"map mark behind":   `[1,"^ "]`,
		"tag alone":         `"~#c4"`,
		"tag behind":        `[1,"~#c4"]`,
		"tag without value": `["~#c4"]`,
		"tag with two":      `["~#c4",1,2]`,
		"tag of a tag":      `["~#c4","~#c4"]`,
		"half a map":        `["^ ","~:a"]`,
		"key twice":         `["^ ","~:a",1,"a",2]`,
		"key of a number":   `["^ ",1,2]`,
		"mark as a value":   `["^ ","~:a","^ "]`,
		"number too large":  `["~i99999999999999999999"]`,
		"number of no kind": `[1e999]`,
		"too deep":          strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
		"too many":          "[0" + strings.Repeat(",0", maxValues) + "]",
		"too large":         `["` + strings.Repeat("x", MaxPayload) + `"]`,
	} {
		if v, err := read([]byte(text)); !errors.Is(err, ErrMalformed) || v != nil {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
	deep := strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth)
	many := "[0" + strings.Repeat(",0", maxValues-2) + "]"
	for _, text := range []string{deep, many} {
		if _, err := read([]byte(text)); err != nil {
			t.Errorf("at the bounds: %v", err)
		}
	}
}

// The length of a key counts in the units of JavaScript: a code stands for the first text that is worth one.
func TestCacheCountsUnits(t *testing.T) {
	got, err := read([]byte(`[["^ ","äöü",1],["^ ","four",2],["^ ","^0",3]]`))
	if want := []any{mapping{"äöü": int64(1)}, mapping{"four": int64(2)}, mapping{"four": int64(3)}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

// Behind the last of its places the cache begins anew, with the first code.
func TestCacheRolls(t *testing.T) {
	var text strings.Builder
	text.WriteString("[")
	for i := range cacheSize {
		fmt.Fprintf(&text, `"~:k%04d",`, i)
	}
	text.WriteString(`"^0","^[","^10","^[[","~:next","^0"]`)
	v, err := read([]byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	list := v.([]any)
	want := []any{keyword("k0000"), keyword("k0043"), keyword("k0044"), keyword("k1935"), keyword("next"), keyword("next")}
	if got := list[cacheSize:]; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := read([]byte(strings.Replace(text.String(), `"^0"]`, `"^1"]`, 1))); err == nil {
		t.Error("a code from before is still known")
	}
}
