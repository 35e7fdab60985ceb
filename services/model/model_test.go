// Package model plays people with several devices against an oracle: private groups and private texts over the real services,
// their databases, and a network that loses, doubles, delays and is cut.
package model_test

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

// How many rounds are played by default, and how much happens in each at most; more under make prove.
var (
	rounds = 8
	length = 40
)

// steady makes the rounds the same each time, so that who changes something else is not stopped by a schedule that nobody has
// seen. Empty, as under make prove, they are others each time.
var steady = "1"

// root is the folder of everything that the tests store.
var root string

func TestMain(m *testing.M) {
	var err error
	if root, err = os.MkdirTemp("", "model"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(root); err != nil {
		panic(err)
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// TestPeopleWithTwoDevicesEach lets five people do what people do in groups and in private, on whichever of their devices and
// at the same time. In the end all devices of who is in a group have the same group, and every device has the texts that it is
// to have, once, and no others.
func TestPeopleWithTwoDevicesEach(t *testing.T) {
	n := rounds
	if testing.Short() {
		n = max(n/8, 1)
	}
	flags := flag.Lookup("rapid.checks")
	if flags.Value.String() == flags.DefValue {
		defer func() { _ = flag.Set(flags.Name, flags.DefValue) }()
		checks := n
		if testing.Short() {
			checks *= 5 // which rapid divides by
		}
		if err := flag.Set(flags.Name, strconv.Itoa(checks)); err != nil {
			t.Fatal(err)
		}
	}
	if seed := flag.Lookup("rapid.seed"); steady != "" && seed.Value.String() == seed.DefValue {
		defer func() { _ = flag.Set(seed.Name, seed.DefValue) }()
		if err := flag.Set(seed.Name, steady); err != nil {
			t.Fatal(err)
		}
	}
	for _, how := range []dawn{{}, {strangers: true}, {paired: true}, {strangers: true, paired: true}} {
		synctest.Test(t, func(t *testing.T) {
			if err := makeDawn(how); err != nil {
				t.Fatal(err)
			}
		})
	}
	var all tally
	rapid.Check(t, func(r *rapid.T) {
		s := drawScript(r, length)
		rapid.SyncTest(r, func(r *rapid.T) { round(r, s, &all) })
	})
	t.Logf("texts on devices: %+v", all)
}

// round plays one script.
func round(r *rapid.T, s script, all *tally) {
	dir, err := os.MkdirTemp(root, "round")
	if err != nil {
		r.Fatal(err)
	}
	w, err := newWorld(dir, s)
	if err == nil {
		err = w.play(s)
	}
	if err == nil {
		err = w.end(all)
	}
	if w != nil {
		if closing := w.close(); err == nil {
			err = closing
		}
	}
	if removing := os.RemoveAll(dir); err == nil {
		err = removing
	}
	if err != nil {
		if w != nil {
			r.Logf("seed %d, loss %d %%, %+v\n%s", s.seed, s.loss, s.dawn, &w.diary)
		}
		r.Fatal(err) // the same words each time that the same thing is wrong
	}
}
