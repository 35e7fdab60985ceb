package views

import (
	"context"
	"image"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/contacts"
	"sotto/services/fault"
	"sotto/views/part"
	"sotto/views/task"
	"sotto/views/theme"
)

const (
	codeSide    float32 = 180 // of the picture of a code
	codeSize    float32 = 20  // of the digits that two people compare
	codeGroup           = 5   // digits that are read at once
	codeColumns         = 4
)

// codesSheet lets two people find out whether somebody stands between them.
type codesSheet struct {
	p      *people
	person contacts.Contact
	code   string
	digits *fyne.Container
	qr     *part.QR
	theirs *part.Field
	say    *part.Complaint
	good   *widget.Label
	again  *part.Button
	field  *fyne.Container // their code, to be pasted
	match  *part.Button
	differ *part.Button
	undo   *part.Button
}

// openCodesOfOpen compares codes with whom the open chat is with.
func (p *people) openCodesOfOpen() { p.openCodes(p.openOrSo()) }

// openCodes compares codes with somebody.
func (p *people) openCodes(person contacts.Contact) {
	s := &codesSheet{p: p, person: person, qr: part.NewQR(codeSide), say: part.NewComplaint(), good: part.Text(""),
		digits: container.NewGridWithColumns(codeColumns), theirs: part.NewField("Paste their code")}
	s.good.Importance = widget.SuccessImportance
	s.makeButtons()
	intro := part.Text("Meet or call " + called(person) + " and compare these digits. If they are the same, nobody stands between you.")
	body := part.Column(intro, part.NewPanel(theme.ColorNameRaised, 8, part.Inset(theme.Near, s.digits)),
		s.good, s.say, container.NewHBox(s.again), s.field, container.NewCenter(s.qr))
	p.c.w.sheets.Open("Compare codes", body, s.differ, s.undo, s.match)
	s.fillDigits()
	s.show(person)
	s.load()
}

func (s *codesSheet) makeButtons() {
	s.again = part.NewButton("Try again", s.load)
	check := part.NewButton("Check", nil)
	check.OnTapped = func() {
		if strings.TrimSpace(s.theirs.Text) == "" {
			s.say.Say("Paste the digits that they see, or what their picture says.")
			return
		}
		s.verify(check, s.theirs.Text)
	}
	s.theirs.OnSubmitted = func(string) { check.OnTapped() }
	s.field = container.NewBorder(nil, nil, nil, check, s.theirs)
	s.match = part.Main("They match", nil)
	s.match.OnTapped = func() { s.verify(s.match, s.code) }
	s.differ = part.NewButton("They do not match", func() { s.say.Say(codesDiffer) })
	s.undo = part.NewButton("Not verified any more", nil)
	s.undo.OnTapped = func() {
		s.p.change(s.undo, "Taking it back…", s.say, func(ctx context.Context) (contacts.Contact, error) {
			return s.p.service().Unverify(ctx, s.person.Key)
		}, s.show)
	}
}

// codesDiffer is what it means that the codes differ.
const codesDiffer = "Then somebody may stand between you. Write no secrets here. Add each other again by links that you hand over in person."

// code is what is compared, and its picture.
type code struct {
	digits string
	qr     image.Image
}

func (s *codesSheet) load() {
	s.say.Say("")
	s.again.Hide()
	service, key := s.p.service(), s.person.Key
	task.Go(s.p.c.w.runner, func(ctx context.Context) (c code, err error) {
		if c.digits, err = service.Code(ctx, key); err != nil {
			return c, err
		}
		c.qr, err = service.CodeQR(ctx, key)
		return c, err
	}, func(c code, err error) {
		if err != nil {
			c = code{}
		}
		s.code = c.digits
		s.qr.Set(c.qr)
		s.fillDigits()
		if err != nil {
			s.say.Say(fault.Sentence(err))
			s.again.Show()
		}
		s.show(s.person)
	})
}

// pieces cuts a code into what is read at once.
func pieces(code string) (list []string) {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, code)
	for len(digits) > codeGroup {
		list, digits = append(list, digits[:codeGroup]), digits[codeGroup:]
	}
	if digits != "" {
		list = append(list, digits)
	}
	return list
}

// emptyCode keeps the room of a code that is not there yet.
const emptyCode = 12

func (s *codesSheet) fillDigits() {
	s.digits.RemoveAll()
	for _, piece := range pieces(s.code) {
		s.digits.Add(container.NewCenter(part.NewSpan(piece, theme.ColorNameText, codeSize).Mono().Whole()))
	}
	for len(s.digits.Objects) < emptyCode {
		s.digits.Add(container.NewCenter(part.NewSpan("·····", theme.ColorNameQuiet, codeSize).Mono().Whole()))
	}
}

// show offers what can be said now: whether the codes match, or to take that back.
func (s *codesSheet) show(person contacts.Contact) {
	s.person = person
	open := s.code != "" && !person.Verified
	show(open, s.field, s.match, s.differ)
	show(person.Verified, s.good, s.undo)
	switch {
	case person.Verified:
		s.good.SetText(verifiedSentence(person))
	case open:
		s.p.c.w.Focus(s.theirs)
	}
}

func (s *codesSheet) verify(b *part.Button, code string) {
	s.p.change(b, "Checking…", s.say, func(ctx context.Context) (contacts.Contact, error) {
		return s.p.service().Verify(ctx, s.person.Key, code)
	}, func(person contacts.Contact) {
		s.theirs.SetText("")
		s.show(person)
	})
}
