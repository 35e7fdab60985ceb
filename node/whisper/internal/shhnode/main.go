// Command shhnode runs one Whisper node that a test drives: one JSON object a line on standard input, one a line on
// standard output. It is our side of the module interop, whose foreign node answers the same commands; it is part of
// no release. It listens on a loopback address and refuses any other.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
)

// maxLine bounds a command: a payload of several MiB in hex.
const maxLine = 32 << 20

type options struct {
	addr   string
	minPoW float64
	light  bool
	narrow bool
	mail   bool
}

func main() {
	var o options
	flag.StringVar(&o.addr, "addr", "127.0.0.1:0", "loopback address to listen on")
	flag.Float64Var(&o.minPoW, "minpow", 0.002, "least proof of work to accept")
	flag.BoolVar(&o.light, "light", false, "be a light node: hand nothing on, ask for subscribed topics only")
	flag.BoolVar(&o.narrow, "narrow", false, "ask for subscribed topics only")
	flag.BoolVar(&o.mail, "mail", false, "be a mailserver, with an archive in memory")
	flag.Parse()
	if err := run(o, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "shhnode:", err)
		os.Exit(1)
	}
}

func run(o options, in io.Reader, out io.Writer) error {
	host, _, err := net.SplitHostPort(o.addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is not a loopback address", host)
	}
	n, err := start(o, json.NewEncoder(out))
	if err != nil {
		return err
	}
	defer n.stop()
	ready := n.info()
	ready["event"] = "ready"
	n.print(ready)
	return n.serve(in)
}

// serve answers commands until quit or the input's end.
func (n *node) serve(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			n.print(object{"id": 0, "ok": false, "error": "bad command: " + err.Error()})
			continue
		}
		n.answer(&c)
		if c.Cmd == "quit" {
			return nil
		}
	}
	return lines.Err()
}

// answer does one command and prints its result under its id.
func (n *node) answer(c *command) {
	result, err := n.do(c)
	if result == nil {
		result = object{}
	}
	result["id"], result["ok"] = c.ID, err == nil
	if err != nil {
		result["error"] = err.Error()
	}
	n.print(result)
}
