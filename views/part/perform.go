package part

import (
	"context"

	"fyne.io/fyne/v2/widget"

	"sotto/services/fault"
	"sotto/views/task"
)

// Main is the button that a screen is about.
func Main(verb string, tapped func()) *Button {
	b := NewButton(verb, tapped)
	b.Importance = widget.HighImportance
	return b
}

// Danger is a button that destroys something.
func Danger(verb string, tapped func()) *Button {
	b := NewButton(verb, tapped)
	b.Importance = widget.DangerImportance
	return b
}

// Link is a button that looks like text.
func Link(verb string, tapped func()) *Button {
	b := NewButton(verb, tapped)
	b.Importance = widget.LowImportance
	return b
}

// Perform runs a call for a button. Meanwhile the button says what it is doing and cannot be pressed; a refusal is said
// in the complaint, and done is called only when the call went well.
func Perform[T any](r *task.Runner, b *Button, doing string, say *Complaint, call func(context.Context) (T, error), done func(T)) {
	if b.Disabled() {
		return
	}
	verb := b.Text
	b.SetText(doing)
	b.Disable()
	say.Say("")
	task.Go(r, call, func(result T, err error) {
		b.SetText(verb)
		b.Enable()
		if err != nil {
			say.Say(fault.Sentence(err))
			return
		}
		done(result)
	})
}

// PerformOnly is Perform for a call without a result.
func PerformOnly(r *task.Runner, b *Button, doing string, say *Complaint, call func(context.Context) error, done func()) {
	Perform(r, b, doing, say,
		func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) },
		func(struct{}) { done() })
}
