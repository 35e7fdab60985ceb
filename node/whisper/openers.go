package whisper

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// mostOpeners bounds the goroutines that try keys. Recovering a signature is what they spend their time on.
const mostOpeners = 4

func openerCount() int { return min(mostOpeners, runtime.GOMAXPROCS(0)) }

// job is an envelope that our keys are to be tried on.
type job struct {
	entry  *entry
	from   enode.ID
	direct bool
}

// queue hands jobs to the openers in the order they came. Who puts never waits; the pool's bytes bound it.
type queue struct {
	mu     sync.Mutex
	ready  sync.Cond
	jobs   []job
	head   int
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.ready.L = &q.mu
	return q
}

func (q *queue) put(j job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, j)
	q.ready.Signal()
}

// get waits for a job. It returns false once the queue is closed, whatever still waits.
func (q *queue) get() (job, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.head == len(q.jobs) && !q.closed {
		q.ready.Wait()
	}
	if q.closed {
		return job{}, false
	}
	j := q.jobs[q.head]
	q.jobs[q.head] = job{}
	q.head++
	if q.head > 64 && q.head > len(q.jobs)/2 {
		q.jobs = slices.Clone(q.jobs[q.head:])
		q.head = 0
	}
	return j, true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.ready.Broadcast()
}

// open is one opener's life.
func (w *Whisper) open() {
	for {
		j, ok := w.queue.get()
		if !ok {
			return
		}
		w.tryKeys(&j)
		w.pool.tried(j.entry)
	}
}

// tryKeys opens an envelope and delivers it. No lock is held while it does.
func (w *Whisper) tryKeys(j *job) {
	if o := w.unseal(j); o != nil {
		w.deliver(o)
	}
}

// opened is an envelope that a key of ours opened, and the subscriptions of that key.
type opened struct {
	job    *job
	plain  *Plaintext
	groups [2]*keyGroup // on the envelope's topic, and on every topic; one may be nil
}

// unseal opens an envelope with the first key that fits, each distinct key tried once. It returns nil where none does,
// or where what is inside is broken.
func (w *Whisper) unseal(j *job) *opened {
	topic, all := w.index.lookup(j.entry.env.Topic)
	for i, g := range topic {
		var twin *keyGroup // the same key may also listen to every topic
		if at := indexOfKey(all, g.id); at >= 0 {
			twin = all[at]
		}
		if o, done := w.tryKey(j, topic[i], twin); done {
			return o
		}
	}
	for _, g := range all {
		if indexOfKey(topic, g.id) >= 0 {
			continue
		}
		if o, done := w.tryKey(j, g, nil); done {
			return o
		}
	}
	w.stats.unwanted.add(len(j.entry.raw))
	return nil
}

func indexOfKey(groups []*keyGroup, id Hash) int {
	return slices.IndexFunc(groups, func(g *keyGroup) bool { return g.id == id })
}

// tryKey tells whether the envelope is done with: opened, or found to be broken inside.
func (w *Whisper) tryKey(j *job, g, twin *keyGroup) (o *opened, done bool) {
	if !g.accepts(j) && (twin == nil || !twin.accepts(j)) {
		return nil, false
	}
	plain, err := g.key.Open(&j.entry.env)
	switch {
	case errors.Is(err, ErrKey):
		return nil, false
	case errors.Is(err, ErrSignature):
		w.stats.refuse(ReasonSignature, len(j.entry.raw))
		return nil, true
	case err != nil:
		w.stats.refuse(ReasonPlaintext, len(j.entry.raw))
		return nil, true
	}
	w.stats.useful.add(len(j.entry.raw))
	return &opened{job: j, plain: plain, groups: [2]*keyGroup{g, twin}}, true
}

// deliver hands an opened envelope to all subscriptions of its key.
func (w *Whisper) deliver(o *opened) {
	for _, g := range o.groups {
		if g == nil {
			continue
		}
		for _, s := range g.subs {
			if s.filter.accepts(o.job) && s.filter.signedBy(o.plain.Signer) {
				s.deliver(o.job.message(o.plain))
			}
		}
	}
}

func (j *job) message(plain *Plaintext) *Message {
	env := &j.entry.env
	return &Message{
		Hash: j.entry.hash, Topic: env.Topic, TTL: env.TTL, Sent: time.Unix(int64(env.Sent()), 0),
		PoW: j.entry.pow, Plaintext: *plain, Direct: j.direct, From: j.from,
	}
}
