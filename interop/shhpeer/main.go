// Command shhpeer runs one go-ethereum 1.9.20 Whisper v6 node that a test drives: one JSON object a line on standard
// input, one a line on standard output. It listens on a loopback address and refuses any other.
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
	addr, key            string
	minPoW               float64
	light, mail, verbose bool
	maxPeers             int
}

func main() {
	var o options
	flag.StringVar(&o.addr, "addr", "127.0.0.1:0", "loopback address to listen on")
	flag.StringVar(&o.key, "key", "", "node private key (32 bytes, hex); random when empty")
	flag.Float64Var(&o.minPoW, "minpow", 0.002, "least proof of work to accept")
	flag.BoolVar(&o.light, "light", false, "be a light client: empty bloom filter, no relaying")
	flag.IntVar(&o.maxPeers, "maxpeers", 50, "most peers")
	flag.BoolVar(&o.mail, "mail", false, "archive envelopes in memory and answer packet 126")
	flag.BoolVar(&o.verbose, "v", false, "go-ethereum's log on standard error")
	flag.Parse()
	if err := run(o, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "shhpeer:", err)
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
	p, err := start(o, json.NewEncoder(out))
	if err != nil {
		return err
	}
	defer p.stop()
	p.print(p.info("ready"))
	return p.serve(in)
}

// serve answers commands until quit or the input's end.
func (p *peer) serve(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			p.print(object{"id": 0, "ok": false, "error": "bad command: " + err.Error()})
			continue
		}
		p.answer(&c)
		if c.Cmd == "quit" {
			return nil
		}
	}
	return lines.Err()
}

// answer does one command and prints its result under its id.
func (p *peer) answer(c *command) {
	result, err := p.do(c)
	if result == nil {
		result = object{}
	}
	result["id"], result["ok"] = c.ID, err == nil
	if err != nil {
		result["error"] = err.Error()
	}
	p.print(result)
}
