package ingest

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"time"

	"sotto/models"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/event"
)

// Bounds of one transaction.
const (
	mostEnvelopes = 1024
	mostWork      = 100 * time.Millisecond
)

// waiting is how many envelopes may queue before Offer blocks.
const waiting = 1024

// The hash of an envelope is remembered for forgetAfter; messages are known by their ids for ever. What was encrypted for us
// is known for forgetPrivate, before anything is tried on it: longer than mailservers keep it, and as long as the keys that
// could open it again. Once in forgetEvery, while messages arrive, the older ones go.
const (
	forgetAfter   = 48 * time.Hour
	forgetPrivate = 45 * 24 * time.Hour
	forgetEvery   = time.Hour
)

// Pauses between tries while the database fails.
const (
	firstPause = time.Second
	longest    = 30 * time.Second
)

// lastWords bounds how long the end may take to store what has arrived: nobody sends it again, for our node has
// acknowledged it.
const lastWords = 5 * time.Second

// Store is the open account's database; *models.Store is one.
type Store interface {
	Update(context.Context, func(*models.Tx) error) error
}

// Config is what an Ingest works with. Opened, Finish and After may be missing; all else is needed.
type Config struct {
	Store    Store
	Handlers Table            // of messages of public channels
	Opened   map[Route]Opener // of the other routes
	// Finish stores what the batch as a whole brings about, in its transaction, and may add to the effects.
	Finish func(*models.Tx, *Effects) error
	// After does what is left to do when the batch is committed, apart from events.
	After  func(Effects)
	Events event.Publisher
	Now    func() time.Time
	Log    *slog.Logger
	// Trouble is told when the database fails and the batch waits for another try, and, with nil, when it went through.
	Trouble func(error)
}

// Ingest is the queue of what arrived and the goroutine's work on it.
type Ingest struct {
	Config
	queue  chan item
	ended  chan struct{} // closed when Run has ended
	counts counter
	forgot time.Time // when old hashes went last
}

// New prepares an Ingest; Run does the work.
func New(c Config) *Ingest {
	return &Ingest{Config: c, queue: make(chan item, waiting), ended: make(chan struct{})}
}

// Offer queues an envelope. It blocks while the queue is full and gives up a moment after ctx ends.
func (g *Ingest) Offer(ctx context.Context, envelope Envelope) {
	e := item{envelope: envelope}
	select {
	case g.queue <- e:
		return
	case <-ctx.Done():
	}
	timer := time.NewTimer(lastWords)
	defer timer.Stop()
	select {
	case g.queue <- e:
	case <-timer.C:
		g.counts.add(Counts{Refused: map[Reason]uint64{Closing: 1}})
	}
}

// Counts is what became of the envelopes since the start.
func (g *Ingest) Counts() Counts { return g.counts.read() }

// Run takes envelopes in until ctx ends, and then what is queued; nobody may offer more by then. What the database does
// not take at the end is counted as Closing.
func (g *Ingest) Run(ctx context.Context) {
	defer close(g.ended)
	b := new(batch) // what waits for another try
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case first := <-g.queue:
			b = &batch{list: []item{first}}
			if g.take(ctx, b) {
				b = new(batch)
			}
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	g.finish(last, b)
}

// finish commits b and what is queued, and tries each once.
func (g *Ingest) finish(ctx context.Context, b *batch) {
	var err error
	for b.more(g.queue); len(b.list) > 0; b.more(g.queue) {
		if err == nil {
			err = g.commit(ctx, b)
		}
		if err != nil {
			lost := b.lost()
			g.Log.Error("arrived messages are lost", "count", lost, "err", err)
			g.counts.add(Counts{Refused: map[Reason]uint64{Closing: lost}})
		}
		b = new(batch)
	}
}

