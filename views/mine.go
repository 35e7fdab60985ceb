package views

import (
	"context"
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/services/fault"
	"sotto/views/part"
	"sotto/views/task"
	"sotto/views/theme"
)

const linkSide float32 = 264 // of a link's picture, which holds much

// mineSheet is what others need to write to this account.
type mineSheet struct {
	p     *people
	qr    *part.QR
	link  *part.Span
	known *fyne.Container // what is there once the link is
	text  string          // the link
	say   *part.Complaint
	again *part.Button
}

// openMine shows this account's contact link.
func (p *people) openMine() {
	s := &mineSheet{p: p, qr: part.NewQR(linkSide), say: part.NewComplaint(),
		link: part.NewSpan("", theme.ColorNameText, theme.TextSize)}
	s.again = part.NewButton("Try again", s.load)
	s.known = part.Column(container.NewCenter(s.qr), labelled("Your link", copyLine(s.link, func() { p.c.copy(s.text) })))
	key := part.NewSpan(p.c.account.Short, theme.ColorNameText, theme.TextSize)
	body := part.Column(
		part.Text("Whoever has this can write to you. You decide whether you answer."),
		s.known, s.say, container.NewHBox(s.again),
		labelled("Your key", copyLine(key, func() { p.c.copy(p.c.account.Short) })))
	var sheet *part.Sheet
	shut := part.Main("Close", func() { sheet.Close() })
	sheet = p.c.w.sheets.Open("My contact link", body, nil, shut)
	s.load()
	p.c.w.Focus(shut)
}

// labelled is an object under a small heading.
func labelled(name string, o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVBox(part.Heading(name), o)
}

// mine is a contact link and its picture.
type mine struct {
	link string
	qr   image.Image
}

func (s *mineSheet) load() {
	s.say.Say("")
	s.again.Hide()
	s.known.Show()
	s.link.Set("Just a moment…", theme.ColorNameQuiet)
	service := s.p.service()
	task.Go(s.p.c.w.runner, func(ctx context.Context) (m mine, err error) {
		if m.link, err = service.Link(ctx); err != nil {
			return m, err
		}
		m.qr, err = service.QR(ctx)
		return m, err
	}, s.show)
}

func (s *mineSheet) show(m mine, err error) {
	s.text = m.link
	s.link.Set(m.link, theme.ColorNameText)
	s.qr.Set(m.qr)
	if err != nil {
		s.known.Hide()
		s.say.Say(fault.Sentence(err))
		s.again.Show()
	}
}
