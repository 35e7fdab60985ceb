package history

import (
	"context"
	"slices"
	"sync"
	"time"

	"sotto/models"
	"sotto/services/chats"
	"sotto/services/history/span"
)

const (
	// every is how often what came meanwhile is asked for while online: live, a relay may have lost some of it.
	every = 10 * time.Minute
	// calm is how long after a question a server that comes back is no reason for another.
	calm = 15 * time.Second
	// patience is how long somebody who asked waits for a connection.
	patience = 20 * time.Second
	// mostTries is how often servers are tried before somebody who asked hears that it failed.
	mostTries = 3
	// longestAgo is how far back is asked for at all.
	longestAgo = 30 * 24 * time.Hour
	// recalled is how much is asked for anew when the clock turns out to have been ahead.
	recalled = 24 * time.Hour
	// mostAhead is by how many seconds the end of what is wanted may be nearer than overlap.
	mostAhead = 30
	// retryStore is the pause after the database failed.
	retryStore = 5 * time.Second
)

// keeper keeps an account's history complete: one goroutine decides, and one for each server asks.
type keeper struct {
	Config
	Account
	ctx      context.Context // ends at Detach
	cancel   context.CancelFunc
	work     sync.WaitGroup
	changed  chan struct{}
	asked    chan *waiter
	results  chan result
	taking   chan struct{} // full while a page is handed over
	witness  *witness
	progress *meter

	// What follows belongs to run.
	servers standings
	waiters []*waiter
	busy    int       // servers that are being asked
	online  bool      // a mailserver is connected
	back    bool      // one is again, and what came meanwhile is not asked for yet
	urgent  bool      // somebody asked
	until   int64     // Unix seconds up to which everything is wanted
	moved   time.Time // when until was set
	began   time.Time // when a server was last asked
	forgot  time.Time // when old coverage went last
}

// waiter is somebody who asked and waits.
type waiter struct {
	chat  string
	until time.Time // for a connection
	done  chan outcome
}

// outcome is how a round ended for who waited for it.
type outcome struct {
	Progress
	err error
}

func newKeeper(c Config, a Account) *keeper {
	k := &keeper{
		Config: c, Account: a, changed: make(chan struct{}, 1), asked: make(chan *waiter), results: make(chan result),
		taking: make(chan struct{}, 1), witness: newWitness(), progress: &meter{events: c.Events, now: a.Now}, servers: make(standings),
	}
	k.ctx, k.cancel = context.WithCancel(context.Background())
	return k
}

func (k *keeper) poke() {
	select {
	case k.changed <- struct{}{}:
	default:
	}
}

// run is the goroutine that decides.
func (k *keeper) run() {
	for k.ctx.Err() == nil {
		pause, err := k.look()
		if err != nil && k.ctx.Err() == nil {
			k.Log.Warn("catching up waits", "err", err)
			pause = retryStore
		}
		timer := time.NewTimer(pause)
		select {
		case <-k.ctx.Done():
		case <-k.changed:
		case w := <-k.asked:
			w.until = k.Now().Add(patience)
			k.waiters, k.urgent = append(k.waiters, w), true
		case r := <-k.results:
			k.settle(r)
		case <-timer.C:
		}
		timer.Stop()
	}
}

// look compares what is wanted with what was answered for, asks whoever can be asked, and returns how long nothing will change
// by itself.
func (k *keeper) look() (time.Duration, error) {
	answered, err := k.meet()
	if err != nil {
		return 0, err
	}
	now := k.Now()
	connected := k.servers.connected(now)
	k.move(now, len(connected) > 0)
	if len(connected) == 0 {
		if k.busy == 0 {
			k.progress.end()
		}
		k.dismiss(now)
		return k.pause(now, nil), nil
	}
	needs, err := k.Chats.Needs(k.ctx)
	if err != nil {
		return 0, err
	}
	p := k.picture(now, connected, needs, answered)
	k.start(now, p.plan())
	if k.busy == 0 && !k.tryAgain(p, connected) {
		if again, err := k.finish(now, p, connected); again || err != nil {
			return 0, err
		}
	}
	return k.pause(now, connected), nil
}

// meet reads which servers there are and what was answered for.
func (k *keeper) meet() (answers, error) {
	ours, err := k.Network.Mailservers(k.ctx)
	if err != nil {
		return nil, err
	}
	covered, rows, err := k.read()
	if err != nil {
		return nil, err
	}
	now := k.Now()
	if slices.ContainsFunc(covered, func(c models.Coverage) bool { return c.Until > now.Unix() }) {
		if covered, rows, err = k.recall(now); err != nil {
			return nil, err
		}
	}
	k.servers.meet(ours, rows)
	return answersOf(covered), nil
}

func (k *keeper) read() (covered []models.Coverage, rows []models.Mailserver, err error) {
	err = k.Store.View(k.ctx, func(tx *models.Tx) (err error) {
		if rows, err = tx.Mailservers(); err != nil {
			return err
		}
		covered, err = tx.Coverage()
		return err
	})
	return covered, rows, err
}

