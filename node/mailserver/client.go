package mailserver

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/whisper"
)

const (
	// DefaultTimeout is how long a client waits for the next packet of an answer.
	DefaultTimeout = 10 * time.Second
	// mostTimeouts is how many times as long one answer may take in all.
	mostTimeouts = 12
	// requestTTL is how many seconds a request's envelope lives, as deployed clients have it.
	requestTTL = 50
)

// ClientWhisper is the node that a client asks through. [whisper.Whisper] implements it.
type ClientWhisper interface {
	Trust(id enode.ID)
	Peer(id enode.ID) (whisper.PeerInfo, bool)
	Seal(ctx context.Context, p whisper.SealParams) (*whisper.Envelope, error)
	SendRequest(to enode.ID, q whisper.Request) error
	OnDirect(handle func(from enode.ID, envelopes []*whisper.Envelope) (taken bool))
	OnComplete(handle func(from enode.ID, c whisper.RequestComplete))
}

// ClientConfig sets a client up. Whisper and Key are needed.
type ClientConfig struct {
	Whisper  ClientWhisper
	Key      *ecdsa.PrivateKey // the node's, not a person's: signs requests
	Password string            // of the servers; empty: DefaultPassword
	Log      *slog.Logger      // nil: nowhere
}

// Client asks mailservers for envelopes (Status spec 4/WHISPER-MAILSERVER). Its methods may be called from any goroutine.
type Client struct {
	cfg     ClientConfig
	key     func() whisper.SymKey
	unasked atomic.Uint64

	mu    sync.Mutex
	lines map[enode.ID]*line
}

// NewClient makes a client, which takes all packets 125 and 127 that the node gets from trusted peers until Close.
func NewClient(cfg ClientConfig) *Client {
	cfg.Password = cmp.Or(cfg.Password, DefaultPassword)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{cfg: cfg, lines: make(map[enode.ID]*line)}
	c.key = sync.OnceValue(func() whisper.SymKey { return whisper.SymKeyOf(cfg.Password) })
	cfg.Whisper.OnDirect(c.direct)
	cfg.Whisper.OnComplete(c.complete)
	return c
}

// Close leaves the packets to others. Requests that run time out.
func (c *Client) Close() {
	c.cfg.Whisper.OnDirect(nil)
	c.cfg.Whisper.OnComplete(nil)
}

// Unasked is how many envelopes came from trusted peers that nobody waited for. They were dropped.
func (c *Client) Unasked() uint64 { return c.unasked.Load() }

// Ask says what to ask for: envelopes sent from Lower to Upper, both included, on Topics.
type Ask struct {
	Lower, Upper uint32          // Unix seconds
	Topics       []whisper.Topic // at most MaxTopics; none: every topic
	Limit        int             // envelopes of one page; 0: MaxLimit, which is also the most
	After        *Cursor         // where the page before ended; nil: from the beginning
	Order        Order           // of the page before
	Timeout      time.Duration   // for the next packet of the answer; 0: DefaultTimeout
}

func (a Ask) checked() (Ask, error) {
	a.Limit = cmp.Or(a.Limit, MaxLimit)
	a.Timeout = cmp.Or(a.Timeout, DefaultTimeout)
	if a.Lower > a.Upper || a.Upper == 0 || a.Limit < 0 || a.Limit > MaxLimit || len(a.Topics) > MaxTopics || a.Timeout < 0 {
		return a, ErrAsk
	}
	return a, nil
}

// request is the ask in the words of the protocol. Some servers look at the topics, some at the bloom filter only.
func (a Ask) request() Request {
	q := Request{Lower: a.Lower, Upper: a.Upper, Topics: a.Topics, Limit: uint32(a.Limit), Cursor: a.After, Batch: true}
	for _, t := range a.Topics {
		q.Bloom.Add(t)
	}
	if len(a.Topics) == 0 {
		q.Bloom = whisper.FullBloom()
	}
	return q
}