// take commits a batch. While the database fails it keeps the batch and tries again, more and more slowly. It says false
// where ctx ended before the batch was stored.
func (g *Ingest) take(ctx context.Context, b *batch) bool {
	pause := firstPause
	for failed := false; ; failed = true {
		err := g.commit(ctx, b)
		if err == nil {
			if failed {
				g.Trouble(nil)
			}
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		g.Log.Error("arrived messages wait", "count", len(b.list), "err", err)
		g.Trouble(err)
		if wait(ctx, pause); ctx.Err() != nil {
			return false
		}
		pause = min(2*pause, longest)
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// commit runs one transaction over the batch and, where the batch is new, over what else is queued. Counts and effects
// are those of this try: an earlier one left nothing.
func (g *Ingest) commit(ctx context.Context, b *batch) error {
	b.counts, b.effects = Counts{}, Effects{}
	err := g.Store.Update(ctx, func(tx *models.Tx) error {
		started := g.Now()
		for i := 0; i < len(b.list); i++ {
			if err := g.handleItem(tx, b, b.list[i]); err != nil {
				return err
			}
			if i == len(b.list)-1 && i+1 < mostEnvelopes && g.Now().Sub(started) < mostWork {
				b.more(g.queue)
			}
		}
		if g.Finish != nil {
			if err := g.Finish(tx, &b.effects); err != nil {
				return err
			}
		}
		return g.forget(tx, started)
	})
	if err != nil {
		return err
	}
	b.tell()
	g.counts.add(b.counts)
	for _, e := range b.effects.Events {
		g.Events.Publish(e)
	}
	if g.After != nil {
		g.After(b.effects)
	}
	return nil
}

func (g *Ingest) forget(tx *models.Tx, now time.Time) error {
	if now.Sub(g.forgot) < forgetEvery {
		return nil
	}
	g.forgot = now
	if _, err := tx.ForgetEnvelopes(now.Add(-forgetAfter).UnixMilli()); err != nil {
		return err
	}
	private := now.Add(-forgetPrivate).UnixMilli()
	if err := tx.ForgetPayloads(private); err != nil {
		return err
	}
	return tx.ForgetReceived(private)
}

// one takes in one envelope within its savepoint. It fails only where the whole transaction has to.
func (g *Ingest) one(tx *models.Tx, b *batch, e Envelope) error {
	var effects Effects
	err := tx.Savepoint(func() (err error) {
		effects, err = g.handle(tx, e)
		return err
	})
	switch {
	case err == nil:
		b.counts.Taken++
		for _, reason := range effects.Refused {
			b.counts.refuse(reason, 1)
		}
		b.effects.add(effects)
	case models.Broken(err):
		return err
	default:
		b.effects.add(Effects{Heal: effects.Heal})
		reason := ReasonOf(err)
		b.counts.refuse(reason, 1)
		level := slog.LevelDebug
		if reason == Internal {
			level = slog.LevelError
		}
		g.Log.Log(context.Background(), level, "envelope refused", "reason", string(reason), "peer", e.Peer, "err", err)
		if e.Route != Public && !mayOpenLater(reason) {
			return g.putAway(tx, e)
		}
	}
	return nil
}

// mayOpenLater says whether what was refused for a reason may be taken in when it comes again: we failed, or it is far ahead of
// what came before it. So it is for whoever comes back after long: a relay hands on the newest at once, and the older ones come
// from a mailserver, and the newest with them once more.
func mayOpenLater(reason Reason) bool {
	return reason == Internal || reason == Reason(secure.ReasonGap)
}

// putAway remembers what was refused for good: to try it again costs the same work each time, and anybody can send it again
// in another envelope.
func (g *Ingest) putAway(tx *models.Tx, e Envelope) error {
	_, err := tx.MarkPayload(sha256.Sum256(e.Payload), g.Now().UnixMilli())
	return err
}

func (g *Ingest) handle(tx *models.Tx, e Envelope) (Effects, error) {
	fresh, err := tx.MarkEnvelope(e.Hash, g.Now().UnixMilli())
	if err != nil {
		return Effects{}, err
	}
	if !fresh {
		return Effects{}, Duplicate
	}
	if e.Route != Public {
		opener, known := g.Opened[e.Route]
		if !known {
			return Effects{}, UnknownType
		}
		return g.openOnce(tx, e, opener)
	}
	in, err := open(e)
	if err != nil {
		return Effects{}, err
	}
	handler, known := g.Handlers[payload.TypeChat] // the only type that is open to the public
	if !known {
		return Effects{}, UnknownType
	}
	return handler(tx, in)
}

// openOnce opens what was not opened before. What is posted again comes in another envelope and has the same payload.
func (g *Ingest) openOnce(tx *models.Tx, e Envelope, opener Opener) (Effects, error) {
	fresh, err := tx.MarkPayload(sha256.Sum256(e.Payload), g.Now().UnixMilli())
	switch {
	case err != nil:
		return Effects{}, err
	case !fresh:
		return Effects{}, Duplicate
	case e.Signer == nil:
		return Effects{}, Unsigned
	}
	return opener(tx, e)
}
