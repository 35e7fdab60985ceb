package icons

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"
)

func TestPicturesAreWellFormed(t *testing.T) {
	names := Names()
	if len(names) == 0 {
		t.Fatal("no pictures")
	}
	for _, name := range names {
		svg := SVG(name)
		if bytes.Contains(svg, []byte("stroke")) {
			t.Errorf("%s has a stroke, which the theme does not paint: use filled shapes", name)
		}
		dec := xml.NewDecoder(bytes.NewReader(svg))
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
		}
	}
}

func TestUnknownPicturePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a picture that does not exist was returned")
		}
	}()
	SVG("no-such-picture")
}
