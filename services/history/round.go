package history

import (
	"slices"
	"time"

	"sotto/models"
	"sotto/services/fault"
	"sotto/services/history/span"
)

// settle takes note of how a job ended.
func (k *keeper) settle(r result) {
	s, now := k.servers[r.server], k.Now()
	s.busy, s.pace = false, r.pace
	k.busy--
	switch {
	case r.err == nil:
		s.fails, s.slow = 0, r.slow
		if r.slow {
			k.blame(s, now, func(m *models.Mailserver) { m.Trouble = NameOf(s.Enode) + " is slow." })
		}
		return
	case blamed(k.ctx, r.err):
		f := faultOf(r.err)
		s.failed(now, f)
		k.Log.Warn("a mailserver failed", "server", s.Enode, "fault", string(f), "err", r.err)
		k.blame(s, now, func(m *models.Mailserver) {
			m.Failures++
			m.Trouble = f.sentence(NameOf(s.Enode))
		})
		if s.fails >= replacedAfter {
			k.replace(s, now)
		}
	default:
		s.ready = now.Add(firstPause)
		s.tries++
		k.Log.Warn("an answer was not taken in", "server", s.Enode, "err", r.err)
	}
	s.last = job{}
}

// replace leaves a server that serves badly where the network has another one that is not connected and may serve better.
func (k *keeper) replace(s *standing, now time.Time) {
	for _, other := range k.servers {
		if !other.Connected && other.fails == 0 && !other.suspect(now) {
			k.Log.Info("a mailserver is replaced", "server", s.Enode)
			k.Network.Dismiss(s.Node)
			return
		}
	}
}

// blame stores what a server did wrong.
func (k *keeper) blame(s *standing, now time.Time, how func(*models.Mailserver)) {
	err := k.Store.Update(k.ctx, func(tx *models.Tx) error {
		m, err := tx.Mailserver(s.Node)
		if err != nil {
			return err
		}
		m.Failed = now.UnixMilli()
		how(&m)
		return tx.PutMailserver(m)
	})
	if err != nil && k.ctx.Err() == nil {
		k.Log.Warn("a mailserver's failure was not stored", "err", err)
	}
}

// open is what is wanted and nobody answered for, as far as a connected server may have it.
func (p picture) open(connected []*standing, now time.Time) (n int64) {
	oldest := now.Unix()
	for _, s := range connected {
		oldest = min(oldest, s.candidate(now).oldest)
	}
	for topic, wanted := range p.wanted {
		var sets []span.Set
		for _, set := range p.answered[topic] {
			sets = append(sets, set)
		}
		left := wanted.Minus(span.AtLeast(1, sets...))
		n += left.And(span.Of(span.Span{Start: oldest, End: now.Unix()})).Seconds()
	}
	return n
}

// tryAgain says whether a round goes on because a server that failed is to be asked once more.
func (k *keeper) tryAgain(p picture, connected []*standing) bool {
	now := k.Now()
	some := slices.ContainsFunc(connected, func(s *standing) bool { return now.Before(s.ready) && s.tries < mostTries })
	return some && p.open(connected, now) > 0
}

// finish ends a round when nobody is left to ask. It says true where the comparison of the answers gives reason to ask others.
func (k *keeper) finish(now time.Time, p picture, connected []*standing) (again bool, err error) {
	if again, err = k.compare(now); again || err != nil {
		return again, err
	}
	reached := k.progress.end()
	var failed error
	if p.open(connected, now) > 0 {
		failed = troubled(connected)
	}
	for _, w := range k.waiters {
		w.done <- outcome{reached, failed}
	}
	k.waiters = nil
	return false, k.forget(now)
}

// troubled says why nobody of those who are connected answered.
func troubled(connected []*standing) error {
	for _, s := range connected {
		if s.tries > 0 && s.stored.Trouble != "" {
			return fault.New(fault.NotAllowed, s.stored.Trouble+" It is asked again soon.")
		}
	}
	return nil
}

// compare finds out which server lacked what others had, and says whether that was news.
func (k *keeper) compare(now time.Time) (news bool, err error) {
	for node, hashes := range k.witness.missing() {
		s := k.servers[node]
		if s == nil {
			continue
		}
		missed := 0
		err := k.Store.View(k.ctx, func(tx *models.Tx) error {
			missed = 0
			for _, hash := range hashes { // only what was for us and genuine: anything can be made up
				taken, err := tx.HasEnvelope(hash)
				if err != nil {
					return err
				}
				if taken {
					missed++
				}
			}
			return nil
		})
		if err != nil {
			return false, err
		}
		if missed == 0 {
			continue
		}
		news = true
		name := NameOf(s.Enode)
		k.Log.Warn("a mailserver lacks what others have", "server", s.Enode, "envelopes", missed)
		k.blame(s, now, func(m *models.Mailserver) {
			m.Missed += missed
			m.Trouble = missedSentence(name, m.Missed)
		})
		k.replace(s, now)
	}
	return news, nil
}

// forget drops coverage that is too old to be asked for.
func (k *keeper) forget(now time.Time) error {
	if now.Sub(k.forgot).Abs() < every {
		return nil
	}
	k.forgot = now
	return k.Store.Update(k.ctx, func(tx *models.Tx) error { return tx.ForgetCoverage(now.Add(-longestAgo).Unix()) })
}

// dismiss tells those who wait that nobody can be asked: at once where no mailserver is known, else after a while.
func (k *keeper) dismiss(now time.Time) {
	k.waiters = slices.DeleteFunc(k.waiters, func(w *waiter) bool {
		switch {
		case len(k.servers) == 0:
			w.done <- outcome{k.progress.read(), errNoServer}
		case !now.Before(w.until):
			w.done <- outcome{k.progress.read(), errNoLine}
		default:
			return false
		}
		return true
	})
}
