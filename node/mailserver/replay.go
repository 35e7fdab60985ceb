package mailserver

import (
	"sync"

	"sotto/node/whisper"
)

const (
	// replaySeconds is how long a request is remembered: for as long as it could come again.
	replaySeconds = 2*mostSkew + 60
	// mostReplays bounds how many are remembered, oldest first out.
	mostReplays = 1 << 16
)

// replays are the requests that came lately.
type replays struct {
	mu    sync.Mutex
	at    map[whisper.Hash]uint32
	order []whisper.Hash
}

// seen tells whether a request came before, and remembers it. now is in Unix seconds.
func (r *replays) seen(id whisper.Hash, now uint32) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.order) > 0 && (len(r.order) >= mostReplays || int64(now)-int64(r.at[r.order[0]]) > replaySeconds) {
		delete(r.at, r.order[0])
		r.order = r.order[1:]
	}
	if _, before := r.at[id]; before {
		return true
	}
	if r.at == nil {
		r.at = make(map[whisper.Hash]uint32)
	}
	r.at[id] = now
	r.order = append(r.order, id)
	return false
}
