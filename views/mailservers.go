package views

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sotto/services/history"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/theme"
)

// serverFact is what is told of a mailserver.
type serverFact struct{ name, line, trouble string }

// serverRows is a list of mailservers. Nothing in it can be pressed, so it is made anew when what it says changes.
type serverRows struct {
	box   *fyne.Container
	facts []serverFact
	shown bool
}

func newServerRows() *serverRows { return &serverRows{box: container.NewVBox()} }

func (r *serverRows) show(facts []serverFact) {
	if r.shown && slices.Equal(facts, r.facts) {
		return
	}
	r.shown, r.facts = true, facts
	r.box.RemoveAll()
	if len(facts) == 0 {
		r.box.Add(part.Quiet("None is known. What is written while you are away reaches you only if somebody sends it again."))
	}
	for _, f := range facts {
		below := theme.Near
		if f.trouble != "" {
			below = 0 // it belongs together
		}
		row := container.NewVBox(part.NewSpan(f.name, theme.ColorNameText, theme.TextSize), part.NewSpan(f.line, theme.ColorNameQuiet, theme.SmallSize))
		r.box.Add(container.New(layout.NewCustomPaddedLayout(theme.Near, below, theme.Near, theme.Near), row))
		if f.trouble != "" {
			r.box.Add(attention(f.trouble))
		}
	}
}

func serverFacts(servers []history.Server, now time.Time) (facts []serverFact) {
	for _, s := range servers {
		facts = append(facts, serverFact{flow.Line(s.Name, networkNameLimit), serverLine(s, now), flow.Line(s.Trouble, 200)})
	}
	return facts
}

// serverLine is how a mailserver serves.
func serverLine(s history.Server, now time.Time) string {
	line := "Not connected"
	if s.Connected {
		line = "Connected"
	}
	if s.Retention > 0 {
		line += " · keeps messages for " + during(s.Retention)
	}
	if s.Answered.IsZero() {
		return line + " · has not answered yet"
	}
	return line + " · answered " + momentWords(s.Answered, now)
}

// nodeFact is a node: where it is, and a line about it.
func nodeFact(enode, line string) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(theme.Grid, theme.Grid, theme.Near, theme.Near), container.NewVBox(part.NewSpan(shortEnode(enode), theme.ColorNameText, theme.TextSize),
		part.NewSpan(line, theme.ColorNameQuiet, theme.SmallSize)))
}
