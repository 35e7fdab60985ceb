package onboarding

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/services/account"
	"sotto/views/part"
	"sotto/views/theme"
)

// unlockPage is the state of the page that opens an account.
type unlockPage struct {
	flow      *Flow
	chosen    account.Account
	rows      []*accountRow
	password  *part.Field
	phrase    *part.Field
	keychain  *part.Button
	open      *part.Button
	usePhrase *part.Button
	say       *part.Complaint
}

// unlock lists the accounts and opens the one that is chosen; with auto set it asks the keychain for the first at once.
func (f *Flow) unlock(auto bool) {
	p := &unlockPage{flow: f, say: part.NewComplaint()}
	p.password = part.NewPassword("Password")
	p.password.OnSubmitted = func(string) { p.submit() }
	p.phrase = part.NewLines("The words of your recovery phrase", 3)
	p.keychain = part.Main("Open with the keychain", p.askKeychain)
	p.open = part.Main("Open", p.submit)
	p.usePhrase = part.Link("Use the recovery phrase", p.showPhrase)
	remove := part.Link("Delete this account", func() { f.opt.Remove(p.chosen) })
	list := container.NewVBox()
	for _, a := range f.accounts {
		row := newAccountRow(a, func() { p.choose(a) })
		p.rows = append(p.rows, row)
		list.Add(row)
	}
	others := container.NewHBox(part.Link("Create account", f.create), part.Link("I have a recovery phrase", f.recover))
	f.opt.Stage.SetPage("unlock", page(nil, part.Title("Open your account"), list,
		p.keychain, p.password, p.phrase, p.say, p.open, container.NewBorder(nil, nil, p.usePhrase, remove),
		part.Gap(theme.Near), part.NewLine(theme.ColorNameLine), others), nil)
	p.choose(f.accounts[0])
	if auto {
		p.askKeychain()
	}
}

// choose shows the ways into one account.
func (p *unlockPage) choose(a account.Account) {
	p.chosen = a
	for _, row := range p.rows {
		row.SetChosen(row.account.ID == a.ID)
	}
	p.say.Say("")
	p.password.SetText("")
	p.phrase.SetText("")
	show(p.keychain, a.Slots.Keychain)
	show(p.password, a.Slots.Password)
	show(p.open, a.Slots.Password)
	show(p.usePhrase, true)
	p.phrase.Hide()
	if !a.Slots.Keychain && !a.Slots.Password {
		p.showPhrase()
		return
	}
	if a.Slots.Password {
		p.focus(p.password)
	}
}

func (p *unlockPage) showPhrase() {
	p.phrase.Show()
	p.open.Show()
	p.password.Hide()
	p.usePhrase.Hide()
	p.focus(p.phrase)
}

func (p *unlockPage) focus(f *part.Field) { p.flow.opt.Stage.Focus(f) }

func (p *unlockPage) askKeychain() { p.unlock(p.keychain, account.Credential{}) }

func (p *unlockPage) submit() {
	if p.phrase.Visible() {
		if complaint := PhraseComplaint(p.phrase.Text, true); complaint != "" {
			p.say.Say(complaint)
			return
		}
		p.unlock(p.open, account.Credential{Phrase: p.phrase.Text})
		return
	}
	if p.password.Text == "" {
		p.say.Say("Type your password.")
		return
	}
	p.unlock(p.open, account.Credential{Password: p.password.Text})
}

// unlock opens the chosen account. The rows stay where they are; a refusal is said below them.
func (p *unlockPage) unlock(b *part.Button, c account.Credential) {
	id := p.chosen.ID
	part.Perform(p.flow.opt.Runner, b, "Opening…", p.say,
		func(ctx context.Context) (account.Account, error) {
			return p.flow.opt.Accounts.Unlock(ctx, id, c)
		},
		func(a account.Account) {
			p.password.SetText("")
			p.phrase.SetText("")
			p.flow.opt.Entered(a, false)
		})
}

func show(o fyne.CanvasObject, visible bool) {
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}
