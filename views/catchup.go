package views

import (
	"context"
	"time"

	"sotto/services/fault"
	"sotto/services/history"
	"sotto/views/task"
)

// catchup follows what waited at mailservers: how far getting it is, and what may be missing in the open chat.
type catchup struct {
	c        *conversations
	service  History // nil: nothing is said
	progress *task.Latest[history.Progress]
	gaps     *task.Latest[chatGaps]
	sheet    *historySheet // nil while closed
}

// gapsRest keeps the gaps from being looked for with every page that comes while catching up. Tests rest less.
var gapsRest = time.Second

// chatGaps is what may be missing in a chat.
type chatGaps struct {
	chat string
	list []history.Gap
}

func newCatchup(c *conversations) *catchup {
	u := &catchup{c: c, service: c.w.opt.Services.History}
	u.progress = task.NewLatest(c.w.runner, func(ctx context.Context) (history.Progress, error) { return u.service.Progress(ctx), nil },
		func(p history.Progress, _ error) { c.sidebar.SetProgress(p); c.sayProgress() })
	u.gaps = task.NewLatest(c.w.runner, u.query, u.show).Rest(gapsRest)
	return u
}

// query runs off the UI goroutine, for the chat that was open when it was asked for.
func (u *catchup) query(ctx context.Context) (chatGaps, error) {
	open := u.c.openID.Load()
	if open == nil || *open == "" {
		return chatGaps{}, nil
	}
	list, err := u.service.Gaps(ctx, *open)
	return chatGaps{*open, list}, err
}

func (u *catchup) show(g chatGaps, err error) {
	if err == nil && g.chat == u.c.open {
		u.c.list.SetGaps(g.list)
	}
}

// ask loads everything anew.
func (u *catchup) ask() {
	if u.service == nil {
		return
	}
	u.progress.Ask()
	u.gaps.Ask()
	if u.sheet != nil {
		u.sheet.load.Ask()
	}
}

// opened is told that another chat is open.
func (u *catchup) opened() {
	if u.service != nil {
		u.gaps.Ask()
	}
}

// again asks the mailservers for what is missing.
func (u *catchup) again() {
	task.Go(u.c.w.runner, func(ctx context.Context) (history.Progress, error) { return u.service.Sync(ctx, "") },
		func(_ history.Progress, err error) {
			if err != nil {
				u.c.say.Say(fault.Sentence(err))
			}
			u.c.list.SetAsking(false)
			u.ask()
		})
}
