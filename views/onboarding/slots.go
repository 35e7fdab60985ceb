package onboarding

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/account"
	"sotto/views/part"
)

const (
	byKeychain = "This computer's keychain"
	byPassword = "A password"
)

// slotChoice asks for a name and how the account will be opened.
type slotChoice struct {
	name     *part.Field
	way      *widget.RadioGroup
	password *part.Field
	again    *part.Field
	fields   *fyne.Container
	focus    func(*part.Field)
}

// newSlotChoice returns the fields; submit runs when Enter is pressed in one of them.
func (f *Flow) newSlotChoice(submit func()) *slotChoice {
	c := &slotChoice{
		focus: func(field *part.Field) {
			f.opt.Runner.Post(func() { f.opt.Stage.Focus(field) }) // a choice that is clicked takes the focus itself, after this
		},
		name:     part.NewField("Name"),
		password: part.NewPassword("Password"),
		again:    part.NewPassword("The same password again"),
	}
	c.fields = part.Column(c.password, c.again)
	c.fields.Hide()
	c.way = widget.NewRadioGroup([]string{byKeychain, byPassword}, nil)
	c.way.Required = true
	c.way.SetSelected(byKeychain)
	c.way.OnChanged = c.chosen
	for _, field := range []*part.Field{c.name, c.password, c.again} {
		field.OnSubmitted = func(string) { submit() }
	}
	return c
}

func (c *slotChoice) chosen(way string) {
	if way != byPassword {
		c.fields.Hide()
		return
	}
	c.fields.Show()
	c.focus(c.password)
}

func (c *slotChoice) objects() fyne.CanvasObject {
	return part.Column(
		container.NewVBox(c.name, part.Quiet("Only on this computer. Without one you are called by three words.")),
		part.Heading("Unlock with"),
		c.way, c.fields)
}

// options are what was chosen, or the sentence that says what is missing.
func (c *slotChoice) options() (account.Options, string) {
	o := account.Options{Name: c.name.Text, Keychain: c.way.Selected == byKeychain}
	if o.Keychain {
		return o, ""
	}
	if c.password.Text == "" {
		return o, "Choose a password."
	}
	if c.password.Text != c.again.Text {
		return o, "The two passwords differ."
	}
	o.Password = c.password.Text
	return o, ""
}

// offerPassword turns to the password, for when the keychain refused.
func (c *slotChoice) offerPassword() { c.way.SetSelected(byPassword) }

// forget clears what is secret.
func (c *slotChoice) forget() {
	c.password.SetText("")
	c.again.SetText("")
}
