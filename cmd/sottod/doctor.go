package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"sotto/node/overlay"
	"sotto/services/invite"
)

const doctorHelp = `Find out what keeps a relay or a network from working: the data folder and its rights, free space, the ports, whether the
public address leads here, the clock, and each node that is named. Every line says what was looked at, what was found, and
what to do about it. It ends with 1 where something is wrong.

Only nodes that are named on the command line, in the data folder's invite link, or with the relay's --peer are dialled.

Usage:

  sottod doctor [--data DIR]              a relay on this computer, and the nodes that it knows
  sottod doctor [--data DIR] INVITE|ENODE…  these nodes, from this computer

Flags:

  --data DIR            the relay's data folder (default: the folder for programs' data, unless nodes are named)
`

// doctor looks, and writes down what it finds.
type doctor struct {
	ctx  context.Context
	data string // empty: only nodes are looked at
	out  io.Writer
	now  func() time.Time
	free func(folder string) (uint64, error)

	bad int // how much is wrong
}

func runDoctor(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("doctor", flag.ContinueOnError)
	data := fs.String("data", "", "")
	rest, code, done := parseFlagsAndArguments(fs, args, doctorHelp, stdout, stderr)
	if done {
		return code
	}
	nodes, err := nodesOf(rest)
	if err != nil {
		return badUsage(stderr, "doctor", err)
	}
	if *data == "" && len(rest) == 0 {
		if *data, err = defaultRelayData(); err != nil {
			return badUsage(stderr, "doctor", err)
		}
	}
	d := &doctor{ctx: ctx, data: *data, out: stdout, now: time.Now, free: freeSpace}
	d.examine(nodes)
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "sottod doctor: stopped before everything was looked at")
		return exitError
	}
	return d.conclude()
}

// nodesOf reads arguments: invite links and enode URLs.
func nodesOf(arguments []string) (nodes []invite.Node, err error) {
	for _, text := range arguments {
		text = strings.TrimSpace(text)
		if strings.HasPrefix(text, "enode://") {
			if _, err := overlay.ParseEnode(text); err != nil {
				return nil, err
			}
			nodes = append(nodes, invite.Node{Enode: text})
			continue
		}
		inv, err := invite.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("neither an invite link nor an enode URL: %s", plain(err))
		}
		nodes = append(nodes, inv.Nodes...)
	}
	return nodes, nil
}

// examine looks at everything. Nodes that are named take the place of those that the relay knows.
func (d *doctor) examine(nodes []invite.Node) {
	own := ""
	if d.data != "" {
		state, ok := d.folder()
		if ok {
			own = state.Enode
			d.ports(state)
		}
		if len(nodes) == 0 {
			nodes = d.known(state)
		}
	}
	d.peers(without(nodes, own))
}

func (d *doctor) conclude() int {
	switch d.bad {
	case 0:
		fmt.Fprintln(d.out, "\nEverything that was looked at works.")
		return exitOK
	case 1:
		fmt.Fprintln(d.out, "\nOne thing is wrong.")
	default:
		fmt.Fprintf(d.out, "\n%d things are wrong.\n", d.bad)
	}
	return exitError
}

// good, note and wrong write a line: what was looked at, and what was found. What is wrong comes with its remedy.
func (d *doctor) good(what, found string) { d.line("ok", what, found) }

func (d *doctor) note(what, found string) { d.line("note", what, found) }

func (d *doctor) wrong(what, found, remedy string) {
	d.bad++
	d.line("WRONG", what, found)
	fmt.Fprintf(d.out, "%7sRemedy: %s\n", "", remedy)
}

func (d *doctor) line(level, what, found string) {
	fmt.Fprintf(d.out, "%-6s %s: %s\n", level, what, found)
}

// printable is foreign text as it may be shown on a terminal: one line, bounded, without what moves its cursor.
func printable(text string) string {
	const most = 80
	var b strings.Builder
	for _, r := range text {
		if b.Len() >= most {
			return b.String() + "…"
		}
		if !unicode.IsPrint(r) {
			r = '?'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// asRoot is what somebody is told whom a file's rights keep out.
func asRoot() string {
	if os.Geteuid() == 0 {
		return "give the folder to the user that the relay runs as"
	}
	return "run this as the user that the relay runs as, or as root"
}
