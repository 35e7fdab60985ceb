package views

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"sotto/services/devices"
	"sotto/services/fault"
	"sotto/views/icon"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/task"
	"sotto/views/theme"
)

// deviceSheet shows the account's devices, and leads through letting another one take part.
type deviceSheet struct {
	d      *deviceDesk
	sheet  *part.Sheet
	name   *part.Field
	named  bool // the field has the name that is known
	others *fyne.Container
	rows   []devices.Device // that others shows, once filled
	filled bool
	say    *part.Complaint
	about  *part.Complaint // looking for others
	wrong  *fyne.Container // why another one may not be heard
	state  *widget.Label   // what looking for others came to
	look   *part.Button
	looked int // how often the others were looked for
}

// openSheet shows the account's devices.
func (d *deviceDesk) openSheet() {
	if d.sheet != nil || d.service() == nil {
		return
	}
	s := &deviceSheet{d: d, name: part.NewField("Name of this computer"), others: container.NewVBox(), wrong: container.NewVBox(),
		say: part.NewComplaint(), about: part.NewComplaint(), state: part.Quiet("")}
	s.state.Hide()
	s.wrong.Hide()
	s.look = part.Main("Look for my other devices", s.announce)
	body := part.Column(
		part.Text("Your account can be on three computers. Those that take part have the same contacts and chats, and what you write on one is on the others."),
		section("This computer", part.Column(s.nameLine(), s.say)),
		section("Other devices", part.Column(s.about, s.others, s.state, s.wrong)))
	d.sheet = s
	s.sheet = d.c.w.sheets.Open("Your devices", body, nil, s.look)
	s.sheet.OnClose = func() { d.sheet = nil }
	d.tell()
	s.fill()
	d.ask()
	d.c.w.Focus(s.look)
}

func (s *deviceSheet) nameLine() fyne.CanvasObject {
	save := part.NewButton("Save", nil)
	save.OnTapped = func() {
		name := s.name.Text
		part.PerformOnly(s.d.c.w.runner, save, "Saving…", s.say,
			func(ctx context.Context) error { return s.d.service().Rename(ctx, name) }, s.d.ask)
	}
	s.name.OnSubmitted = func(string) { save.OnTapped() }
	return container.NewBorder(nil, nil, nil, save, s.name)
}

// fill shows what is known now.
func (s *deviceSheet) fill() {
	if this := s.d.this(); !s.named && this.ID != "" {
		s.named = true
		s.name.SetText(this.Name)
	}
	s.about.Say("")
	if s.d.failed != nil {
		s.about.Say(fault.Sentence(s.d.failed))
	}
	others := s.d.others()
	if len(others) > 0 {
		show(false, s.state, s.wrong)
	}
	if s.filled && slices.Equal(others, s.rows) {
		return
	}
	s.rows, s.filled = others, s.d.loaded
	s.others.RemoveAll()
	switch {
	case !s.d.loaded && s.d.failed != nil:
		s.others.Add(container.NewHBox(part.NewButton("Try again", s.d.ask)))
	case !s.d.loaded:
		s.others.Add(part.Quiet("Just a moment…"))
	case len(others) == 0:
		s.others.Add(howToAdd())
	}
	for _, one := range others {
		s.others.Add(s.row(one))
	}
	if s.d.enabled() >= devices.MostDevices && len(others) >= devices.MostDevices {
		s.others.Add(part.Quiet("Three devices take part, which is the most. Disable one to let another take part."))
	}
	s.d.c.w.sheets.Arrange()
}

// howToAdd says how somebody with one device gets a second.
func howToAdd() fyne.CanvasObject {
	column := part.Column(part.Text("No other device of yours is known. To add one:"))
	for i, step := range []string{
		"Start Sotto on the other computer, choose “I have a recovery phrase” and enter the words of this account.",
		"Open this page on both: in the settings, under Devices.",
		"Press “Look for my other devices” on both, and compare the code that they show.",
	} {
		number := part.NewSpan(string(rune('1'+i))+".", theme.ColorNameAccent, theme.TextSize).Bold().Whole()
		top := container.New(layout.NewCustomPaddedLayout(theme.Near, 0, theme.Near, 0), number)
		column.Add(container.NewBorder(nil, nil, container.NewVBox(top), nil, part.Text(step)))
	}
	return column
}

