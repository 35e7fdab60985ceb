package chats

import "sync"

// troubles joins what the workers of an account tell of the database. That one of them could write does not help
// another one that still waits.
type troubles struct {
	tell func(error)

	mu      sync.Mutex
	waiting int // workers
}

// worker is how one worker tells that the database failed and its work waits and, with nil, that it could write again.
func (t *troubles) worker() func(error) {
	waits := false
	return func(err error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		waited := waits
		waits = err != nil
		switch {
		case waits && !waited:
			t.waiting++
		case waited && !waits:
			t.waiting--
		}
		if waits || waited && t.waiting == 0 {
			t.tell(err)
		}
	}
}
