package message

import (
	"context"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sotto/services/chats"
	"sotto/views/dispatch"
	"sotto/views/message/messagetest"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// noon is the time of every test.
var noon = messagetest.Noon

var _ Source = (*chats.Service)(nil)

// stage is a list in a window of the test driver.
type stage struct {
	t      testing.TB
	source *messagetest.Source
	queue  *dispatch.Queue
	list   *List
	window fyne.Window
	reads  int
	failed error
}

func newStage(t testing.TB, mode theme.Mode, all []chats.Message, change ...func(*Options)) *stage {
	t.Helper()
	viewtest.Use(mode)
	s := &stage{t: t, source: messagetest.NewSource(all), queue: dispatch.NewQueue()}
	opt := Options{
		Source: s.source, Dispatch: s.queue, Picture: messagetest.Picture, Own: messagetest.Author(0).Key,
		Now:    func() time.Time { return noon },
		Read:   func(string) { s.reads++ },
		Failed: func(err error) { s.failed = err },
		Reply:  func(chats.Message) {},
		Retry:  func(chats.Message) {},
	}
	for _, f := range change {
		f(&opt)
	}
	s.list = NewList(opt)
	t.Cleanup(s.list.Close)
	s.window = test.NewTempWindow(t, s.list)
	s.window.SetPadded(false)
	s.window.Resize(fyne.NewSize(720, 560))
	return s
}

// show opens the chat and waits for its first page.
func (s *stage) show(kind chats.Kind) *stage {
	s.t.Helper()
	s.list.SetChat(chats.Chat{ID: "lobby", Name: "lobby", Kind: kind})
	s.until(func() bool { return s.list.loaded })
	return s
}

// private opens the chat with Bold.
func (s *stage) private() *stage { s.t.Helper(); return s.chatWith("Bold") }

// chatWith opens it under another name. What the source has is in that chat.
func (s *stage) chatWith(name string) *stage {
	s.t.Helper()
	s.source.SetChat(bold)
	s.list.SetChat(chats.Chat{ID: bold, Name: name, Kind: chats.Private})
	s.until(func() bool { return s.list.loaded })
	return s
}

// until drains the queue until the condition holds. The loader's end is no work for the queue, so it looks again.
func (s *stage) until(condition func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for s.queue.Drain(); !condition(); s.queue.Drain() {
		select {
		case <-again.C:
		case <-ctx.Done():
			s.t.Fatalf("what was waited for did not happen: %d in memory, older %v, newer %v, asking %v, loads %d, place %+v",
				len(s.list.window.items), s.list.window.older, s.list.window.newer, s.list.asking, s.list.loads, s.list.place)
		}
	}
}

// idle waits until no page is on its way, and nothing that is stale waits.
func (s *stage) idle() {
	s.t.Helper()
	s.until(func() bool {
		s.list.worker.mu.Lock()
		defer s.list.worker.mu.Unlock()
		return !s.list.worker.running && s.list.rest == nil && s.queue.Drain() == 0 && !s.list.asking[true] && !s.list.asking[false]
	})
}
