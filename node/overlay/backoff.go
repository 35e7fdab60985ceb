package overlay

import (
	"math/rand/v2"
	"time"
)

const (
	backoffFirst = 500 * time.Millisecond
	backoffMost  = 30 * time.Second
)

// backoff is how long to wait before the next try. The zero value does not wait.
type backoff struct {
	failures int
	lost     bool // a connection that was good for a while
}

func (b *backoff) reset() { *b = backoff{} }
func (b *backoff) fail()  { b.failures++ }
func (b *backoff) lose()  { *b = backoff{lost: true} }

// delay is about twice as long after each failure. It is spread, so that a relay's restart does not bring all its peers
// back in one instant.
func (b *backoff) delay() time.Duration {
	switch {
	case b.failures == 0 && !b.lost:
		return 0
	case b.failures == 0:
		return rand.N(backoffFirst)
	}
	d := backoffMost
	if n := b.failures - 1; n < 6 {
		d = backoffFirst << n
	}
	return d/2 + rand.N(d/2)
}
