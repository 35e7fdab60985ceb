package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"sotto/node/overlay"
	"sotto/node/payload"
	"sotto/services/account"
	"sotto/services/invite"
)

const relayHelp = `A network of your own in one process: a boot node, a Whisper v6 relay on devp2p, and a mailserver.

It prints one line on its standard output when it is ready, {"event":"ready","enode":…,"listen":…,"invite":…}: the invite
is the link that others join with. The link is kept in the data folder, as invite.txt and as a QR code, invite.png. It logs
JSON to its standard error, and stops cleanly on SIGTERM and SIGINT.

Usage:

  sottod relay [flags]

The network:

  --name NAME           what the network is called in the invite link (default "Sotto network")
  --channel NAME        the first channel of the invite link (default lobby)
  --data DIR            where the node key, the invite and the archive are kept (default: the folder for programs' data)
  --listen HOST:PORT    TCP and UDP address to listen on; port 0 for a random one (default :30303)
  --nat none|auto       ask the router to map the port (default auto; none when listening on loopback)
  --public HOST:PORT    the address under which others reach this relay, if it is another one
  --peer ENODE          stay connected to this node; may be given several times
  --trust ENODE         let this node in when all places are taken; may be given several times

What it does:

  --no-boot             do not help others to find nodes (nothing listens on UDP then)
  --no-relay            do not hand messages on: it still takes them from its peers, to archive them
  --no-mail             do not keep messages for those who are away

The mailserver:

  --archive WHERE       a file, or postgres://… (default archive.db in the data folder)
  --archive-file FILE   read WHERE from this file, so that its password is in no list of processes; the environment's
                        SOTTOD_ARCHIVE does the same
  --retention TIME      how long messages are kept, such as 30d or 12h (default 30d)
  --archive-bytes SIZE  how much is kept at most, such as 20G; the oldest goes first (default 0: any number)
  --mail-password-file FILE
                        the password that requests are encrypted with (default: the one that every client knows)
  --mail-allow ENODE    answer only this node; may be given several times (default: everybody)

Limits and what to watch:

  --max-peers N         how many may connect (default 300)
  --pow N               least proof of work that is accepted, at most 0.002 (default 0.000002)
  --max-message BYTES   largest envelope that is accepted (default 1048576)
  --pool MB             memory for envelopes that wait for their expiry (default 256)
  --metrics HOST:PORT   serve /metrics (Prometheus) and /healthz on this loopback address (default off)
  --log-level LEVEL     debug, info, warn or error (default info)
`

type relayFlags struct {
	name, channel                      string
	data, listen, nat, public, metrics string
	peers, trusted                     []string
	noBoot, noRelay, noMail            bool
	mail                               mailFlags
	maxPeers, maxMessage               int
	poolMB                             int64
	pow                                float64
	level                              slog.Level
}

// parseRelayFlags refuses what could only fail later, so that a mistyped flag is told as one.
func parseRelayFlags(args []string, stdout, stderr io.Writer) (f relayFlags, code int, done bool) {
	fs := flag.NewFlagSet("relay", flag.ContinueOnError)
	f.defineNetwork(fs)
	f.mail.define(fs)
	fs.StringVar(&f.metrics, "metrics", "", "")
	fs.IntVar(&f.maxPeers, "max-peers", 300, "")
	fs.IntVar(&f.maxMessage, "max-message", 1<<20, "")
	fs.Int64Var(&f.poolMB, "pool", 256, "")
	fs.Float64Var(&f.pow, "pow", 0.000002, "")
	fs.TextVar(&f.level, "log-level", slog.LevelInfo, "")
	if code, done = parseFlags(fs, args, relayHelp, stdout, stderr); done {
		return f, code, true
	}
	if err := errors.Join(f.check(), f.checkMail(fs), f.setData()); err != nil {
		return f, badUsage(stderr, "relay", err), true
	}
	return f, exitOK, false
}

func (f *relayFlags) defineNetwork(fs *flag.FlagSet) {
	fs.StringVar(&f.name, "name", "Sotto network", "")
	fs.StringVar(&f.channel, "channel", "lobby", "")
	fs.StringVar(&f.data, "data", "", "")
	fs.StringVar(&f.listen, "listen", ":30303", "")
	fs.StringVar(&f.nat, "nat", "auto", "")
	fs.StringVar(&f.public, "public", "", "")
	fs.Func("peer", "", enodes(&f.peers))
	fs.Func("trust", "", enodes(&f.trusted))
	fs.BoolVar(&f.noBoot, "no-boot", false, "")
	fs.BoolVar(&f.noRelay, "no-relay", false, "")
	fs.BoolVar(&f.noMail, "no-mail", false, "")
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
	case f.noBoot && f.noRelay && f.noMail:
		return errors.New("--no-boot, --no-relay and --no-mail together leave nothing to do")
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
	return errors.Join(f.checkNames(), checkAddresses(f.listen, f.public))
}

// checkNames tidies the network's name and its first channel's.
func (f *relayFlags) checkNames() error {
	f.name = strings.TrimSpace(f.name)
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if n := utf8.RuneCountInString(f.name); n == 0 || n > invite.MaxName || !utf8.ValidString(f.name) || strings.ContainsFunc(f.name, unprintable) {
		return fmt.Errorf("--name is one line of 1 to %d characters", invite.MaxName)
	}
	channel, err := payload.ParsePublicName(f.channel)
	if err != nil {
		return fmt.Errorf("--channel is a name of small letters, digits and hyphens, such as lobby: %w", err)
	}
	f.channel = channel
	return nil
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
func (f *relayFlags) setData() (err error) {
	if f.data == "" {
		f.data, err = defaultRelayData()
	}
	return err
}

func defaultRelayData() (string, error) {
	paths, err := account.DefaultPaths()
	return filepath.Join(paths.Data, "relay"), err
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
