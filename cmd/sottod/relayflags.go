package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"path/filepath"

	"sotto/node/overlay"
	"sotto/services/account"
)

const relayHelp = `Carry messages for a network of your own: a Whisper v6 relay on devp2p.

It prints one line on its standard output when it is ready, {"event":"ready","enode":…,"listen":…}: the enode is what
others enter to reach it. It logs JSON to its standard error, and stops cleanly on SIGTERM and SIGINT.

Usage:

  sottod relay [flags]

Flags:

  --data DIR            where the node key is kept (default: the folder for programs' data)
  --listen HOST:PORT    TCP address to listen on; port 0 for a random one (default :30303)
  --nat none|auto       ask the router to map the port (default auto; none when listening on loopback)
  --public HOST:PORT    the address under which others reach this relay, if it is another one
  --peer ENODE          stay connected to this node; may be given several times
  --trust ENODE         let this node in when all places are taken; may be given several times
  --max-peers N         how many may connect (default 300)
  --pow N               least proof of work that is accepted, at most 0.002 (default 0.000002)
  --max-message BYTES   largest envelope that is accepted (default 1048576)
  --pool MB             memory for envelopes that wait for their expiry (default 256)
  --metrics HOST:PORT   serve Prometheus metrics on this loopback address (default off)
  --log-level LEVEL     debug, info, warn or error (default info)
`

type relayFlags struct {
	data, listen, nat, public, metrics string
	peers, trusted                     []string
	maxPeers, maxMessage               int
	poolMB                             int64
	pow                                float64
	level                              slog.Level
}

// parseRelayFlags refuses what could only fail later, so that a mistyped flag is told as one.
func parseRelayFlags(args []string, stdout, stderr io.Writer) (f relayFlags, code int, done bool) {
	fs := flag.NewFlagSet("relay", flag.ContinueOnError)
	fs.StringVar(&f.data, "data", "", "")
	fs.StringVar(&f.listen, "listen", ":30303", "")
	fs.StringVar(&f.nat, "nat", "auto", "")
	fs.StringVar(&f.public, "public", "", "")
	fs.StringVar(&f.metrics, "metrics", "", "")
	fs.Func("peer", "", enodes(&f.peers))
	fs.Func("trust", "", enodes(&f.trusted))
	fs.IntVar(&f.maxPeers, "max-peers", 300, "")
	fs.IntVar(&f.maxMessage, "max-message", 1<<20, "")
	fs.Int64Var(&f.poolMB, "pool", 256, "")
	fs.Float64Var(&f.pow, "pow", 0.000002, "")
	fs.TextVar(&f.level, "log-level", slog.LevelInfo, "")
	if code, done = parseFlags(fs, args, relayHelp, stdout, stderr); done {
		return f, code, true
	}
	if err := errors.Join(f.check(), f.setData()); err != nil {
		return f, badUsage(stderr, "relay", err), true
	}
	return f, exitOK, false
}

func enodes(to *[]string) func(string) error {
	return func(url string) error {
		if _, err := overlay.ParseEnode(url); err != nil {
			return err
		}
		*to = append(*to, url)
		return nil
	}
}

func (f *relayFlags) check() error {
	switch {
	case f.nat != "none" && f.nat != "auto":
		return fmt.Errorf("--nat is none or auto, not %q", f.nat)
	case f.maxPeers < 1 || f.maxPeers > 100_000:
		return errors.New("--max-peers is a number from 1 to 100000")
	case f.maxMessage < 1024 || f.maxMessage > 10<<20:
		return errors.New("--max-message is a number from 1024 to 10485760")
	case f.poolMB < 1 || f.poolMB > 1<<20:
		return errors.New("--pool is a number from 1 to 1048576")
	case !(f.pow >= 0 && f.pow <= 0.002): // also what is no number
		return errors.New("--pow is a number from 0 to 0.002")
	case f.metrics != "" && !isLoopback(f.metrics):
		return errors.New("--metrics is an address on loopback, such as 127.0.0.1:9090")
	}
	return checkAddresses(f.listen, f.public)
}

// checkAddresses tells a mistyped address at once: what the node says of it comes late and, in a client, to whoever
// unlocks an account.
func checkAddresses(listen, public string) error {
	if err := overlay.CheckListen(listen); err != nil {
		return fmt.Errorf("--listen is HOST:PORT, such as 127.0.0.1:30303 or :0: %w", err)
	}
	if public == "" {
		return nil
	}
	if err := overlay.CheckPublic(public); err != nil {
		return fmt.Errorf("--public is HOST:PORT, such as relay.example.org:30303: %w", err)
	}
	return nil
}

// setData takes a folder beside the accounts', where this system keeps programs' data, unless one was named.
func (f *relayFlags) setData() error {
	if f.data != "" {
		return nil
	}
	paths, err := account.DefaultPaths()
	f.data = filepath.Join(paths.Data, "relay")
	return err
}

// minPoW puts "none at all" into Whisper's words, where zero stands for the default.
func (f *relayFlags) minPoW() float64 {
	if f.pow == 0 {
		return -1
	}
	return f.pow
}

func isLoopback(address string) bool {
	ap, err := netip.ParseAddrPort(address)
	return err == nil && ap.Addr().IsLoopback()
}
