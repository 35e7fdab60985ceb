package views

import (
	"context"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"sotto/services/devices"
	"sotto/views/icon"
	"sotto/views/part"
	"sotto/views/task"
	"sotto/views/theme"
)

// deviceDesk is what the window knows of the account's own devices.
type deviceDesk struct {
	c      *conversations
	load   *task.Latest[[]devices.Device]
	list   []devices.Device
	loaded bool
	failed error
	seen   map[string]bool // devices of which the person knows: no notice is needed
	bar    *fyne.Container // the notice
	text   *part.Span
	sheet  *deviceSheet // nil while closed
}

func newDeviceDesk(c *conversations) *deviceDesk {
	d := &deviceDesk{c: c, seen: map[string]bool{}}
	d.bar = d.newBar()
	d.bar.Hide()
	if d.service() != nil {
		d.load = task.NewLatest(c.w.runner, d.service().List, d.show).Rest(listRest)
	}
	return d
}

// service may be nil: then nothing is said about other devices.
func (d *deviceDesk) service() Devices { return d.c.w.opt.Services.Devices }

// newBar is the notice at the top of the window that another device announced itself.
func (d *deviceDesk) newBar() *fyne.Container {
	sign := canvas.NewImageFromResource(icon.In(icon.Device, theme.ColorNameAccent))
	sign.SetMinSize(fyne.NewSquareSize(18))
	d.text = part.NewSpan("", theme.ColorNameText, theme.TextSize)
	left := container.New(layout.NewCustomPaddedLayout(0, 0, theme.Near, theme.Near), container.NewCenter(sign))
	shut := part.NewIconButton("", icon.Of(icon.Close), d.dismiss)
	shut.Importance = widget.LowImportance
	line := container.NewBorder(nil, nil, left, container.NewHBox(part.NewButton("Look", d.openSheet), shut), part.Middle(d.text))
	bar := part.NewPanel(theme.ColorNameSelected, 0, part.Inset(theme.Grid, line))
	return container.New(layout.NewCustomPaddedVBoxLayout(0), bar, part.NewLine(theme.ColorNameLine))
}

// ask loads the devices anew.
func (d *deviceDesk) ask() {
	if d.service() != nil {
		d.load.Ask()
	}
}

// changed is told that something about a device changed.
func (d *deviceDesk) changed() { d.ask() }

// justNow is how recently a device was heard that announced itself while the window was being opened.
const justNow = 10 * time.Minute

// show takes the list that was loaded. What was known when the window opened is no news.
func (d *deviceDesk) show(list []devices.Device, err error) {
	if d.failed = err; err == nil {
		for _, one := range list {
			if one.This || one.Enabled || !d.loaded && d.c.w.opt.Now().Sub(one.Heard) > justNow {
				d.seen[one.ID] = true
			}
		}
		d.list, d.loaded = list, true
	}
	d.tell()
	if d.sheet != nil {
		d.sheet.fill()
	}
}

// fresh are the devices that announced themselves and that the person has not looked at.
func (d *deviceDesk) fresh() (list []devices.Device) {
	for _, one := range d.list {
		if !d.seen[one.ID] {
			list = append(list, one)
		}
	}
	return list
}

// tell shows the notice while there is something to tell, and nobody looks at the devices already.
func (d *deviceDesk) tell() {
	if d.sheet != nil {
		d.look()
	}
	fresh := d.fresh()
	switch len(fresh) {
	case 0:
	case 1:
		d.text.SetText("A new device of yours announced itself: " + deviceName(fresh[0]) + ".")
	default:
		d.text.SetText("New devices of yours announced themselves.")
	}
	if on := len(fresh) > 0; on != d.bar.Visible() {
		show(on, d.bar)
		d.c.object.Refresh() // the bar's room
	}
}

// look takes note that the person sees the devices.
func (d *deviceDesk) look() {
	for _, one := range d.list {
		d.seen[one.ID] = true
	}
}

func (d *deviceDesk) dismiss() {
	d.look()
	d.tell()
}

// enabled counts the devices that take part, this one included.
func (d *deviceDesk) enabled() (n int) {
	for _, one := range d.list {
		if one.Enabled {
			n++
		}
	}
	return n
}

// others are the devices beside this one.
func (d *deviceDesk) others() (list []devices.Device) {
	for _, one := range d.list {
		if !one.This {
			list = append(list, one)
		}
	}
	return list
}

// this is this computer's device, empty while it is not known.
func (d *deviceDesk) this() devices.Device {
	for _, one := range d.list {
		if one.This {
			return one
		}
	}
	return devices.Device{}
}

// change runs a call about a device for a button and loads anew.
func (d *deviceDesk) change(b *part.Button, doing string, say *part.Complaint,
	call func(context.Context) (devices.Device, error), done func(devices.Device),
) {
	part.Perform(d.c.w.runner, b, doing, say, call, func(now devices.Device) {
		d.ask()
		done(now)
	})
}

// sentence says how many devices take part.
func (d *deviceDesk) sentence() string {
	if n := d.enabled(); n > 1 {
		return fmt.Sprintf("%d devices take part", n)
	}
	return "This computer only"
}
