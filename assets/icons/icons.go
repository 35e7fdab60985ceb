// Package icons holds the pictures of the window: small one-colour signs, which the theme paints, and the program's own
// icon. All are drawn for Sotto, as filled shapes on a grid of 24 (the program's icon: 512).
package icons

import (
	"embed"
	"fmt"
)

//go:embed *.svg
var files embed.FS

// SVG returns the picture of this name, without the ending. It panics when there is none, which a test of every caller
// would show.
func SVG(name string) []byte {
	b, err := files.ReadFile(name + ".svg")
	if err != nil {
		panic(fmt.Sprintf("icons: no picture %q", name))
	}
	return b
}

// Names lists the pictures, without the ending.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // an embedded root is always there
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()[:len(e.Name())-len(".svg")]
	}
	return names
}
