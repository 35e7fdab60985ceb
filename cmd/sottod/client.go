package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"sotto/services"
	"sotto/services/account"
	"sotto/services/fault"
)

const clientHelp = `An account for scripts: JSON-RPC 2.0, one object a line, parameters by name.

It speaks on its standard input and output or, with --socket, to any number of connections. Each is greeted by an
event.ready line and receives all notifications. The methods are described in docs/sottod.md. It stops cleanly on SIGTERM
and SIGINT and, on standard input, at its end, having stored everything it was told.

Usage:

  sottod client [flags]

Flags:

  --data DIR            where accounts are kept (default: the folder of the window's)
  --listen HOST:PORT    TCP address to listen on; port 0 for a random one (default :0)
  --nat none|auto       ask the router to map the port (default auto; none when listening on loopback)
  --public HOST:PORT    the address under which others reach this node, if it is another one
  --socket PATH         speak on this Unix socket (mode 0600) instead of standard input and output
  --account ID          unlock this account at the start, by the keychain unless told otherwise
  --password-fd N       read the account's password from this file descriptor, up to its end or the first line's
  --ask                 ask for the account's password on the terminal
  --log-level LEVEL     debug, info, warn or error; logs go to standard error (default warn)
`

// closeTimeout is how long closing an account may take.
const closeTimeout = 20 * time.Second

type clientFlags struct {
	data, listen, nat, public string
	socket, account           string
	passwordFD                int
	ask                       bool
	level                     slog.Level
}

// What tests alone change: they cannot wait a second for each password, and try clocks that are wrong.
var (
	clientKDF account.KDF
	clientNow func() time.Time // nil: time.Now
)

// runClient is the verb: the services of a data folder, until the input or ctx ends.
func runClient(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags, code, done := parseClientFlags(args, stdout, stderr)
	if done {
		return code
	}
	surviveBrokenPipes()
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: flags.level}))
	if err := client(ctx, flags, stdin, stdout, log); err != nil {
		fmt.Fprintf(stderr, "sottod client: %s\n", plain(err))
		return exitError
	}
	return exitOK
}

func parseClientFlags(args []string, stdout, stderr io.Writer) (f clientFlags, code int, done bool) {
	fs := flag.NewFlagSet("client", flag.ContinueOnError)
	fs.StringVar(&f.data, "data", "", "")
	fs.StringVar(&f.listen, "listen", ":0", "")
	fs.StringVar(&f.nat, "nat", "auto", "")
	fs.StringVar(&f.public, "public", "", "")
	fs.StringVar(&f.socket, "socket", "", "")
	fs.StringVar(&f.account, "account", "", "")
	fs.IntVar(&f.passwordFD, "password-fd", -1, "")
	fs.BoolVar(&f.ask, "ask", false, "")
	fs.TextVar(&f.level, "log-level", slog.LevelWarn, "")
	if code, done = parseFlags(fs, args, clientHelp, stdout, stderr); done {
		return f, code, true
	}
	if err := f.check(); err != nil {
		return f, badUsage(stderr, "client", err), true
	}
	return f, exitOK, false
}

func (f *clientFlags) check() error {
	switch {
	case f.nat != "none" && f.nat != "auto":
		return fmt.Errorf("--nat is none or auto, not %q", f.nat)
	case f.account == "" && (f.passwordFD >= 0 || f.ask):
		return errors.New("--password-fd and --ask need --account")
	case f.passwordFD >= 0 && f.ask:
		return errors.New("the password comes from --password-fd or from --ask, not from both")
	case f.passwordFD == 0 && f.socket == "":
		return errors.New("descriptor 0 carries the requests; give the password on another one")
	}
	return checkAddresses(f.listen, f.public)
}

