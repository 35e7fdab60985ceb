package network

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"sotto/node"
)

const (
	// mostOffset is how wrong a clock may be: envelopes live 15 s, and peers cut whoever is more than 10 s off.
	mostOffset = 5 * time.Second
	// grace is how long the node may look for its peers before that is worth a sentence.
	grace = 20 * time.Second
	// judgeInterval is how often the states that depend on time are judged.
	judgeInterval = 5 * time.Second
)

// watch judges until ctx ends: when the node tells a change, and from time to time.
func (s *Service) watch(ctx context.Context, a *attached) {
	ticker := time.NewTicker(judgeInterval)
	defer ticker.Stop()
	for {
		s.judge(a)
		select {
		case <-ticker.C:
		case <-a.changed:
		case <-ctx.Done():
			return
		}
	}
}

// judge compares the node's state with what would be well.
func (s *Service) judge(a *attached) {
	status := a.node.Status()
	s.judgeClock(status.ClockOffset)
	now := s.cfg.Now()
	if status.State == node.Online || len(status.Known) == 0 && len(a.wanted.Load().nodes) == 0 {
		a.well = now
	}
	alone := now.Sub(a.well) >= grace
	s.be(DegradedOffline, alone && status.State == node.Offline,
		"This computer is not connected to any network. What you write is sent later.",
		"Check the cable or the wireless network.")
	if status.State != node.Online || !lacksMailserver(status, a.wanted.Load()) {
		a.served = now
	}
	s.be(DegradedNoMailserver, now.Sub(a.served) >= grace,
		"None of the mailservers you know answers. What is written while you are away may not wait for you.",
		"Wait, or add another mailserver.")
	tries := a.node.Tried()
	s.be(DegradedNoPeers, alone && status.State == node.Connecting, aloneSentence(tries), aloneRemedy(tries))
}

// lacksMailserver tells whether there should be a mailserver and none is connected.
func lacksMailserver(status node.Status, w *wanted) bool {
	list := mailserversOf(status, w)
	return len(list) > 0 && !slices.ContainsFunc(list, func(m Mailserver) bool { return m.Connected })
}

func (s *Service) judgeClock(offset time.Duration) {
	s.be(DegradedClock, offset.Abs() > mostOffset, clockSentence(offset), "Open the date settings.")
}

// clockSentence takes how far the clock is behind.
func clockSentence(offset time.Duration) string {
	side := "behind"
	if offset < 0 {
		side = "ahead"
	}
	n, unit := math.Round(offset.Abs().Seconds()), "seconds"
	if n >= 120 {
		n, unit = math.Round(offset.Abs().Minutes()), "minutes"
	}
	return fmt.Sprintf("Your clock is %.0f %s %s. Others may not receive you.", n, unit, side)
}

func (s *Service) be(name string, lasting bool, text, remedy string) {
	if lasting {
		s.degraded.begin(name, text, remedy)
	} else {
		s.degraded.end(name)
	}
}
