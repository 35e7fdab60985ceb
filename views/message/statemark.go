package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
)

// StateMark is the mark of how far a message got by itself, as lists of chats show it.
type StateMark struct {
	widget.BaseWidget
	mark  *mark
	state chats.State
}

// NewStateMark returns a mark that shows nothing yet.
func NewStateMark() *StateMark {
	s := &StateMark{mark: newMark()}
	s.mark.hide()
	s.ExtendBaseWidget(s)
	return s
}

// SetState shows another state.
func (s *StateMark) SetState(state chats.State) {
	if s.state != state {
		s.state = state
		s.Refresh()
	}
}

// State is the one that is shown.
func (s *StateMark) State() chats.State { return s.state }

// CreateRenderer implements fyne.Widget.
func (s *StateMark) CreateRenderer() fyne.WidgetRenderer {
	r := &stateMarkRenderer{s}
	r.Refresh()
	return r
}

type stateMarkRenderer struct{ s *StateMark }

func (r *stateMarkRenderer) Destroy()                     {}
func (r *stateMarkRenderer) Layout(fyne.Size)             {}
func (r *stateMarkRenderer) MinSize() fyne.Size           { return fyne.NewSquareSize(markSize) }
func (r *stateMarkRenderer) Objects() []fyne.CanvasObject { return r.s.mark.objects() }

func (r *stateMarkRenderer) Refresh() {
	r.s.mark.draw(r.s.state, fyne.Position{})
	for _, o := range r.s.mark.objects() {
		o.Refresh()
	}
}
