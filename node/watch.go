package node

import (
	"context"
	"reflect"
	"time"
)

// watchInterval is how often the node looks for what nobody tells it: the day's traffic, the clock's offset.
const watchInterval = 5 * time.Second

// watch calls OnChange after changes, until ctx ends.
func (n *Node) watch(ctx context.Context) {
	t := time.NewTicker(watchInterval)
	defer t.Stop()
	shown := n.summary()
	for {
		select {
		case <-t.C:
			n.judgeTraffic()
		case <-n.changed:
		case <-ctx.Done():
			return
		}
		n.learnMail()
		now := n.summary()
		if n.cfg.OnChange != nil && !reflect.DeepEqual(now, shown) {
			n.cfg.OnChange()
		}
		shown = now
	}
}

// learnMail tells the overlay which peers said that they keep envelopes, so that a client does not look for more of them.
func (n *Node) learnMail() {
	for _, p := range n.whisper.Peers() {
		if p.Retention > 0 {
			n.overlay.LearnMail(p.ID)
		}
	}
}

// touch asks for a look at what changed.
func (n *Node) touch() {
	select {
	case n.changed <- struct{}{}:
	default:
	}
}

// judgeTraffic narrows or widens what is received, as policy and budget say.
func (n *Node) judgeTraffic() {
	everything := n.countTraffic()
	n.whisper.SetReceive(everything)
	if n.everything.Swap(everything) != everything {
		_, _, spent := n.budget.state()
		n.cfg.Log.Info("receiving", "everything", everything, "bytes_today", spent.Bytes)
	}
}

// countTraffic brings the day's count up to date and tells whether to receive everything.
func (n *Node) countTraffic() (everything bool) {
	s := n.overlay.Stats()
	return n.budget.look(n.cfg.Now(), s.In+s.Out, trafficOf(n.whisper.Stats()).kinds())
}

// summary is the part of the status whose change is worth telling: no counters, and the clock to the second.
func (n *Node) summary() Status {
	s := n.Status()
	s.Traffic, s.Today = Traffic{}, Spent{}
	s.ClockOffset = s.ClockOffset.Round(time.Second)
	for i := range s.Peers {
		s.Peers[i].RTT, s.Peers[i].In, s.Peers[i].Out = 0, 0, 0
	}
	return s
}
