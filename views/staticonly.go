package views

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"sotto/services/fault"
	"sotto/views/part"
	"sotto/views/task"
)

// staticOnly is the check with which a person forbids that nodes are looked for. What holds is shown; a refused change springs
// back, and the reason is said.
type staticOnly struct {
	n      *networkSheet
	object fyne.CanvasObject
	check  *widget.Check
	say    *part.Complaint
	saving bool // what is known of the network is from before the change
}

const (
	staticName = "Connect only to nodes that you know"
	staticHint = "Sotto connects to the nodes that you added and to those that your network names, and asks nobody who else is there."
)

func newStaticOnly(n *networkSheet) *staticOnly {
	s := &staticOnly{n: n, check: widget.NewCheck(staticName, nil), say: part.NewComplaint()}
	s.check.OnChanged = s.save
	s.object = part.Column(s.check, part.Quiet(staticHint), s.say)
	return s
}

// show shows what holds.
func (s *staticOnly) show(on bool) {
	if !s.saving {
		s.set(on)
	}
}

func (s *staticOnly) set(on bool) {
	s.check.OnChanged = nil
	s.check.SetChecked(on)
	s.check.OnChanged = s.save
}

// save lets a choice hold from now on. A second one waits until it does.
func (s *staticOnly) save(on bool) {
	if s.saving {
		s.set(!on)
		return
	}
	s.saving = true
	s.say.Say("")
	task.Do(s.n.c.w.runner, func(ctx context.Context) error { return s.n.c.w.opt.Services.Network.SetStaticOnly(ctx, on) },
		func(err error) {
			s.saving = false
			if err != nil {
				s.set(!on)
				s.say.Say(fault.Sentence(err))
			}
			s.n.ask()
		})
}
