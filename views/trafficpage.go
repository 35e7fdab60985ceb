package views

import (
	"context"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/network"
	"sotto/views/part"
	"sotto/views/theme"
)

// trafficPage is what the network costs, what comes in and why, and the clock.
type trafficPage struct {
	n      *networkSheet
	object fyne.CanvasObject
	why    *widget.Label
	cost   *widget.Label
	kinds  []*part.Span // useful, passed through, twice, refused: as in kindNames
	start  *widget.Label
	clock  *widget.Label
}

// kindNames are the kinds of what came in, as a person reads them.
var kindNames = []string{"For you", "Passed through", "Came twice", "Refused"}

func newTrafficPage(n *networkSheet) *trafficPage {
	p := &trafficPage{n: n, why: part.Text(""), cost: part.Text(""), start: part.Quiet(""), clock: part.Text("")}
	table := container.NewGridWithColumns(len(kindNames))
	for _, name := range kindNames {
		value := part.NewSpan("", theme.ColorNameText, theme.TextSize)
		p.kinds = append(p.kinds, value)
		table.Add(container.NewVBox(part.NewSpan(name, theme.ColorNameQuiet, theme.SmallSize), value))
	}
	cap := part.NewButton("Change", n.openBudget)
	today := container.NewBorder(nil, nil, nil, container.NewCenter(cap), p.cost)
	p.object = part.Column(section("What comes in", p.why),
		section("Today", container.NewVBox(today, part.Inset(theme.Near, table))), p.start, section("Clock", p.clock))
	return p
}

func (p *trafficPage) show(s network.Status) {
	p.why.SetText(received(s))
	p.cost.SetText(sizeWords(uint64(max(s.Today.Bytes, 0))) + " of " + sizeWords(uint64(max(s.Budget, 0))))
	for i, n := range []uint64{s.Today.Traffic.Useful, s.Today.Traffic.Unwanted, s.Today.Traffic.Duplicate, s.Today.Traffic.Refused} {
		p.kinds[i].SetText(sizeWords(n))
	}
	p.start.SetText(sinceStart(s.Traffic))
	p.clock.SetText(clock(s))
}

// openBudget asks what a day may cost.
func (n *networkSheet) openBudget() {
	field, say := part.NewField("Megabytes"), part.NewComplaint()
	var save *part.Button
	var sheet *part.Sheet
	save = part.Main("Save", func() {
		megabytes, err := strconv.ParseInt(strings.TrimSpace(field.Text), 10, 32)
		if err != nil {
			say.Say("Write a number of megabytes.")
			return
		}
		part.PerformOnly(n.c.w.runner, save, "Saving…", say,
			func(ctx context.Context) error { return n.c.w.opt.Services.Network.SetBudget(ctx, megabytes*1_000_000) },
			func() { sheet.Close(); n.ask() })
	})
	field.OnSubmitted = func(string) { save.OnTapped() }
	sheet = n.c.w.sheets.Open("What may a day cost?", part.Column(
		part.Text("When a day has cost so much, only what concerns you is received until midnight. Your own messages go out all the same."),
		part.Heading("Megabytes a day"), field, say), nil, save)
	field.SetText(strconv.FormatInt(n.c.status.Budget/1_000_000, 10))
	n.c.w.Focus(field)
}
