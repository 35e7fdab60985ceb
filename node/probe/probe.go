package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/whisper"
)

// Step is how far a look came before it failed.
type Step string

// The steps, in their order.
const (
	Resolve   Step = "resolve"   // the host name has no address
	Connect   Step = "connect"   // nothing answers there
	Handshake Step = "handshake" // what answers is another node, or no devp2p node at all
	Hello     Step = "hello"     // it is the node, and wants no connection now
	Whisper   Step = "whisper"   // it does not speak Whisper v6
)

// mostSeconds bounds what a node is believed about how long it keeps envelopes: ten years.
const mostSeconds = 10 * 365 * 24 * 3600

// Failure says at which step a look ended, and why.
type Failure struct {
	Step Step
	Err  error
}

func (f *Failure) Error() string { return string(f.Step) + ": " + f.Err.Error() }

func (f *Failure) Unwrap() error { return f.Err }

// Mail is what a node answered when it was asked as a mailserver.
type Mail string

// What a node answers.
const (
	NotAsked Mail = ""
	Answered Mail = "answered" // it completed the request
	Refused  Mail = "refused"  // it is a mailserver, and does not answer this request
	Silent   Mail = "silent"   // nothing came
)

// Result is what a look found. What it did not come to is zero.
type Result struct {
	Address   string        // IP:PORT that was dialled
	Name      string        // what the node calls its program
	RTT       time.Duration // from a ping to its answer
	Ahead     time.Duration // how far its clock is ahead of ours; negative: behind
	TellsTime bool          // whether it told its clock
	Light     bool          // it hands nothing on but its own
	PoW       float64       // least proof of work that it wants
	Keeps     time.Duration // for how long it promises to keep what it acknowledges; 0: no promise
	Mail      Mail
	MailText  string // why it refused, in its own words: foreign text, not printable by itself
}

// Config says how to look. The zero value works.
type Config struct {
	Name string           // what the node sees of this program
	Mail bool             // ask it as a mailserver, too
	Now  func() time.Time // nil: time.Now
	Rand io.Reader        // nil: crypto/rand
	// Dial opens the TCP connection to an address that was resolved; nil dials.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

func (c Config) withDefaults() Config {
	if c.Name == "" {
		c.Name = "Sotto"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
	return c
}

// Node looks at the node of an enode URL (overlay.ParseEnode). The error is a *Failure; the result says what was found until
// then. It takes no longer than ctx, and 15 seconds at most.
func Node(ctx context.Context, n *enode.Node, cfg Config) (Result, error) {
	cfg = cfg.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	var r Result
	if err := look(ctx, n, cfg, &r); err != nil {
		return r, err
	}
	return r, nil
}

func look(ctx context.Context, n *enode.Node, cfg Config, r *Result) error {
	ip, err := resolve(ctx, n)
	if err != nil {
		return &Failure{Resolve, err}
	}
	r.Address = net.JoinHostPort(ip.String(), strconv.Itoa(n.TCP()))
	fd, err := cfg.Dial(ctx, "tcp", r.Address)
	if err != nil {
		return &Failure{Connect, err}
	}
	defer fd.Close()
	defer context.AfterFunc(ctx, func() { _ = fd.Close() })()
	// The key of an enode URL is on the curve: ParseEnode checked it.
	key, err := newKey(cfg.Rand)
	if err != nil {
		return &Failure{Handshake, err}
	}
	l := newLine(fd, n.Pubkey())
	if _, err := l.conn.Handshake(key); err != nil {
		return &Failure{Handshake, because(ctx, err)}
	}
	if r.Name, err = l.hello(key, cfg.Name); err != nil {
		return helloFailure(ctx, err)
	}
	if err := l.status(cfg, r); err != nil {
		return &Failure{Whisper, because(ctx, err)}
	}
	// What follows is looked at where the node answers, and is no failure where it does not: it is there, and is what is meant.
	if r.RTT, err = l.ping(cfg.Now); err == nil && cfg.Mail {
		l.askMail(cfg, r)
	}
	l.bye()
	return nil
}

func helloFailure(ctx context.Context, err error) error {
	if errors.Is(err, errNoWhisper) {
		return &Failure{Whisper, err}
	}
	return &Failure{Hello, because(ctx, err)}
}

// because tells the end of time from what it does to a connection.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// resolve is the address that the node has, or the first that its host name has.
func resolve(ctx context.Context, n *enode.Node) (net.IP, error) {
	if n.Hostname() == "" {
		return n.IP(), nil
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", n.Hostname())
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		if a = a.Unmap(); a.Is4() {
			return a.AsSlice(), nil
		}
	}
	if len(addresses) == 0 {
		return nil, fmt.Errorf("%s has no address", n.Hostname())
	}
	return addresses[0].AsSlice(), nil
}

// newKey draws until the number is a valid secret: all but once in 2^127 the first is.
func newKey(random io.Reader) (*ecdsa.PrivateKey, error) {
	var raw [32]byte
	for range 8 {
		if _, err := io.ReadFull(random, raw[:]); err != nil {
			return nil, err
		}
		if key, err := crypto.ToECDSA(raw[:]); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("the source of randomness gives no valid key")
}

// status reads the node's, and sends one that wants nothing: no topic, and as a light node.
func (l *line) status(cfg Config, r *Result) error {
	pow, none, light, confirms := 0.0, whisper.Bloom{}, false, true
	own := whisper.Status{Version: whisper.ProtocolVersion, PoW: &pow, Bloom: &none, Light: &light, Confirmations: &confirms}
	if err := l.write(whisper.CodeStatus, whisper.EncodeStatus(own)); err != nil {
		return err
	}
	asked := cfg.Now()
	payload, err := l.read(whisper.CodeStatus)
	if err != nil {
		return err
	}
	answered := cfg.Now()
	s, err := whisper.DecodeStatus(payload)
	if err != nil {
		return err
	}
	if s.PoW != nil {
		r.PoW = *s.PoW
	}
	r.Light = s.Light != nil && *s.Light
	if s.Retention != nil {
		r.Keeps = time.Duration(min(*s.Retention, mostSeconds)) * time.Second
	}
	if s.UnixMilli != nil && *s.UnixMilli < 1<<53 {
		r.TellsTime = true
		// It told its time at some moment between our question and its answer.
		r.Ahead = time.UnixMilli(int64(*s.UnixMilli)).Sub(asked.Add(answered.Sub(asked) / 2))
	}
	return nil
}

// askMail asks for nothing of the last minute, on no topic: a mailserver answers that with a completion, or with a refusal
// (Status spec 4/WHISPER-MAILSERVER, the open form).
func (l *line) askMail(cfg Config, r *Result) {
	r.Mail = Silent
	now := uint32(cfg.Now().Unix())
	q := whisper.OpenRequest{From: now - 60, To: now, Limit: 1}
	if _, err := io.ReadFull(cfg.Rand, q.ID[:]); err != nil {
		return
	}
	if err := l.write(whisper.CodeRequest, whisper.EncodeRequest(whisper.Request{Open: &q})); err != nil {
		return
	}
	for {
		payload, err := l.read(whisper.CodeRequestComplete)
		if err != nil {
			return
		}
		c, err := whisper.DecodeRequestComplete(payload)
		switch {
		case err != nil:
			return
		case c.ID != q.ID:
		case c.Failure != nil:
			r.Mail, r.MailText = Refused, *c.Failure
			return
		default:
			r.Mail = Answered
			return
		}
	}
}
