package onboarding

import (
	"context"

	"sotto/services/account"
	"sotto/services/fault"
	"sotto/views/part"
	"sotto/views/task"
)

// create asks how a new account will be opened and makes it.
func (f *Flow) create() {
	say := part.NewComplaint()
	var choice *slotChoice
	var button *part.Button
	submit := func() {
		o, missing := choice.options()
		if missing != "" {
			say.Say(missing)
			return
		}
		f.enter(button, "Creating…", say, choice, func(ctx context.Context) (account.Account, error) {
			made, err := f.opt.Accounts.Create(ctx, o)
			return made.Account, err
		})
	}
	choice = f.newSlotChoice(submit)
	button = part.Main("Create", submit)
	f.opt.Stage.SetPage("create", page(f.Welcome, part.Title("Create account"), choice.objects(), say, button), choice.name)
}

// enter runs what opens an account and goes on with it. Where the keychain refuses, the password is offered.
func (f *Flow) enter(b *part.Button, doing string, say *part.Complaint, choice *slotChoice, call func(context.Context) (account.Account, error)) {
	if b.Disabled() {
		return
	}
	verb := b.Text
	b.SetText(doing)
	b.Disable()
	say.Say("")
	task.Go(f.opt.Runner, call, func(a account.Account, err error) {
		b.SetText(verb)
		b.Enable()
		if err == nil {
			choice.forget()
			f.opt.Entered(a, true)
			return
		}
		if fault.CodeOf(err) == fault.NoKeychain {
			choice.offerPassword()
		}
		say.Say(fault.Sentence(err))
	})
}
