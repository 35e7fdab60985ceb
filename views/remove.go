package views

import (
	"context"

	"sotto/services/account"
	"sotto/views/onboarding"
	"sotto/views/part"
)

// openRemove asks before an account is deleted, the open one or one that is locked, by name, and for its password where
// it has one.
func (w *Window) openRemove(a account.Account) {
	name, say, password := onboarding.DisplayName(a), part.NewComplaint(), part.NewPassword("Your password")
	show(a.Slots.Password, password)
	warning := "Its messages, channels and keys are deleted from this computer. Only your recovery phrase brings the account back, without its messages."
	if a.BackupPending {
		warning = "You have not written down your twelve words. Without them this account is gone for good."
	}
	var remove *part.Button
	var sheet *part.Sheet
	remove = part.Danger("Delete "+name, func() {
		part.PerformOnly(w.runner, remove, "Deleting…", say,
			func(ctx context.Context) error { return w.opt.Services.Account.Remove(ctx, a.ID, password.Text) },
			func() { password.SetText(""); sheet.Close(); w.left() })
	})
	password.OnSubmitted = func(string) { remove.OnTapped() }
	keep := part.NewButton("Keep", func() { sheet.Close() })
	sheet = w.sheets.Open("Delete "+name+"?", part.Column(part.Text(warning), password, say), remove, keep)
	if a.Slots.Password {
		w.Focus(password)
		return
	}
	w.Focus(keep)
}

// left shows the way in after an account is gone.
func (w *Window) left() {
	w.leaveConversations()
	w.flow.Start(false)
}