// Request asks a mailserver for one page and waits until it is complete; a page that is not, is no page. It makes the
// server a trusted peer of the node. A server is asked one thing at a time: who comes second waits. Errors are those of
// this package, wrapped, or that of ctx. Nothing of the page has been opened: [whisper.Whisper.Take] does it.
func (c *Client) Request(ctx context.Context, server enode.ID, a Ask) (Page, error) {
	a, err := a.checked()
	if err != nil {
		return Page{}, err
	}
	l := c.line(server)
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return Page{}, context.Cause(ctx)
	}
	page, err := c.ask(ctx, server, l, a)
	if err != nil {
		c.cfg.Log.Debug("mailserver did not give a page", "server", server, "err", err)
	}
	return page, err
}

func (c *Client) ask(ctx context.Context, server enode.ID, l *line, a Ask) (Page, error) {
	info, connected := c.cfg.Whisper.Peer(server)
	if !connected {
		return Page{}, ErrNotConnected
	}
	c.cfg.Whisper.Trust(server)
	e, err := c.seal(ctx, a)
	if err != nil {
		return Page{}, err
	}
	raw := e.Encode()
	p := newPending(whisper.HashOf(raw), a.Limit)
	c.begin(l, p)
	defer c.end(l, p)
	if err := c.cfg.Whisper.SendRequest(server, whisper.Request{Envelope: raw}); err != nil {
		return Page{}, fmt.Errorf("%w: %w", ErrNotConnected, err)
	}
	done, err := c.await(ctx, server, info.Since, p, a.Timeout)
	if err != nil {
		return Page{}, err
	}
	if done.Failure != nil {
		return Page{}, refused(*done.Failure)
	}
	return check(a, p.envelopes, done)
}

func (c *Client) seal(ctx context.Context, a Ask) (*whisper.Envelope, error) {
	key := c.key()
	e, err := c.cfg.Whisper.Seal(ctx, whisper.SealParams{
		TTL: requestTTL, Payload: EncodeRequest(a.request()), SymKey: &key, Signer: c.cfg.Key,
	})
	if err != nil {
		return nil, fmt.Errorf("seal a request: %w", err)
	}
	return e, nil
}

// await waits for the completion, as long as the answer makes progress and the server stays.
func (c *Client) await(ctx context.Context, server enode.ID, since time.Time, p *pending, timeout time.Duration) (whisper.RequestComplete, error) {
	next, all := time.NewTimer(timeout), time.NewTimer(mostTimeouts*timeout)
	look := time.NewTicker(time.Second)
	defer next.Stop()
	defer all.Stop()
	defer look.Stop()
	var none whisper.RequestComplete
	for {
		select {
		case done := <-p.done:
			return done, nil
		case err := <-p.tooMuch:
			return none, err
		case <-p.progress:
			next.Reset(timeout)
		case <-next.C:
			return none, ErrTimeout
		case <-all.C:
			return none, fmt.Errorf("%w: it sent for %v without an end", ErrTimeout, mostTimeouts*timeout)
		case <-look.C:
			if info, connected := c.cfg.Whisper.Peer(server); !connected || !info.Since.Equal(since) {
				return none, fmt.Errorf("%w: it left", ErrNotConnected)
			}
		case <-ctx.Done():
			return none, context.Cause(ctx)
		}
	}
}

// refused is the error for a server's words.
func refused(text string) error {
	text = whisper.Printable(text)
	if slices.ContainsFunc(busyWords, func(w string) bool { return strings.HasPrefix(text, w) }) {
		return ErrBusy
	}
	if text == "" {
		return ErrRefused
	}
	return fmt.Errorf("%w: %s", ErrRefused, text)
}

// Errors of [Client.Request]. Each says in words what is wrong with the server or the way to it.
var (
	ErrNotConnected = errors.New("the mailserver is not connected")
	ErrTimeout      = errors.New("the mailserver did not answer in time")
	ErrBusy         = errors.New("the mailserver has too much to do now")
	ErrRefused      = errors.New("the mailserver refused the request") // with the server's words: printable ASCII, at most 200 bytes
	ErrFlood        = errors.New("the mailserver sent more than was asked for")
	ErrLarge        = errors.New("the page is larger than 32 MiB: ask for fewer envelopes")   // no fault of the server
	ErrLied         = errors.New("the mailserver's answer contradicts itself or the request") // with how
	ErrAsk          = errors.New("mailserver: range, limit or topics are out of bounds")
)
