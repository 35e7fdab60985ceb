package datasync

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// When a message is sent again. The specification leaves it open; the first wait, its doubling and the random part are
// those of deployed clients after their fix of November 2020.
const (
	firstWait = 27 * time.Second
	maxWait   = time.Hour
	maxJitter = 9 * time.Second  // the most that is added by chance, so that a crowd does not send at once
	pause     = 15 * time.Second // after it could not be sent

	// MaxWait is the longest that a message waits to be sent again. One that would wait for longer is due: the clock was set
	// back since it was sent.
	MaxWait = maxWait + maxJitter

	// MaxAge is how long after its first sending a message is given up.
	MaxAge = 30 * 24 * time.Hour
)

// wait is the time between the sending with that number, from 1, and the next, without the random part.
func wait(sends int) time.Duration {
	d := firstWait
	for i := 1; i < sends && d < maxWait; i++ {
		d *= 2
	}
	return min(d, maxWait)
}

// jitter draws the random part of a wait.
func jitter(random io.Reader) (time.Duration, error) {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return 0, fmt.Errorf("datasync: wait: %w", err)
	}
	steps := uint64(maxJitter/time.Millisecond) + 1
	return time.Duration(binary.BigEndian.Uint64(b[:])%steps) * time.Millisecond, nil
}
