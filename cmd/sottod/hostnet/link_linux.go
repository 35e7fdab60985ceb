package hostnet

import (
	"sync"
	"time"
)

// backlog is how many packets wait on a link; more are lost, as in any router.
const backlog = 4096

// link is the line between a host and the router. What it does to packets it does in both directions.
type link struct {
	out  chan parcel // to the host
	mu   sync.Mutex
	wait time.Duration // each way
	cut  bool
	left int // packets until it is cut; negative: it is not going to be

	carried, lost uint64
}

// parcel is a packet on its way to a host.
type parcel struct {
	packet packet
	due    time.Time
}

func newLink() *link { return &link{out: make(chan parcel, backlog), left: -1} }

// passes says whether the line carries a packet now, and how long that takes.
func (l *link) passes() (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left == 0 {
		l.cut, l.left = true, -1
	}
	if l.cut {
		l.lost++
		return 0, false
	}
	if l.left > 0 {
		l.left--
	}
	l.carried++
	return l.wait, true
}

// Delay makes each packet to and from the host take so much longer.
func (h *Host) Delay(d time.Duration) {
	h.link.mu.Lock()
	defer h.link.mu.Unlock()
	h.link.wait = d
}

// Cut ends the host's line without a word to anybody, in the middle of whatever is under way.
func (h *Host) Cut() { h.CutAfter(0) }

// CutAfter does it when so many more packets have passed.
func (h *Host) CutAfter(packets int) {
	h.link.mu.Lock()
	defer h.link.mu.Unlock()
	h.link.left = packets
}

// Mend lets the line carry again.
func (h *Host) Mend() {
	h.link.mu.Lock()
	defer h.link.mu.Unlock()
	h.link.cut, h.link.left = false, -1
}

// Carried is how many packets the host's line carried, and how many it lost.
func (h *Host) Carried() (carried, lost uint64) {
	h.link.mu.Lock()
	defer h.link.mu.Unlock()
	return h.link.carried, h.link.lost
}
