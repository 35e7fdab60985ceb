package app

import (
	"errors"
	"fmt"
	"io"

	"sotto/node/overlay"
)

// ID names the program to the desktop.
const ID = "im.sotto.Sotto"

// ErrNoDisplay says that there is nowhere to show a window.
var ErrNoDisplay = errors.New("there is no display here: Sotto needs a screen to show its window")

// Config is what the program was started with.
type Config struct {
	Data   string    // folder of accounts; empty: this system's own place for programs' data
	Listen string    // HOST:PORT; empty: a random port
	NAT    string    // "auto" or "none"
	Public string    // HOST:PORT under which others reach this node
	Theme  string    // light, dark or system, for this start only; empty: what was chosen last
	Trace  bool      // print a JSON line on Out for each message that is shown
	Link   string    // what to open: a link that was clicked elsewhere; may be empty
	Demo   string    // folder for pictures: run the demonstration in place of the program
	Out    io.Writer // standard output
}

// check refuses addresses that were mistyped, before an account is blamed for them.
func (c Config) check() error {
	if c.Listen != "" {
		if err := overlay.CheckListen(c.Listen); err != nil {
			return fmt.Errorf("--listen: %w", err)
		}
	}
	if c.Public != "" {
		if err := overlay.CheckPublic(c.Public); err != nil {
			return fmt.Errorf("--public: %w", err)
		}
	}
	return nil
}
