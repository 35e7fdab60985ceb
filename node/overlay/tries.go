package overlay

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"
)

// maxTries is how many failed tries are remembered, one for each address.
const maxTries = 16

// Try is a node that could not be reached.
type Try struct {
	Enode   string    // enode URL of the node
	Address string    // HOST:PORT that was dialled, with "udp " before it where it was asked for other nodes
	At      time.Time // when it failed last
	Error   string    // why, in a few words of the system or of ours
}

// tries remember which addresses failed last, so that a person can be told what was tried.
type tries struct {
	now func() time.Time

	mu   sync.Mutex
	last []Try // the newest at the end
}

func (t *tries) fail(enodeURL, address string, err error) {
	if errors.Is(err, context.Canceled) {
		return // by us
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(address)
	t.last = append(t.last, Try{Enode: enodeURL, Address: address, At: t.now(), Error: why(err)})
	if len(t.last) > maxTries {
		t.last = slices.Delete(t.last, 0, 1)
	}
}

func (t *tries) reached(address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(address)
}

func (t *tries) forget(address string) {
	t.last = slices.DeleteFunc(t.last, func(old Try) bool { return old.Address == address })
}

// why is the cause without the addresses that the system puts before it.
func why(err error) string {
	var op *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer"
	case errors.As(err, &op) && op.Timeout():
		return "no answer"
	case errors.As(err, &op) && op.Err != nil:
		return op.Err.Error()
	default:
		return err.Error()
	}
}

// Tried are the addresses that could not be reached when they were tried last, the newest first, at most 16. An address that
// answered since is not among them.
func (s *Server) Tried() []Try {
	s.tries.mu.Lock()
	defer s.tries.mu.Unlock()
	last := slices.Clone(s.tries.last)
	slices.Reverse(last)
	return last
}
