package onboarding

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/account"
	"sotto/services/fault"
	"sotto/views/icon"
	"sotto/views/part"
	"sotto/views/task"
	"sotto/views/theme"
)

// Accounts is what onboarding asks of the account service.
type Accounts interface {
	List(ctx context.Context) ([]account.Account, error)
	Create(ctx context.Context, o account.Options) (account.Created, error)
	Recover(ctx context.Context, phrase string, o account.Options) (account.Account, error)
	Unlock(ctx context.Context, id string, c account.Credential) (account.Account, error)
}

// Stage is where pages are shown.
type Stage interface {
	// SetPage replaces what is shown and focuses the given object, if any. The name is for those who watch the window.
	SetPage(name string, page fyne.CanvasObject, focus fyne.Focusable)
	// Focus puts the cursor into what is on the page, also before it was drawn for the first time.
	Focus(object fyne.Focusable)
}

// Options are a Flow's surroundings; all must be set.
type Options struct {
	Accounts Accounts
	Runner   *task.Runner
	Stage    Stage
	Entered  func(a account.Account, fresh bool) // an account is open; fresh: it was made or recovered just now
	Remove   func(account.Account)               // a locked account is to be deleted, which has to be asked first
}

// Flow is the way in. All methods must be called on the UI goroutine.
type Flow struct {
	opt      Options
	accounts []account.Account
}

// New returns a Flow that shows nothing yet.
func New(opt Options) *Flow { return &Flow{opt: opt} }

// Start asks which accounts there are and shows Welcome or Unlock. With auto set, the only account of the folder is
// opened with the keychain at once where it has that way in.
func (f *Flow) Start(auto bool) {
	f.opt.Stage.SetPage("looking", page(nil, part.Quiet("Looking for your accounts.")), nil)
	task.Go(f.opt.Runner, f.opt.Accounts.List, func(list []account.Account, err error) {
		f.accounts = list
		switch {
		case err != nil:
			f.trouble(err)
		case len(list) == 0:
			f.Welcome()
		default:
			f.unlock(auto && len(list) == 1 && list[0].Slots.Keychain)
		}
	})
}

// trouble says that the accounts could not be read.
func (f *Flow) trouble(err error) {
	say := part.NewComplaint()
	say.Say(fault.Sentence(err))
	again := part.Main("Try again", func() { f.Start(false) })
	f.opt.Stage.SetPage("trouble", page(nil,
		part.Title("Your accounts cannot be read"), say,
		part.Quiet("Nothing was changed. They stay where they are."), again), again)
}

// Welcome shows the first page.
func (f *Flow) Welcome() {
	create := part.Main("Create account", f.create)
	phrase := part.NewButton("I have a recovery phrase", f.recover)
	picture := canvas.NewImageFromResource(icon.Program())
	picture.FillMode = canvas.ImageFillContain
	picture.SetMinSize(fyne.NewSquareSize(72))
	f.opt.Stage.SetPage("welcome", page(f.backToAccounts(),
		container.NewHBox(picture),
		part.Title("Sotto"),
		part.Text("Talk quietly. No phone number, no e-mail, no server but your own."),
		part.Gap(theme.Near),
		create, phrase), create)
}

// backToAccounts leads to Unlock where there is an account to open, else it is nil.
func (f *Flow) backToAccounts() func() {
	if len(f.accounts) == 0 {
		return nil
	}
	return func() { f.unlock(false) }
}

// page is a column in the middle of the window, with a way back where there is one.
func page(back func(), objects ...fyne.CanvasObject) fyne.CanvasObject {
	column := part.Column(objects...)
	middle := container.NewVScroll(container.New(columnLayout{}, column))
	if back == nil {
		return middle
	}
	button := part.NewIconButton("Back", icon.Of(icon.Back), back)
	button.Importance = widget.LowImportance
	return container.NewStack(middle, container.NewVBox(part.Inset(theme.Near, container.NewHBox(button))))
}

// columnWidth is how wide the pages' column is.
const columnWidth float32 = 400

// columnLayout puts one object into the middle, a little above the optical centre where there is room.
type columnLayout struct{}

func (columnLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := objects[0].MinSize()
	return fyne.NewSize(max(size.Width, columnWidth)+2*theme.Edge, size.Height+2*theme.Edge)
}

func (columnLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	object := objects[0]
	object.Resize(fyne.NewSize(columnWidth, object.MinSize().Height)) // wrapped text first, then the true height
	height := object.MinSize().Height
	object.Resize(fyne.NewSize(columnWidth, height))
	top := max(theme.Edge, (size.Height-height)*0.42)
	object.Move(fyne.NewPos((size.Width-columnWidth)/2, top))
}
