package event

import "sync"

// Bus hands events to its subscribers in the order of their sequence numbers. The zero value is not usable; NewBus
// makes one. All methods may be called from any goroutine, and none of them blocks on a reader.
type Bus struct {
	mu   sync.Mutex
	seq  uint64
	subs map[*Subscription]struct{}
}

// NewBus returns a bus without subscribers. Its first event has sequence number 1.
func NewBus() *Bus { return &Bus{subs: make(map[*Subscription]struct{})} }

// Subscription is one reader's queue.
type Subscription struct {
	// C gives the events in order. It is closed by Close.
	C <-chan Event

	bus   *Bus
	queue chan Event
}

// Publish numbers the event and puts it in every reader's queue. A queue that is full is emptied and gets one Resync
// with the same number in place of everything it held.
func (b *Bus) Publish(e Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seq++
	e.Seq = b.seq
	for s := range b.subs {
		s.put(e)
	}
}

// Subscribe returns a queue that holds up to size events (at least one) and sees what is published from now on.
func (b *Bus) Subscribe(size int) *Subscription {
	queue := make(chan Event, max(size, 1))
	s := &Subscription{C: queue, bus: b, queue: queue}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs[s] = struct{}{}
	return s
}

// Close ends the subscription and closes C. What is queued can still be read. Closing twice is harmless.
func (s *Subscription) Close() {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if _, open := s.bus.subs[s]; !open {
		return
	}
	delete(s.bus.subs, s)
	close(s.queue)
}

// put runs under the bus's mutex, so nobody else fills what it empties.
func (s *Subscription) put(e Event) {
	select {
	case s.queue <- e:
		return
	default:
	}
	for drained := false; !drained; {
		select {
		case <-s.queue:
		default:
			drained = true
		}
	}
	s.queue <- Event{Seq: e.Seq, Kind: Resync}
}
