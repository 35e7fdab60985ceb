package views

import (
	"cmp"
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/services/fault"
	"sotto/services/history"
	"sotto/views/message"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/sidebar"
	"sotto/views/task"
)

// historySheet tells how much of a chat is here.
type historySheet struct {
	u       *catchup
	chat    string
	body    *fyne.Container
	say     *part.Complaint
	again   *part.Button
	further *part.Button
	load    *task.Latest[chatHistory]
}

// chatHistory is what mailservers gave of a chat, and what may be missing.
type chatHistory struct {
	covered []history.Coverage
	gaps    []history.Gap
}

// openHistory shows how much of a chat is here.
func (u *catchup) openHistory(chat string) {
	s := &historySheet{u: u, chat: chat, body: container.NewVBox(part.Quiet("Just a moment…")), say: part.NewComplaint()}
	s.again = part.Main("Ask again", nil)
	s.again.OnTapped = func() { s.sync(s.again, "Asking…", "") }
	s.further = part.NewButton("Ask for older ones", nil)
	s.further.OnTapped = func() { s.sync(s.further, "Asking…", chat) }
	s.again.Hide()
	s.load = task.NewLatest(u.c.w.runner, s.query, s.show)
	sheet := u.c.w.sheets.Open("History of "+sidebar.Title(u.c.known(chat)), part.Column(s.body, s.say,
		part.Quiet("Mailservers may have what was said here up to thirty days before you came.")), s.further, s.again)
	u.sheet = s
	sheet.OnClose = func() { u.sheet = nil }
	s.load.Ask()
}

func (s *historySheet) query(ctx context.Context) (h chatHistory, err error) {
	if h.covered, err = s.u.service.Coverage(ctx, s.chat); err != nil {
		return h, err
	}
	h.gaps, err = s.u.service.Gaps(ctx, s.chat)
	return h, err
}

func (s *historySheet) show(h chatHistory, err error) {
	if s.u.sheet != s {
		return
	}
	if err != nil {
		s.say.Say(fault.Sentence(err))
		return
	}
	now := s.u.c.w.opt.Now()
	s.body.RemoveAll()
	s.body.Add(part.Text(coverageSentence(h.covered, now)))
	for _, g := range h.gaps[:min(len(h.gaps), shownGaps)] {
		s.body.Add(attention(message.GapText(g, now)))
	}
	show(len(h.gaps) > 0, s.again)
}

// shownGaps is how many spans of time are listed.
const shownGaps = 12

// sync asks the mailservers; with a chat also for what was said there before this account came.
func (s *historySheet) sync(b *part.Button, doing, chat string) {
	part.Perform(s.u.c.w.runner, b, doing, s.say,
		func(ctx context.Context) (history.Progress, error) { return s.u.service.Sync(ctx, chat) },
		func(history.Progress) { s.u.ask() })
}

// fresh is how long ago the last answer may be for a chat to count as complete until now: servers are asked every ten minutes.
const fresh = 30 * time.Minute

// coverageSentence says since when a chat is complete, and by whom.
func coverageSentence(covered []history.Coverage, now time.Time) string {
	last, names := lastCovered(covered)
	if len(names) == 0 {
		return "No mailserver has answered for this chat yet. What came while you were connected is here."
	}
	since := pointWords(last.From, now)
	if now.Sub(last.To) < fresh {
		return "Complete since " + since + ", by " + namesWords(names) + "."
	}
	return "Complete from " + since + " until " + pointWords(last.To, now) + ", by " + namesWords(names) + "."
}

// lastCovered is the newest span of time that was answered for without a hole, and by whom.
func lastCovered(covered []history.Coverage) (last history.Coverage, names []string) {
	covered = slices.Clone(covered)
	slices.SortFunc(covered, func(a, b history.Coverage) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	for _, c := range covered {
		name := flow.Line(history.NameOf(c.Server), networkNameLimit)
		if len(names) == 0 || c.From.After(last.To) {
			last, names = c, []string{name}
			continue
		}
		if c.To.After(last.To) {
			last.To = c.To
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return last, names
}
