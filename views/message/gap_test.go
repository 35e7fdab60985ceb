package message

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/services/history"
	"sotto/views/message/messagetest"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// missing is what may be missing in conversation: before it, within it, and after it.
func missing() []history.Gap {
	return []history.Gap{
		{From: noon.AddDate(0, 0, -20), To: noon.AddDate(0, 0, -18), Text: "No mailserver keeps messages for so long."},
		{From: noon.Add(-3*time.Hour + 5*time.Minute), To: noon.Add(-3*time.Hour + 15*time.Minute), Text: "mail-01 did not answer in time. It is asked again soon."},
		{From: noon.Add(-time.Hour), To: noon, Text: "No mailserver is connected. They are asked as soon as one is."},
	}
}

func TestGapTexts(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	for want, g := range map[string]history.Gap{
		"Messages between 3 and 5 November may be missing. mail-01 does not keep them that long.": {From: at(3, 1), To: at(5, 2), Text: "mail-01 does not keep them that long."},
		"Messages between 28 October and 3 November may be missing.":                              {From: time.Date(2026, 10, 28, 1, 0, 0, 0, time.UTC), To: at(3, 1)},
		"Messages between 28 December 2025 and 3 November may be missing.":                        {From: time.Date(2025, 12, 28, 1, 0, 0, 0, time.UTC), To: at(3, 1)},
		"Messages between 04:00 and 09:00 may be missing.":                                        {From: at(26, 4), To: at(26, 9)},
		"Messages between 04:00 and 09:00 on 20 November may be missing.":                         {From: at(20, 4), To: at(20, 9)},
		"Messages since 04:00 may be missing.":                                                    {From: at(26, 4), To: now.Add(-time.Minute)},
		"Messages since 20 November may be missing.":                                              {From: at(20, 4), To: now.Add(-time.Minute)},
		"Messages before 20 November may be missing.":                                             {To: at(20, 4)},
	} {
		if got := GapText(g, now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	evil := GapText(history.Gap{From: at(3, 1), To: at(5, 1), Text: "a\u202Eb\n" + strings.Repeat("x", 10_000)}, now)
	if strings.ContainsAny(evil, "\u202E\n") || len(evil) > 400 {
		t.Errorf("%.100q", evil)
	}
}

// Each gap stands at one place, and what is at the bottom of the view stays where it is when one comes or goes.
func TestGapsMoveNothingBelowThem(t *testing.T) {
	s := newStage(t, theme.Light, conversation())
	s.show(chats.Public)
	last := s.list.rows["0x10"]
	before := last.Position()
	s.list.SetGaps(missing()[:2])
	if last.Position() != before || s.list.rows["0x10"] != last {
		t.Errorf("the newest message moved from %v to %v", before, last.Position())
	}
	if r := s.list.rows["0x06"]; !strings.Contains(r.content.shape.gap, "mail-01 did not answer") || !r.content.shape.header {
		t.Errorf("above the message after the gap: %+v", r.content.shape)
	}
	s.list.ScrollToStart()
	if r := s.list.rows["0x01"]; !strings.Contains(r.content.shape.gap, "keeps messages for so long") {
		t.Errorf("above the first message: %+v", r.content.shape)
	}
	s.list.ScrollToEnd()
	s.list.SetGaps(nil)
	if now := s.list.rows["0x10"].Position(); now != before {
		t.Errorf("afterwards it stands at %v, not %v", now, before)
	}
	if said := viewtest.SaysWithin(s.list); strings.Contains(said, "missing") || strings.Contains(said, "Ask again") {
		t.Errorf("the list still says\n%s", said)
	}
}

// What may be missing before a part of the chat that is not in memory is said where that part is.
func TestGapsBeforeTheWindowWait(t *testing.T) {
	all := messagetest.History(500)
	s := newStage(t, theme.Light, all)
	s.show(chats.Public)
	s.list.SetGaps([]history.Gap{{From: all[0].Timestamp.Add(-time.Hour), To: all[0].Timestamp}})
	if s.list.window.older {
		if above, _ := s.list.missing(0); above != "" {
			t.Errorf("above the first message in memory: %q", above)
		}
	}
	s.list.ScrollToStart()
	s.until(func() bool { return !s.list.window.older && len(s.list.rows) > 0 && s.list.loads == 0 })
	if above, _ := s.list.missing(0); above == "" {
		t.Error("nothing above the chat's first message")
	}
}

func TestAskingAgain(t *testing.T) {
	asked := 0
	s := newStage(t, theme.Light, conversation(), func(o *Options) { o.Again = func() { asked++ } })
	s.show(chats.Public)
	s.list.SetGaps(missing())
	r := s.list.rows["0x10"]
	if r.lacks == nil {
		t.Fatal("nothing below the last message")
	}
	middle := r.lacks.from.Add(r.lacks.to.Subtract(r.lacks.from)).SubtractXY(2, 2)
	r.Tapped(&fyne.PointEvent{Position: middle})
	r.Tapped(&fyne.PointEvent{Position: middle})
	r.Tapped(&fyne.PointEvent{Position: fyne.NewPos(middle.X, 1)})
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	height := r.height
	s.list.SetAsking(false)
	if r.height != height {
		t.Errorf("the row is %v high while it is being asked for, and else %v", height, r.height)
	}
	r.Tapped(&fyne.PointEvent{Position: middle})
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	s.list.SetChat(chats.Chat{ID: "lobby", Name: "lobby", Kind: chats.Public})
	if len(s.list.gaps.from) != 0 || s.list.asks {
		t.Error("another chat has the gaps of the one before")
	}
}

func TestKeptTexts(t *testing.T) {
	step := func(state chats.State, host string, until time.Time) chats.Step {
		return chats.Step{State: state, Who: "enode://ab@" + host + ":30303", Until: until}
	}
	until := noon.AddDate(0, 0, 30)
	day := dateWords(until, noon)
	for want, c := range map[string]struct {
		state chats.State
		steps []chats.Step
	}{
		"Accepted by mail-01":            {chats.Accepted, []chats.Step{step(chats.Sent, "relay", time.Time{}), step(chats.Accepted, "mail-01", time.Time{})}},
		"Stored by mail-01 until " + day: {chats.Stored, []chats.Step{step(chats.Stored, "mail-01", until)}},
		"Stored by mail-01 and mail-02 until " + day: {chats.Stored, []chats.Step{
			step(chats.Stored, "mail-01", until), step(chats.Accepted, "mail-03", time.Time{}), step(chats.Stored, "mail-02", until.Add(-time.Hour))}},
		"Stored by mail-01 and 2 others until " + day: {chats.Stored, []chats.Step{
			step(chats.Stored, "mail-01", until), step(chats.Stored, "mail-02", until), step(chats.Stored, "mail-03", until)}},
		"Stored by mail-01": {chats.Stored, []chats.Step{step(chats.Stored, "mail-01", time.Time{})}},
		"":                  {chats.Stored, nil},
	} {
		m := say("01", 0, 0, "x")
		m.State = c.state
		if got := keptText(m, c.steps, noon); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := StateText(chats.Message{State: chats.Accepted, Outgoing: true}); got != "Accepted by a mailserver" {
		t.Errorf("%q", got)
	}
}

func BenchmarkScrollWithGaps100k(b *testing.B) {
	s := large(b)
	var list []history.Gap
	for i := range gapsMost {
		list = append(list, history.Gap{From: noon.Add(-time.Duration(i) * time.Hour), To: noon.Add(-time.Duration(i)*time.Hour + time.Minute)})
	}
	s.list.SetGaps(list)
	dy := float32(75)
	for i := 0; b.Loop(); i++ {
		s.list.scrollBy(dy)
		s.queue.Drain()
		if i%2000 == 1999 {
			dy = -dy
		}
	}
}
