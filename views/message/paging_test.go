package message

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"sotto/services/chats"
	"sotto/views/message/messagetest"
	"sotto/views/theme"
)

// Pages arrive while a person reads: nothing in view may move, and memory stays bounded.
func TestPagesThroughAHundredThousand(t *testing.T) {
	all := messagetest.History(100_000)
	s := newStage(t, theme.Light, all).show(chats.Public)
	for i := range 60 {
		s.list.PageUp()
		ids, tops := s.seen()
		s.idle()
		for j, id := range ids {
			if got := s.topOf(id); got-tops[j] > 0.1 || tops[j]-got > 0.1 {
				t.Fatalf("page %d: %s moved from %v to %v", i, id, tops[j], got)
			}
		}
		s.consistent(t)
	}
	s.list.ScrollToStart()
	s.idle()
	if ids, tops := s.seen(); ids[0] != all[0].ID || tops[0] != 0 {
		t.Fatalf("the start shows %s at %v", ids[0], tops[0])
	}
	for range 40 {
		s.list.PageDown()
		s.idle()
		s.consistent(t)
	}
	s.list.ScrollToEnd()
	s.idle()
	if ids, _ := s.seen(); ids[len(ids)-1] != all[99_999].ID || !s.list.AtEnd() {
		t.Fatal("the end was not reached")
	}
	s.list.ShowMessage(all[50_000].ID)
	s.idle()
	if s.topOf(all[50_000].ID) < 0 {
		t.Error("a message in the middle was not found")
	}
	s.consistent(t)
}

func TestReachesTheEndByScrolling(t *testing.T) {
	all := messagetest.History(900)
	s := newStage(t, theme.Light, all)
	s.source.Unread(all[300].ID)
	s.show(chats.Public)
	for i := 0; !s.list.AtEnd(); i++ {
		if i > 300 {
			t.Fatal("the end does not come")
		}
		s.list.PageDown()
		s.idle()
		s.consistent(t)
	}
	if s.reads != 1 {
		t.Errorf("read %d times", s.reads)
	}
}

func TestInvalidateFromManyGoroutines(t *testing.T) {
	all := messagetest.History(400)
	s := newStage(t, theme.Light, all[:200]).show(chats.Public)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for _, m := range all[200+i*50 : 250+i*50] {
				s.source.Add(m)
				s.list.Invalidate("lobby", m.ID)
				s.list.Invalidate("elsewhere", m.ID)
			}
		})
	}
	wg.Wait()
	s.source.Set(all)
	s.idle()
	if got := s.list.window.items[len(s.list.window.items)-1].ID; got != all[399].ID {
		t.Errorf("the newest is %s", got)
	}
	s.consistent(t)
}

func TestTooManyInvalidationsAreAResync(t *testing.T) {
	all := messagetest.History(2000)
	s := newStage(t, theme.Light, all[:500]).show(chats.Public)
	s.source.Set(all)
	calls := s.source.Pages()
	for _, m := range all[500:] {
		s.list.Invalidate("lobby", m.ID)
	}
	s.idle()
	if got := s.list.window.items[len(s.list.window.items)-1].ID; got != all[1999].ID {
		t.Errorf("the newest is %s", got)
	}
	if s.source.Pages()-calls > 5 {
		t.Errorf("%d pages were asked for", s.source.Pages()-calls)
	}
}

