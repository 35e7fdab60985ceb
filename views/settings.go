package views

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/views/part"
	"sotto/views/theme"
)

// settingsSheet is the open settings.
type settingsSheet struct {
	c     *conversations
	sheet *part.Sheet
	slots *fyne.Container
	say   *part.Complaint
}

func (c *conversations) openSettings() {
	s := &settingsSheet{c: c, slots: container.NewVBox(), say: part.NewComplaint()}
	body := container.NewVBox(
		part.Heading("Colours"), s.colours(),
		part.Heading("Name on this computer"), s.name(),
		part.Heading("Your account opens with"), s.slots, s.say,
		part.Heading("Receive"), s.receive(),
		s.devices(),
		part.Heading("Your key"), part.Quiet(c.account.Pseudonym+"\n"+c.account.Short))
	remove := part.Link("Delete account", func() { s.sheet.Close(); c.w.openRemove(c.account) })
	s.sheet = c.w.sheets.Open("Settings", body, remove,
		part.NewButton("Lock", c.w.lock), part.Main("Close", func() { s.sheet.Close() }))
	s.fillSlots()
}

func (s *settingsSheet) colours() fyne.CanvasObject {
	names := []string{"Light", "Dark", "As the system"}
	modes := map[string]theme.Mode{"Light": theme.Light, "Dark": theme.Dark, "As the system": theme.System}
	group := widget.NewRadioGroup(names, nil)
	group.Horizontal, group.Required = true, true
	for name, mode := range modes {
		if mode == s.c.w.opt.Look.Mode() {
			group.SetSelected(name)
		}
	}
	group.OnChanged = func(name string) {
		if err := s.c.w.opt.Look.SetMode(modes[name]); err != nil {
			s.say.Say("Your choice holds until you close Sotto: it could not be written down.")
		}
	}
	return group
}

func (s *settingsSheet) name() fyne.CanvasObject {
	field := part.NewField("Name")
	field.SetText(s.c.account.Name)
	var save *part.Button
	save = part.NewButton("Save", func() {
		name := field.Text
		part.PerformOnly(s.c.w.runner, save, "Saving…", s.say,
			func(ctx context.Context) error { return s.c.w.opt.Services.Account.Rename(ctx, name) },
			s.c.accountChanged)
	})
	field.OnSubmitted = func(string) { save.OnTapped() }
	return container.NewBorder(nil, nil, nil, save, field)
}

// fillSlots shows the ways that open the account, each with what can be done about it.
func (s *settingsSheet) fillSlots() {
	accounts, slots := s.c.w.opt.Services.Account, s.c.account.Slots
	s.slots.RemoveAll()
	if slots.Keychain {
		s.slots.Add(s.slot("This computer's keychain", s.action("Remove", "Removing…", accounts.RemoveKeychain)))
	} else {
		s.slots.Add(s.slot("Not with this computer's keychain", s.action("Add", "Adding…", accounts.AddKeychain)))
	}
	if slots.Password {
		s.slots.Add(s.slot("A password",
			part.NewButton("Change", s.openPassword), s.action("Remove", "Removing…", accounts.RemovePassword)))
	} else {
		s.slots.Add(s.slot("Not with a password", part.NewButton("Set", s.openPassword)))
	}
	s.slots.Add(s.slot("Your recovery phrase, always"))
}

func (s *settingsSheet) slot(what string, actions ...*part.Button) fyne.CanvasObject {
	row := container.NewHBox()
	for _, b := range actions {
		row.Add(b)
	}
	return container.NewBorder(nil, nil, nil, row, part.Line(what))
}

// action is a button that changes a slot.
func (s *settingsSheet) action(verb, doing string, call func(context.Context) error) *part.Button {
	var b *part.Button
	b = part.NewButton(verb, func() {
		part.PerformOnly(s.c.w.runner, b, doing, s.say, call, s.changed)
	})
	return b
}

func (s *settingsSheet) changed() {
	s.c.accountChanged()
	s.fillSlots()
}

// openPassword asks for a new password, twice.
func (s *settingsSheet) openPassword() {
	first, second, say := part.NewPassword("New password"), part.NewPassword("The same password again"), part.NewComplaint()
	var save *part.Button
	var sheet *part.Sheet
	save = part.Main("Save", func() {
		switch {
		case first.Text == "":
			say.Say("Choose a password.")
			return
		case first.Text != second.Text:
			say.Say("The two passwords differ.")
			return
		}
		password := first.Text
		part.PerformOnly(s.c.w.runner, save, "Saving…", say,
			func(ctx context.Context) error { return s.c.w.opt.Services.Account.SetPassword(ctx, password) },
			func() {
				first.SetText("")
				second.SetText("")
				sheet.Close()
				s.changed()
			})
	})
	second.OnSubmitted = func(string) { save.OnTapped() }
	sheet = s.c.w.sheets.Open("Your password", part.Column(
		part.Text("It opens your account on this computer only. Nobody can tell you a forgotten one; your recovery phrase opens the account then."),
		first, second, say), nil, save)
	s.c.w.window.Canvas().Focus(first)
}

// devices leads to the account's devices.
func (s *settingsSheet) devices() fyne.CanvasObject {
	desk := s.c.devices
	if desk.service() == nil {
		return container.NewWithoutLayout()
	}
	return section("Devices", container.NewBorder(nil, nil, nil,
		part.NewButton("Show devices", desk.openSheet), part.Line(desk.sentence())))
}
