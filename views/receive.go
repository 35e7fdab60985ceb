package views

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/fault"
	"sotto/services/network"
	"sotto/views/part"
	"sotto/views/task"
)

// receiveNames are the settings of what is received, as a person reads them.
var receiveNames = []struct {
	name    string
	setting network.Receive
}{
	{"Automatic", network.ReceiveAutomatic},
	{"Everything", network.ReceiveEverything},
	{"What concerns you", network.ReceiveConcerning},
}

const receiveHint = "Receiving everything tells nobody what you read. Automatic does that until a day has cost what you allow, at first 100 MB."

// receive chooses how much of the network's traffic comes in. The choice that holds is shown when it is known; a refused
// one springs back.
func (s *settingsSheet) receive() fyne.CanvasObject {
	services := s.c.w.opt.Services.Network
	group := widget.NewRadioGroup(nil, nil)
	group.Required = true
	for _, r := range receiveNames {
		group.Append(r.name)
	}
	group.Disable()
	var show func()
	chosen := func(name string) {
		for _, r := range receiveNames {
			if r.name == name {
				task.Do(s.c.w.runner, func(ctx context.Context) error { return services.SetReceive(ctx, r.setting) }, func(err error) {
					if err != nil {
						s.say.Say(fault.Sentence(err))
						show()
					}
				})
			}
		}
	}
	show = func() {
		task.Go(s.c.w.runner, services.Receive, func(now network.Receive, err error) {
			if err != nil {
				return
			}
			group.OnChanged = nil
			for _, r := range receiveNames {
				if r.setting == now {
					group.SetSelected(r.name)
				}
			}
			group.OnChanged = chosen
			group.Enable()
		})
	}
	show()
	return container.NewVBox(group, part.Quiet(receiveHint))
}