// What comes at once is shown at once; while more comes than is asked for, the list rests between the batches, and in the end
// nothing is missing.
func TestListRestsInAFlood(t *testing.T) {
	before := staleRest
	staleRest = time.Hour
	defer func() { staleRest = before }()
	all := messagetest.History(1000)
	s := newStage(t, theme.Light, all[:200]).show(chats.Public)
	come := func(from, to int) {
		s.source.Add(all[from:to]...)
		for _, m := range all[from:to] {
			s.list.Invalidate("lobby", m.ID)
		}
	}
	come(200, 200+staleBatch)
	s.until(func() bool { return s.list.rest != nil })
	if got := s.list.Newest(); got != all[199+staleBatch].ID {
		t.Errorf("after one batch the newest is %s", got)
	}
	calls := s.source.Pages()
	come(200+staleBatch, 900)
	s.queue.Drain()
	if s.list.Newest() != all[199+staleBatch].ID || s.source.Pages() != calls {
		t.Error("it does not rest")
	}
	s.list.rest.Reset(0)
	s.until(func() bool { return s.list.Newest() == all[899].ID })
	if n := s.source.Pages() - calls; n != 1 {
		t.Errorf("%d pages were asked for", n)
	}
	come(900, 901)
	s.list.rest.Reset(0)
	s.until(func() bool { return s.list.Newest() == all[900].ID && s.list.rest == nil })
	come(901, 902)
	s.until(func() bool { return s.list.Newest() == all[901].ID }) // a single one waits for nothing

	come(902, 902+staleBatch)
	s.until(func() bool { return s.list.rest != nil })
	ended := s.list.rest
	s.show(chats.Public)
	if s.list.rest != nil || ended.Stop() {
		t.Error("the rest outlives the chat")
	}
}

// slowPage is a source with a page that is from before what comes while it is on its way: the first one after hold was set.
type slowPage struct {
	*messagetest.Source
	hold       atomic.Bool
	read, gate chan struct{}
}

// slowly gives a stage such a source.
func slowly(t *testing.T, all []chats.Message) (*stage, *slowPage) {
	p := &slowPage{read: make(chan struct{}), gate: make(chan struct{})}
	s := newStage(t, theme.Light, all, func(o *Options) { p.Source = o.Source.(*messagetest.Source); o.Source = p })
	return s, p
}

func (p *slowPage) Messages(ctx context.Context, chat string, page chats.Page) ([]chats.Message, error) {
	list, err := p.Source.Messages(ctx, chat, page)
	if p.hold.CompareAndSwap(true, false) {
		close(p.read)
		<-p.gate
	}
	return list, err
}

// What came while the first page was on its way is not lost, however much it is.
func TestFloodWhileOpening(t *testing.T) {
	before := staleRest
	staleRest = time.Millisecond
	defer func() { staleRest = before }()
	all := messagetest.History(1000)
	s, slow := slowly(t, all[:200])
	slow.hold.Store(true)
	s.list.SetChat(chats.Chat{ID: "lobby", Name: "lobby", Kind: chats.Public})
	<-slow.read
	s.source.Set(all)
	for _, m := range all[200:] {
		s.list.Invalidate("lobby", m.ID)
	}
	s.queue.Drain()
	close(slow.gate)
	s.until(func() bool { return s.list.loaded && s.list.Newest() == all[999].ID })
	s.idle()
	s.consistent(t)
}

// Whoever went to the end while much comes gets there, and stays.
func TestFloodWhileGoingToTheEnd(t *testing.T) {
	all := messagetest.History(3000)
	s, slow := slowly(t, all[:2000])
	s.source.Unread(all[100].ID)
	s.show(chats.Public)
	s.idle()
	slow.hold.Store(true)
	s.list.ScrollToEnd()
	<-slow.read
	s.source.Set(all)
	s.list.Resync()
	close(slow.gate)
	s.idle()
	if !s.list.AtEnd() || s.list.Newest() != all[2999].ID {
		t.Errorf("at end: %v, the newest is %s", s.list.AtEnd(), s.list.Newest())
	}
	s.consistent(t)
}

func TestResyncKeepsThePlace(t *testing.T) {
	all := messagetest.History(3000)
	s := newStage(t, theme.Light, all).show(chats.Public)
	for range 10 {
		s.list.PageUp()
		s.idle()
	}
	ids, tops := s.seen()
	s.list.Resync()
	s.idle()
	after, same := s.seen()
	if !slices.Equal(ids, after) || !slices.Equal(tops, same) {
		t.Errorf("from %v %v to %v %v", ids[0], tops[0], after[0], same[0])
	}
	s.consistent(t)
}

