//go:build ignore

// Results reads what go test -json prints, keeps it in the file that it is given, and prints what go test would have without
// -json: a line for each package, and what failing tests said.
//
//	go test -json ./... | go run .ci/results.go build/units.json
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// event is a line of go test -json, as far as it is used here.
type event struct{ Action, Package, ImportPath, Test, Output string }

func main() {
	if err := run(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path string, in io.Reader, out io.Writer) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	said := map[[2]string]string{} // by package and test, until it is known how that ends
	for lines := bufio.NewReader(io.TeeReader(in, file)); ; {
		line, err := lines.ReadBytes('\n')
		var e event
		if json.Unmarshal(line, &e) == nil {
			tell(out, e, said)
		} else {
			_, _ = out.Write(line) // go's own words
		}
		if err == io.EOF {
			return file.Close()
		}
		if err != nil {
			return err
		}
	}
}

func tell(out io.Writer, e event, said map[[2]string]string) {
	key := [2]string{e.Package, e.Test}
	switch e.Action {
	case "output":
		said[key] += e.Output
	case "build-output":
		fmt.Fprint(out, e.Output)
	case "fail":
		fmt.Fprint(out, said[key])
		delete(said, key)
	case "pass", "skip":
		if e.Test == "" {
			fmt.Fprint(out, lastLine(said[key]))
		}
		delete(said, key)
	}
}

// lastLine is the line with which go test closes a package.
func lastLine(text string) string {
	for i := len(text) - 2; i >= 0; i-- {
		if text[i] == '\n' {
			return text[i+1:]
		}
	}
	return text
}
