package history

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"sotto/models"
	"sotto/node/mailserver"
	"sotto/services/history/span"
)

const (
	// overlap is how long after it was sent an envelope may still come into an archive (15 s that it lives, 20 s for which it is
	// taken late, 10 s that the archive takes) and how wrong this computer's clock may be. What a server answers for ends at least
	// so long before the time of asking; the next question begins there.
	overlap = 2 * time.Minute
	// pageTime is how long a server may take for a page, and slowPage how long before that is too slow.
	pageTime = 30 * time.Second
	slowPage = 10 * time.Second
	// mostPages bounds the answers to one question. What is left is asked for anew.
	mostPages = 1000
	// mostHeld bounds the bytes of pages that wait for older ones, of a server that gives the newest first.
	mostHeld = 32 << 20
	// envelopeCost is about what an envelope costs in memory beside its data.
	envelopeCost = 256
)

// result is what became of a job.
type result struct {
	job
	err  error // nil: answered completely, or as far as one question goes
	slow bool
	pace pace
}

// fetch asks one server one question, page by page. Each page's envelopes are stored before or together with what it answers
// for, so that whatever ends it loses no more than a page.
func (k *keeper) fetch(ctx context.Context, j job, name string, at pace) (r result) {
	r.job, r.pace = j, at
	asked := k.Now()
	ask := Ask{Topics: j.topics, From: seconds(j.span.Start), To: seconds(j.span.End - 1)}
	if j.last { // whatever there is, also where this computer's clock is behind
		ask.To = seconds(asked.Add(overlap).Unix())
	}
	way := walk{from: j.span.Start, answered: j.span.Start}
	var held []Page
	for range mostPages {
		ask.Limit = r.pace.limit
		began := k.Now()
		page, err := k.page(ctx, j.server, ask)
		if errors.Is(err, Large) && r.pace.limit > leastLimit {
			r.pace.failed()
			continue
		}
		r.slow = r.slow || k.Now().Sub(began) > slowPage
		if err == nil {
			err = way.step(page, j.span.End)
		}
		if err == nil {
			held = append(held, page)
			if !waits(held) {
				err = k.take(ctx, j, name, held, &way, asked)
				held = nil
			}
		}
		if err != nil {
			r.err = err
			return r
		}
		r.pace.worked()
		if page.Cursor == nil {
			return r
		}
		ask.Cursor, ask.Order = page.Cursor, page.Order
	}
	if len(held) > 0 {
		if r.err = k.take(ctx, j, name, held, &way, asked); r.err != nil {
			return r
		}
	}
	if way.answered == j.span.Start { // a thousand pages, and no second further
		r.err = Flood
	}
	return r
}

// seconds is a time as envelopes have it.
func seconds(at int64) uint32 { return uint32(min(max(at, 0), 1<<32-1)) }

// page asks for one page within its time.
func (k *keeper) page(ctx context.Context, server Node, ask Ask) (Page, error) {
	ctx, cancel := context.WithTimeout(ctx, pageTime)
	defer cancel()
	return k.Line.Ask(ctx, server, ask)
}

// walk is how far an answer has come, page by page.
type walk struct {
	from     int64
	cursor   []byte
	answered int64 // Unix seconds up to which everything came
	gained   int64 // by the last page
}

// step judges a page and says up to when the server has answered now. A cursor is a place in the server's order, of which the
// first four bytes are a time. Of a server that gives the newest first nothing is known before the last page.
func (w *walk) step(p Page, end int64) error {
	before := w.answered
	switch {
	case p.Cursor == nil:
		w.answered = max(w.answered, end)
	case len(p.Cursor) < 4 || bytes.Equal(p.Cursor, w.cursor):
		return fmt.Errorf("%w: a cursor that leads nowhere", Lied)
	case p.Order == mailserver.OrderUp:
		w.answered = max(w.answered, min(int64(binary.BigEndian.Uint32(p.Cursor)), end))
	}
	w.cursor, w.gained = p.Cursor, w.answered-before
	return nil
}

// waits says whether pages are held until older ones are there: what people say is opened in the order in which they said it,
// as far as memory allows.
func waits(held []Page) bool {
	last := held[len(held)-1]
	if last.Order != mailserver.OrderDown || last.Cursor == nil {
		return false
	}
	size := 0
	for _, p := range held {
		for _, e := range p.Envelopes {
			size += len(e.Data) + envelopeCost
		}
	}
	return size < mostHeld
}

// take hands the envelopes of pages over, the oldest first, and stores what is answered for now, once they are stored. Several
// pages are those of a server that gives the newest first.
func (k *keeper) take(ctx context.Context, j job, name string, pages []Page, way *walk, asked time.Time) error {
	taken := 0
	for _, page := range slices.Backward(pages) {
		k.witness.saw(j.server, page.Envelopes)
		fresh, err := k.handOver(ctx, j.server, page.Envelopes)
		if err != nil {
			return err
		}
		taken += len(fresh)
	}
	complete := pages[len(pages)-1].Cursor == nil
	covered := span.Span{Start: j.span.Start, End: way.answered}
	err := k.Chats.Flush(ctx, func(tx *models.Tx) error { return k.cover(tx, j, covered, asked, complete) })
	if err != nil {
		return err
	}
	k.witness.answer(j.server, j.topics, covered)
	k.progress.add(j.server, name, taken, way.gained)
	return nil
}

// handOver gives those to be opened that nobody brought before. It does so for one server at a time, or two that answer the
// same question would have everything opened twice.
func (k *keeper) handOver(ctx context.Context, server Node, envelopes []Envelope) (fresh []Envelope, err error) {
	select {
	case k.taking <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-k.taking }()
	if fresh, err = k.fresh(ctx, envelopes); err != nil || len(fresh) == 0 {
		return nil, err
	}
	if err := k.Line.Take(ctx, server, fresh); err != nil {
		return nil, err
	}
	k.witness.took(fresh)
	return fresh, nil
}

// fresh leaves out what was taken in before: to open it again would cost more than to look.
func (k *keeper) fresh(ctx context.Context, envelopes []Envelope) (list []Envelope, err error) {
	envelopes = k.witness.fresh(envelopes)
	if len(envelopes) == 0 {
		return nil, nil
	}
	err = k.Store.View(ctx, func(tx *models.Tx) error {
		list = nil
		for _, e := range envelopes {
			known, err := tx.HasEnvelope(e.Hash)
			if err != nil {
				return err
			}
			if !known {
				list = append(list, e)
			}
		}
		return nil
	})
	return list, err
}

// cover stores that a server answered for a span and, where the answer is complete, that it works.
func (k *keeper) cover(tx *models.Tx, j job, s span.Span, asked time.Time, complete bool) error {
	for _, t := range j.topics {
		c := models.Coverage{Topic: t, Server: j.server, Start: s.Start, Until: s.End, At: asked.UnixMilli()}
		if err := tx.Cover(c); err != nil {
			return err
		}
	}
	if !complete {
		return nil
	}
	m, err := tx.Mailserver(j.server)
	if err != nil {
		return err
	}
	m.Answered, m.Failures = k.Now().UnixMilli(), 0
	if m.Missed == 0 || asked.Sub(time.UnixMilli(m.Failed)) >= suspected {
		m.Trouble, m.Missed = "", 0
	}
	return tx.PutMailserver(m)
}

// blamed says whether an error is the server's doing and not ours: the end of the account, or a database that fails.
func blamed(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	_, known := errors.AsType[Fault](err)
	return known || errors.Is(err, context.DeadlineExceeded)
}
