package history

import (
	"context"
	"errors"
	"net/url"
	"time"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

// Node is the id of a node: the Keccak-256 of its public key (devp2p).
type Node = [32]byte

// Topic is a Whisper topic.
type Topic = [4]byte

// Mailserver is a server of ours as the network knows it now: one that the network names or the person added.
type Mailserver struct {
	Node      Node
	Enode     string // enode URL
	Connected bool
	Retention time.Duration // for how long it promises to keep what it acknowledges; 0: it promises nothing
}

// Ask is one question (Status spec 4/WHISPER-MAILSERVER): what was sent from From to To, both included, on Topics.
type Ask struct {
	Topics   []Topic
	From, To uint32 // Unix seconds
	Limit    int    // envelopes of the answer
	Cursor   []byte // goes on where an answer of the same server ended; nil: from the beginning
	Order    Order  // of that answer
}

// Envelope is one that a mailserver gave.
type Envelope struct {
	Hash [32]byte
	*whisper.Envelope
}

// Order is the direction in which a server gives its envelopes.
type Order = mailserver.Order

// Page is one answer: envelopes, the oldest first, and, where there may be more, the place to go on from and the direction.
type Page struct {
	Envelopes []Envelope
	Cursor    []byte
	Order     Order
}

// Line is the way to mailservers. Its methods may be called from any goroutine, one at a time for a server.
type Line interface {
	// Ask puts a question and waits for the whole answer. Its errors wrap a Fault where the server is to blame.
	Ask(ctx context.Context, server Node, ask Ask) (Page, error)
	// Take opens envelopes in their order and hands them to whoever listens to their topics. When it returns they were handed
	// over.
	Take(ctx context.Context, server Node, envelopes []Envelope) error
}

// Network knows the mailservers of ours.
type Network interface {
	Mailservers(ctx context.Context) ([]Mailserver, error)
	// Dismiss leaves a mailserver that serves badly, for a while, so that another takes its place. One that a person named
	// stays, and so does one of a network with few nodes.
	Dismiss(server Node)
}

// Fault is what a mailserver did wrong.
type Fault string

// The faults of mailservers.
const (
	Silent  Fault = "silent"  // no answer in time
	Gone    Fault = "gone"    // the connection ended
	Refused Fault = "refused" // it said no
	Busy    Fault = "busy"    // it has too much to do
	Flood   Fault = "flood"   // it sent more than was asked for
	Large   Fault = "large"   // what was asked for is more than fits: no fault of its own, unless nothing less helps
	Lied    Fault = "lied"    // its answer contradicts itself or the question
)

// Error makes a Fault an error.
func (f Fault) Error() string { return "mailserver fault: " + string(f) }

// faultOf is the fault in err's chain. A question that ran out of time was not answered; what cannot be told otherwise counts
// as a refusal.
func faultOf(err error) Fault {
	if f, ok := errors.AsType[Fault](err); ok {
		return f
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Silent
	}
	return Refused
}

// sentence says a fault for a person.
func (f Fault) sentence(name string) string {
	switch f {
	case Silent:
		return name + " did not answer in time."
	case Busy:
		return name + " has too much to do now."
	case Gone:
		return "The connection to " + name + " broke."
	case Flood, Large:
		return name + " sent more than it was asked for."
	case Lied:
		return name + " gave an answer that cannot be true."
	default:
		return name + " refused to answer."
	}
}

// NameOf is what a node is called: the host name or address in its enode URL.
func NameOf(enode string) string {
	u, err := url.Parse(enode)
	if err != nil || u.Hostname() == "" {
		return "A mailserver"
	}
	return u.Hostname()
}
