package dispatch

import (
	"sync"
	"time"

	"fyne.io/fyne/v2"
)

const (
	// Frame is how long work is collected after a turn before the next one: one frame at 60 Hz.
	Frame = 16 * time.Millisecond
	// Budget is how long one turn may take functions from the queue; the rest waits for the next turn, so that
	// input and painting come between.
	Budget = 8 * time.Millisecond
)

// UI is the Dispatcher of the running program. Nothing is posted once Close has returned.
type UI struct {
	post  func(func()) // fyne.Do
	after func(time.Duration, func()) *time.Timer
	now   func() time.Time
	hist  Histogram

	mu     sync.Mutex
	queue  []func()
	armed  bool // a turn is posted or its timer runs
	last   time.Time
	timer  *time.Timer
	closed bool
}

// NewUI returns a Dispatcher on Fyne's UI goroutine.
func NewUI() *UI { return newUI(fyne.Do, time.Now, time.AfterFunc) }

func newUI(post func(func()), now func() time.Time, after func(time.Duration, func()) *time.Timer) *UI {
	return &UI{post: post, now: now, after: after}
}

// Do implements Dispatcher. After Close it drops f.
func (u *UI) Do(f func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return
	}
	u.queue = append(u.queue, f)
	if !u.armed {
		u.armed = true
		u.arm()
	}
}

// arm posts the next turn: now, or when a frame has passed since the last one. The lock is held.
func (u *UI) arm() {
	if wait := Frame - u.now().Sub(u.last); wait > 0 && !u.last.IsZero() {
		u.timer = u.after(wait, u.wake)
		return
	}
	u.post(u.turn)
}

// wake posts a turn when its frame has come.
func (u *UI) wake() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.closed {
		u.post(u.turn)
	}
}

// turn runs on the UI goroutine.
func (u *UI) turn() {
	start := u.now()
	for {
		f := u.next()
		if f == nil {
			break
		}
		f()
		if u.now().Sub(start) >= Budget {
			break
		}
	}
	end := u.now()
	u.hist.Add(end.Sub(start))
	u.mu.Lock()
	defer u.mu.Unlock()
	u.last = end
	u.armed = len(u.queue) > 0 && !u.closed
	if u.armed {
		u.arm()
	}
}

func (u *UI) next() func() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.queue) == 0 || u.closed {
		return nil
	}
	f := u.queue[0]
	u.queue[0] = nil
	u.queue = u.queue[1:]
	return f
}

// Time runs f, which is already on the UI goroutine (a handler of a key or of the wheel), and counts how long it held it.
func (u *UI) Time(f func()) {
	start := u.now()
	f()
	u.hist.Add(u.now().Sub(start))
}

// Stats tells how long the UI goroutine was held so far, or since ResetStats.
func (u *UI) Stats() Stats { return u.hist.Stats() }

// ResetStats forgets how long the UI goroutine was held so far, so that a part of a run can be measured.
func (u *UI) ResetStats() { u.hist.Reset() }

// Close drops what waits and refuses what comes. It must be called before Fyne's loop ends: what is posted to that afterwards
// runs at once, on the goroutine that posts it.
func (u *UI) Close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	u.queue = nil
	if u.timer != nil {
		u.timer.Stop()
	}
}