func client(ctx context.Context, f clientFlags, stdin io.Reader, stdout io.Writer, log *slog.Logger) (err error) {
	session, err := services.Open(services.Config{
		Data: f.data, Listen: f.listen, NAT: f.nat, Public: f.public, KDF: clientKDF, Now: clientNow, Version: versionString(), Log: log,
	})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		err = errors.Join(err, session.Close(ctx))
	}()
	server := newServer(session, log)
	if f.socket == "" {
		if err := unlockAtStart(ctx, session, f); err != nil {
			return unlessStopped(ctx, err, log)
		}
		return server.serveStream(ctx, stdin, stdout)
	}
	listener, err := listenPrivately(ctx, f.socket)
	if err != nil {
		return err
	}
	defer listener.Close()
	if err := unlockAtStart(ctx, session, f); err != nil {
		return unlessStopped(ctx, err, log)
	}
	line := socketReady{Event: "ready", Version: versionString(), Socket: f.socket}
	if err := writeLine(stdout, line); err != nil {
		return fmt.Errorf("print the ready line: %w", err)
	}
	return server.serveSocket(ctx, listener)
}

// socketReady is the one line that a client with a socket prints on its standard output.
type socketReady struct {
	Event   string `json:"event"`
	Version string `json:"version"`
	Socket  string `json:"socket"`
}

// unlessStopped is err, or nothing where the start was cut short because somebody asked for the end: that is clean.
func unlessStopped(ctx context.Context, err error, log *slog.Logger) error {
	if ctx.Err() == nil {
		return err
	}
	log.Info("stopped before the account was open", "error", err)
	return nil
}

func unlockAtStart(ctx context.Context, session *services.Session, f clientFlags) error {
	if f.account == "" {
		return nil
	}
	var credential account.Credential
	var err error
	switch {
	case f.passwordFD >= 0:
		credential.Password, err = passwordFrom(ctx, os.NewFile(uintptr(f.passwordFD), "password"))
	case f.ask:
		credential.Password, err = askPassword(ctx)
	}
	if err != nil {
		return err
	}
	_, err = session.Account.Unlock(ctx, f.account, credential)
	return err
}

// maxPassword bounds what is read as a password.
const maxPassword = 4096

func passwordFrom(ctx context.Context, f *os.File) (string, error) {
	if f == nil {
		return "", errors.New("the descriptor of --password-fd is not open")
	}
	defer f.Close()
	return waitForPassword(ctx, func() (string, error) {
		line, err := bufio.NewReader(io.LimitReader(f, maxPassword+1)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) || len(line) > maxPassword {
			return "", errors.New("no password could be read from the descriptor of --password-fd")
		}
		return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
	})
}

// askPassword asks on the terminal itself: standard input and output carry the requests. The terminal shows nothing of
// what is typed from before the question is put until it has been answered or ctx ends.
func askPassword(ctx context.Context) (password string, err error) {
	tty, err := os.OpenFile(terminal, os.O_RDWR, 0)
	if err != nil {
		return "", errors.New("there is no terminal to ask for the password; use --password-fd")
	}
	defer tty.Close()
	before, err := term.MakeRaw(int(tty.Fd()))
	if err != nil {
		return "", fmt.Errorf("silence the terminal: %w", err)
	}
	defer func() { err = errors.Join(err, term.Restore(int(tty.Fd()), before)) }()
	return waitForPassword(ctx, func() (string, error) {
		password, err := term.NewTerminal(tty, "").ReadPassword("Password: ")
		if err != nil {
			return "", errors.New("no password could be read from the terminal")
		}
		return password, nil
	})
}

// waitForPassword reads until ctx ends. A read that cannot be interrupted is then left behind for the end of the
// process, which is near.
func waitForPassword(ctx context.Context, read func() (string, error)) (string, error) {
	done := make(chan struct{})
	var password string
	var err error
	go func() {
		defer close(done)
		password, err = read()
	}()
	select {
	case <-done:
		return password, err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// plain is an error as its reader wants it: a refusal's sentence, or the whole text of anything else.
func plain(err error) string {
	if fault.CodeOf(err) != "" {
		return fault.Sentence(err)
	}
	return err.Error()
}