func TestSwitchingDropsWhatIsOnItsWay(t *testing.T) {
	s := newStage(t, theme.Light, messagetest.History(300))
	s.list.SetChat(chats.Chat{ID: "lobby", Kind: chats.Public})
	s.list.Clear()
	s.idle()
	if s.list.loaded || len(s.list.window.items) != 0 {
		t.Error("a page of the former chat came through")
	}
	s.show(chats.Public)
	s.consistent(t)
}

func TestFailedPageIsToldAndAskedForAgain(t *testing.T) {
	all := messagetest.History(1000)
	s := newStage(t, theme.Light, all).show(chats.Public)
	s.idle()
	s.source.Fail(errors.New("disk"))
	for range 8 {
		s.list.PageUp()
		s.idle()
	}
	if s.failed == nil {
		t.Fatal("nobody was told")
	}
	s.source.Fail(nil)
	for range 40 {
		s.list.PageUp()
		s.idle()
	}
	s.consistent(t)
	if ids, _ := s.seen(); s.source.Index(ids[0]) > 800 {
		t.Error("the page was not asked for again")
	}
}

// TestRandomLife throws everything at the list, with pages that arrive whenever they please.
func TestResyncOpensWhatFailedToOpen(t *testing.T) {
	all := messagetest.History(300)
	s := newStage(t, theme.Light, all)
	s.source.Unread(all[100].ID)
	s.source.Fail(errors.New("disk"))
	s.list.SetChat(chats.Chat{ID: "lobby", Kind: chats.Public})
	s.idle()
	if s.failed == nil || s.list.loaded {
		t.Fatal("nobody was told")
	}
	s.source.Fail(nil)
	s.list.Resync()
	s.list.Resync()
	s.idle()
	if s.topOf(all[100].ID) < 0 {
		t.Error("the first unread message is not in view")
	}
	s.consistent(t)
}

func TestRandomLife(t *testing.T) {
	all := messagetest.History(4000)
	s := newStage(t, theme.Light, all[:2000])
	rapid.Check(t, func(t *rapid.T) {
		s.source.Set(all[:2000])
		s.list.SetChat(chats.Chat{ID: "lobby", Kind: chats.Public})
		known := 2000
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"scroll", "page", "append", "resize", "start", "end", "go", "wait", "state", "resync"}).Draw(t, "step") {
			case "scroll":
				s.list.scrollBy(rapid.Float32Range(-900, 900).Draw(t, "dy"))
			case "page":
				s.list.PageUp()
			case "append":
				n := rapid.IntRange(1, 120).Draw(t, "n")
				if known+n > len(all) {
					continue
				}
				s.source.Add(all[known : known+n]...)
				s.list.Put(all[known : known+n]...)
				known += n
			case "resize":
				s.list.Resize(fyne.NewSize(float32(rapid.IntRange(300, 1200).Draw(t, "w")), float32(rapid.IntRange(100, 900).Draw(t, "h"))))
			case "start":
				s.list.ScrollToStart()
			case "end":
				s.list.ScrollToEnd()
			case "go":
				s.list.ShowMessage(all[rapid.IntRange(0, known-1).Draw(t, "to")].ID)
			case "state":
				m := all[rapid.IntRange(0, known-1).Draw(t, "which")]
				m.State = chats.Failed
				s.list.Put(m)
			case "resync":
				s.list.Resync()
			case "wait":
				s.queue.Drain()
			}
			s.consistent(t)
		}
		s.list.ScrollToEnd()
		s.idle()
		s.list.ScrollToEnd()
		s.idle()
		if ids, _ := s.seen(); ids[len(ids)-1] != all[known-1].ID {
			t.Fatalf("the end shows %s, want %s", ids[len(ids)-1], all[known-1].ID)
		}
		s.consistent(t)
	})
}

func TestManyAppendsAreFewBindings(t *testing.T) {
	all := messagetest.History(1200)
	s := newStage(t, theme.Light, all[:200]).show(chats.Public)
	start := time.Now()
	s.source.Add(all[200:]...)
	s.list.Put(all[200:]...)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("1,000 messages at once took %v", took)
	}
	if n := len(s.list.pool) + len(s.list.rows); n > 200 {
		t.Errorf("%d rows were made", n)
	}
	s.consistent(t)
}
