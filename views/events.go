package views

import (
	"context"

	"sotto/services/event"
)

// eventQueue is how many events may wait before they become one resync.
const eventQueue = 1024

// watch hands events to the UI goroutine until the window is closed.
func (w *Window) watch() {
	subscription := w.opt.Services.Events.Subscribe(eventQueue)
	w.runner.Watch(func(ctx context.Context) {
		defer subscription.Close()
		for {
			select {
			case <-ctx.Done():
				return
			case e, ok := <-subscription.C:
				if !ok {
					return
				}
				w.runner.Post(func() { w.handle(e) })
			}
		}
	})
}

// handle loads anew what an event speaks of.
func (w *Window) handle(e event.Event) {
	if w.main == nil {
		return
	}
	switch e.Kind {
	case event.Message, event.Ledger:
		w.main.messageChanged(e.Chat, e.Message)
	case event.Chat:
		w.main.chats.Ask()
		w.main.people.askRequests()
		w.main.groups.ask()
	case event.Group:
		w.main.groups.changed(e.Chat)
	case event.Device:
		w.main.devices.changed()
	case event.Contact:
		w.main.people.changed(e.Chat)
	case event.Network, event.Degraded:
		w.main.network.Ask()
		w.main.catchup.opened()
	case event.History:
		w.main.catchup.ask()
	case event.Account:
		w.main.accountChanged()
	case event.Resync:
		w.main.resync()
	}
}
