package history

import (
	"sync"
	"time"

	"sotto/services/event"
)

// atMost is how often progress is told.
const atMost = 300 * time.Millisecond

// meter measures how far catching up has come.
type meter struct {
	events event.Publisher
	now    func() time.Time

	mu   sync.Mutex
	is   Progress
	done map[Node]int64 // seconds that were answered for in this round
	left map[Node]int64 // seconds that are still to be asked for
	told time.Time
}

// begin starts to measure a round, unless one goes on.
func (m *meter) begin(chat string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.is.Running {
		return
	}
	m.is = Progress{Chat: chat, Running: true}
	m.done, m.left, m.told = make(map[Node]int64), make(map[Node]int64), time.Time{}
}

// plan says what is left to ask.
func (m *meter) plan(jobs map[Node][]job) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left = make(map[Node]int64)
	for server, list := range jobs {
		for _, j := range list {
			m.left[server] += j.span.Seconds()
		}
	}
	m.estimate()
}

// add counts a page: envelopes that were new, and the seconds that it answered for.
func (m *meter) add(server Node, name string, envelopes int, seconds int64) {
	m.mu.Lock()
	m.is.Done += envelopes
	m.is.Server = name
	m.done[server] += seconds
	m.left[server] = max(0, m.left[server]-seconds)
	m.estimate()
	now := m.now()
	tell := now.Sub(m.told).Abs() >= atMost
	if tell {
		m.told = now
	}
	e := event.Event{Kind: event.History, Chat: m.is.Chat}
	m.mu.Unlock()
	if tell {
		m.events.Publish(e)
	}
}

// estimate tells from the server that has come furthest how much there is: the others have about the same.
func (m *meter) estimate() {
	furthest := 0.0
	for server, done := range m.done {
		if all := done + m.left[server]; all > 0 {
			furthest = max(furthest, float64(done)/float64(all))
		}
	}
	m.is.Total = 0
	if furthest > 0 {
		m.is.Total = max(m.is.Done, int(float64(m.is.Done)/furthest))
	}
}

// end ends a round and tells of it.
func (m *meter) end() Progress {
	m.mu.Lock()
	ran := m.is.Running
	m.is.Running = false
	m.is.Total = m.is.Done
	p := m.is
	m.mu.Unlock()
	if ran {
		m.events.Publish(event.Event{Kind: event.History, Chat: p.Chat})
	}
	return p
}

func (m *meter) read() Progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.is
}