// row is another device, with what can be done about it.
func (s *deviceSheet) row(one devices.Device) fyne.CanvasObject {
	sign := canvas.NewImageFromResource(icon.In(icon.Device, theme.ColorNameText))
	sign.SetMinSize(fyne.NewSquareSize(24))
	name := part.NewSpan(deviceName(one), theme.ColorNameText, theme.TextSize).Bold()
	line := part.NewSpan(deviceLine(one, s.d.c.w.opt.Now()), theme.ColorNameQuiet, theme.SmallSize)
	var do *part.Button
	switch {
	case one.Enabled:
		do = part.Link("Disable", func() { s.openDisable(one) })
	case s.d.enabled() < devices.MostDevices:
		do = part.NewButton("Compare codes", func() { s.openCode(one) })
	}
	end := container.NewHBox()
	if do != nil {
		end.Add(container.NewCenter(do))
	}
	return personLine(container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(theme.AvatarList), container.NewCenter(sign))), name, line, end)
}

// deviceName is what a device is called.
func deviceName(one devices.Device) string {
	if name := flow.Line(one.Name, calledLength); name != "" {
		return name
	}
	return "A device without a name"
}

// deviceLine says whether a device takes part, and when it was heard.
func deviceLine(one devices.Device, now time.Time) string {
	line := "Not enabled yet"
	if one.Enabled {
		line = "Takes part"
	}
	if one.Heard.IsZero() {
		return line
	}
	return line + " · heard " + pointWords(one.Heard, now)
}

// lookingFor is how long the others have until it is said why they may not be heard. Tests wait less.
var lookingFor = 15 * time.Second

// announce tells the others of this device, and says after a while what may be wrong where none answers.
func (s *deviceSheet) announce() {
	part.PerformOnly(s.d.c.w.runner, s.look, "Looking…", s.about, s.d.service().Announce, func() {
		s.d.ask()
		if len(s.d.others()) > 0 {
			s.state.SetText("Your other devices are told about this one.")
			s.state.Show()
			return
		}
		s.looked++
		looked := s.looked
		s.wrong.Hide()
		s.state.SetText("Looking. Press the same button on the other computer; it can take a minute.")
		s.state.Show()
		s.d.c.w.sheets.Arrange()
		s.d.c.w.runner.After(lookingFor, func() {
			if s.d.sheet == s && s.looked == looked && len(s.d.others()) == 0 {
				s.askTrouble()
			}
		})
	})
}

// askTrouble says why no other device may be heard, each cause with its remedy.
func (s *deviceSheet) askTrouble() {
	task.Go(s.d.c.w.runner, func(ctx context.Context) ([]devices.Trouble, error) { return s.d.service().Trouble(ctx), nil },
		func(list []devices.Trouble, _ error) {
			if s.d.sheet != s || len(s.d.others()) > 0 {
				return
			}
			s.wrong.RemoveAll()
			for _, t := range list {
				s.wrong.Add(attention(t.Text))
				s.wrong.Add(part.Quiet(t.Remedy))
			}
			s.state.SetText("No other device answered so far.")
			show(len(list) > 0, s.wrong)
			s.d.c.w.sheets.Arrange()
		})
}

// openDisable asks before a device takes part no more, by name.
func (s *deviceSheet) openDisable(one devices.Device) {
	name, say := deviceName(one), part.NewComplaint()
	var sheet *part.Sheet
	yes := part.Danger("Disable "+flow.Line(name, verbLength), nil)
	yes.OnTapped = func() {
		s.d.change(yes, "Disabling…", say,
			func(ctx context.Context) (devices.Device, error) { return s.d.service().Disable(ctx, one.ID) },
			func(devices.Device) { sheet.Close() })
	}
	no := part.NewButton("Keep", func() { sheet.Close() })
	sheet = s.d.c.w.sheets.Open("Disable "+name+"?", part.Column(
		part.Text("What you write and read here from now on does not go to it any more. What it has already stays on it."), say), yes, no)
	s.d.c.w.Focus(no)
}
