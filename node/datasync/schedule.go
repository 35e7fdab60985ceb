package datasync

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// When a message is sent again. The specification leaves it open; the first wait, its doubling and the random part are
// those of deployed clients after their fix of November 2020. Where another device of the same person has the message, the
// waits for a silent one go on doubling past the hour: it is more likely gone than unlucky. They do not end at a day, which
// would be at the same time each day: who is there in the evenings only would never be met.
const (
	firstWait = 27 * time.Second
	maxWait   = time.Hour
	maxSlow   = 11 * time.Hour   // where another device has the message
	maxJitter = 9 * time.Second  // the most that is added by chance, so that a crowd does not send at once
	pause     = 15 * time.Second // after it could not be sent

	mostHeard  = 256 // records that are hastened each time that a device is heard from
	sendsHeard = 4   // sendings after which such a record's waits go on

	// MaxWait is the longest that a message waits to be sent again, and MaxSlow where it is slow. One that would wait for
	// longer is due: the clock was set back since it was sent.
	MaxWait = maxWait + maxJitter
	MaxSlow = maxSlow + maxJitter

	// MaxAge is how long after its first sending a message is given up.
	MaxAge = 30 * 24 * time.Hour
)

// wait is the time between the sending with that number, from 1, and the next, without the random part.
func wait(sends int, most time.Duration) time.Duration {
	d := firstWait
	for i := 1; i < sends && d < most; i++ {
		d *= 2
	}
	return min(d, most)
}

// Wait is how long a record is not due, 0 where it is.
func (r Record) Wait(now time.Time) time.Duration {
	most := MaxWait
	if r.Slow {
		most = MaxSlow
	}
	if d := r.Next.Sub(now); d > 0 && d <= most {
		return d
	}
	return 0
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