// recall takes back what was answered for by a clock that was ahead: nobody can have answered for the future.
func (k *keeper) recall(now time.Time) ([]models.Coverage, []models.Mailserver, error) {
	k.Log.Warn("the clock was set back: the last day is asked for anew")
	err := k.Store.Update(k.ctx, func(tx *models.Tx) error {
		return tx.RecallCoverage(now.Unix(), now.Add(-recalled).Unix())
	})
	if err != nil {
		return nil, nil, err
	}
	return k.read()
}

func answersOf(rows []models.Coverage) answers {
	list := make(answers)
	for _, c := range rows {
		if list[c.Topic] == nil {
			list[c.Topic] = make(map[Node]span.Set)
		}
		list[c.Topic][c.Server] = append(list[c.Topic][c.Server], span.Span{Start: c.Start, End: c.Until}) // in their order
	}
	return list
}

// move sets the time up to which everything is wanted: now and then, when somebody asks, and when a mailserver is there again
// after none was.
func (k *keeper) move(now time.Time, online bool) {
	k.back = online && (k.back || !k.online)
	k.online = online
	due := online && now.Sub(k.moved).Abs() >= every || k.back && now.Sub(k.began).Abs() >= calm
	end := now.Add(-overlap).Unix()
	if k.urgent && k.busy == 0 && k.until >= end { // somebody asks twice in a second, and may know why
		end = min(k.until+1, end+mostAhead)
	}
	if due || k.urgent {
		k.until, k.moved, k.back, k.urgent = end, now, false, false
	}
	k.until = min(k.until, now.Add(-overlap).Unix()+mostAhead) // the clock was set back
}

func (k *keeper) picture(now time.Time, connected []*standing, needs []chats.Need, answered answers) picture {
	p := picture{
		wanted: make(map[Topic]span.Set), since: make(map[Topic]int64), window: earlyWindow,
		answered: answered, until: k.until, suspects: make(map[Node]bool),
	}
	kept := now.Add(-k.servers.longest())
	for _, n := range needs {
		from := n.From
		if slices.ContainsFunc(k.waiters, func(w *waiter) bool { return w.chat != "" && w.chat == n.Chat }) {
			from = now.Add(-longestAgo)
		}
		if since, known := p.since[n.Topic]; !known || from.Unix() < since {
			p.since[n.Topic] = from.Unix()
		}
		if early := later(n.Reach, kept); !n.Reach.IsZero() && early.Before(from) {
			from = early
		}
		p.wanted[n.Topic] = p.wanted[n.Topic].Or(span.Of(span.Span{Start: from.Unix(), End: k.until}))
	}
	for _, s := range rested(connected, now) {
		p.servers = append(p.servers, s.candidate(now))
	}
	for node, s := range k.servers {
		p.suspects[node] = s.suspect(now)
	}
	return p
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// start lets each server that is idle do the first of its jobs.
func (k *keeper) start(now time.Time, jobs map[Node][]job) {
	for node, list := range jobs {
		s := k.servers[node]
		if s.busy {
			continue
		}
		j := list[0]
		if j.same(s.last) { // it answered, and that changed nothing: a clock stands still, perhaps
			s.ready, s.last = now.Add(time.Minute), job{}
			continue
		}
		if !k.progress.read().Running {
			k.beginRound()
		}
		s.busy, s.last, k.began = true, j, now
		k.busy++
		name, at := NameOf(s.Enode), s.pace
		k.work.Go(func() {
			r := k.fetch(k.ctx, j, name, at)
			select {
			case k.results <- r:
			case <-k.ctx.Done():
			}
		})
	}
	k.progress.plan(jobs)
}

func (k *keeper) beginRound() {
	chat := ""
	if len(k.waiters) > 0 {
		chat = k.waiters[0].chat
	}
	for _, s := range k.servers {
		s.tries = 0
	}
	k.progress.begin(chat)
}

// pause is how long nothing will change by itself.
func (k *keeper) pause(now time.Time, connected []*standing) time.Duration {
	next := now.Add(every)
	sooner := func(at time.Time) {
		if at.After(now) && at.Before(next) {
			next = at
		}
	}
	if len(connected) > 0 {
		sooner(k.moved.Add(every))
		if k.back {
			sooner(k.began.Add(calm))
		}
	}
	for _, s := range connected {
		sooner(s.ready)
	}
	for _, w := range k.waiters {
		sooner(w.until)
	}
	return next.Sub(now)
}

// chatKind is what sort of chat there is under an id.
func (k *keeper) chatKind(ctx context.Context, id string) (kind models.ChatKind, err error) {
	err = k.Store.View(ctx, func(tx *models.Tx) error {
		for _, kind = range []models.ChatKind{models.PublicChat, models.PrivateChat, models.GroupChat} {
			c, found, err := tx.ChatNamed(kind, id)
			if err != nil || found && c.Active {
				return err
			}
		}
		return errNoSuchChat
	})
	return kind, err
}
