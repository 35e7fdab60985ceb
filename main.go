// Sotto is a desktop messenger over a network of one's own: public channels over Whisper v6, without a server but yours.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"sotto/app"
)

// exitNoDisplay is the exit code where there is no display; the demonstration needs none.
const exitNoDisplay = 3

func main() {
	cfg := app.Config{Out: os.Stdout}
	flag.StringVar(&cfg.Data, "data", "", "`folder` of accounts (default: this system's own)")
	flag.StringVar(&cfg.Listen, "listen", "", "`HOST:PORT` to listen on (default: a random port)")
	flag.StringVar(&cfg.NAT, "nat", "auto", "ask the router to map the port: auto or none")
	flag.StringVar(&cfg.Public, "public", "", "`HOST:PORT` under which others reach this computer")
	flag.StringVar(&cfg.Theme, "theme", "", "light, dark or system, for this start only")
	flag.BoolVar(&cfg.Trace, "trace", false, "print a line for each message that is shown")
	flag.StringVar(&cfg.Demo, "demo", "", "let two accounts talk on this machine; pictures go to `folder`")
	flag.Parse()
	cfg.Link = flag.Arg(0) // the desktop hands over what was clicked
	err := app.Run(cfg)
	switch {
	case err == nil:
	case errors.Is(err, app.ErrNoDisplay):
		fmt.Fprintln(os.Stderr, "There is no display here, and Sotto needs one for its window.")
		os.Exit(exitNoDisplay)
	default:
		fmt.Fprintln(os.Stderr, "Sotto cannot start:", err)
		os.Exit(1)
	}
}
