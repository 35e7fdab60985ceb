package views

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"sotto/services/fault"
	"sotto/views/icon"
	"sotto/views/part"
	"sotto/views/task"
	"sotto/views/theme"
)

// backupBar stays at the top of the window until the phrase was written down.
type backupBar struct{ object fyne.CanvasObject }

func newBackupBar(show func()) *backupBar {
	sign := canvas.NewImageFromResource(icon.In(icon.Attention, theme.ColorNameAttention))
	sign.SetMinSize(fyne.NewSquareSize(18))
	text := part.NewSpan("Write down your twelve words. Without them a lost computer is a lost account.", theme.ColorNameText, theme.TextSize)
	left := container.New(layout.NewCustomPaddedLayout(0, 0, theme.Near, theme.Near), container.NewCenter(sign))
	line := container.NewBorder(nil, nil, left, part.NewButton("Show the words", show), part.Middle(text))
	bar := part.NewPanel(theme.ColorNameSelected, 0, part.Inset(theme.Grid, line))
	return &backupBar{container.New(layout.NewCustomPaddedVBoxLayout(0), bar, part.NewLine(theme.ColorNameLine))}
}

func (b *backupBar) setVisible(visible bool) { show(visible, b.object) }

// showPhrase shows the words to who asked for them.
func (c *conversations) showPhrase() {
	task.Go(c.w.runner, c.w.opt.Services.Account.Phrase, func(phrase string, err error) {
		if err != nil {
			c.complain("Your words cannot be shown", err)
			return
		}
		var sheet *part.Sheet
		done := part.Main("I have written them down", func() { sheet.Close(); c.askWords() })
		sheet = c.w.sheets.Open("Your twelve words", part.Column(
			part.Text("Write them on paper, in this order. Whoever has these words has your account; nobody else can bring it back."),
			wordGrid(strings.Fields(phrase))), nil, done)
	})
}

// wordGrid shows numbered words in columns, to be read downwards.
func wordGrid(words []string) fyne.CanvasObject {
	const columns = 3
	rows := (len(words) + columns - 1) / columns
	grid := container.NewGridWithColumns(columns)
	for i := range rows * columns {
		n := i%columns*rows + i/columns
		if n >= len(words) {
			grid.Add(widget.NewLabel(""))
			continue
		}
		number := part.NewSpan(fmt.Sprintf("%2d", n+1), theme.ColorNameQuiet, theme.SmallSize).Whole()
		word := part.NewSpan(words[n], theme.ColorNameText, theme.TextSize).Bold().Whole()
		cell := container.New(layout.NewCustomPaddedHBoxLayout(theme.Near), number, word)
		grid.Add(part.NewPanel(theme.ColorNameRaised, 6, part.Inset(theme.Near, cell)))
	}
	return grid
}

// askWords asks for three of the words; the account forgets its phrase when they are right.
func (c *conversations) askWords() {
	task.Go(c.w.runner, c.w.opt.Services.Account.Challenge, func(positions [3]int, err error) {
		if err != nil {
			c.complain("Your words cannot be checked", err)
			return
		}
		c.openChallenge(positions)
	})
}

func (c *conversations) openChallenge(positions [3]int) {
	say := part.NewComplaint()
	fields := map[int]*part.Field{}
	body := part.Column(part.Text("Three of them, to be sure that the paper is right."))
	var check *part.Button
	for _, n := range positions {
		fields[n] = part.NewField(fmt.Sprintf("Word %d", n))
		fields[n].OnSubmitted = func(string) { check.OnTapped() }
		body.Add(fields[n])
	}
	body.Add(say)
	var sheet *part.Sheet
	check = part.Main("Check", func() {
		words := map[int]string{}
		for n, field := range fields {
			words[n] = strings.ToLower(strings.TrimSpace(field.Text))
		}
		part.PerformOnly(c.w.runner, check, "Checking…", say,
			func(ctx context.Context) error { return c.w.opt.Services.Account.ConfirmBackup(ctx, words) },
			func() { sheet.Close(); c.accountChanged() })
	})
	again := part.NewButton("Show the words again", func() { sheet.Close(); c.showPhrase() })
	sheet = c.w.sheets.Open("Check your words", body, again, check)
	c.w.window.Canvas().Focus(fields[positions[0]])
}

// complain says in a sheet what could not be done.
func (c *conversations) complain(title string, err error) {
	var sheet *part.Sheet
	shut := part.Main("Close", func() { sheet.Close() })
	sheet = c.w.sheets.Open(title, part.Text(fault.Sentence(err)), nil, shut)
}
