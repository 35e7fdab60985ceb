package overlay

import (
	"context"
	"errors"
	"net"
	"time"
)

// dialStagger is how long an address has before the next one is tried beside it (RFC 8305).
const dialStagger = 300 * time.Millisecond

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// attempt is how the dial of one address ended.
type attempt struct {
	address string
	conn    net.Conn
	err     error
}

// dialFirst dials the addresses, each a moment after the one before, or at once where that failed, and returns the first
// connection that stands, and where it leads. A node with an address of each kind is reached where one kind does not work. failed is told of each
// address that did not answer.
func dialFirst(ctx context.Context, dial dialFunc, addresses []string, failed func(address string, err error)) (net.Conn, string, error) {
	if len(addresses) == 0 {
		return nil, "", errors.New("no address")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan attempt, len(addresses))
	begin := func(address string) {
		go func() { // ends with ctx, and is waited for below
			fd, err := dial(ctx, "tcp", address)
			ended <- attempt{address, fd, err}
		}()
	}
	begin(addresses[0])
	begun, open := 1, 1
	var last error
	for open > 0 {
		var next <-chan time.Time
		if begun < len(addresses) {
			next = time.After(dialStagger)
		}
		select {
		case <-next:
		case a := <-ended:
			open--
			if a.err == nil {
				cancel()
				closeRest(ended, open)
				return a.conn, a.address, nil
			}
			failed(a.address, a.err)
			last = a.err
		}
		if begun < len(addresses) && ctx.Err() == nil {
			begin(addresses[begun])
			begun++
			open++
		}
	}
	return nil, "", last
}

// closeRest waits for the dials that came too late.
func closeRest(ended <-chan attempt, open int) {
	for range open {
		if a := <-ended; a.err == nil {
			a.conn.Close()
		}
	}
}
