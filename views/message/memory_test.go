package message

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sotto/services/chats"
	"sotto/views/dispatch"
	"sotto/views/theme"
)

// noon is the time of every test.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// memory is a Source of messages in memory.
type memory struct {
	mu     sync.Mutex
	all    []chats.Message // by place
	byID   map[string]int
	unread string
	fail   error
	calls  int
}

func newMemory(all []chats.Message) *memory {
	m := &memory{}
	m.set(all)
	return m
}

func (s *memory) set(all []chats.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.Clone(all)
	slices.SortFunc(s.all, byPlace)
	s.byID = make(map[string]int, len(all))
	for i, m := range s.all {
		s.byID[m.ID] = i
	}
}

// add appends messages that are newer than all others.
func (s *memory) add(ms ...chats.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range ms {
		s.byID[m.ID] = len(s.all)
		s.all = append(s.all, m)
	}
}

func (s *memory) Messages(ctx context.Context, chat string, page chats.Page) ([]chats.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.fail != nil {
		return nil, s.fail
	}
	from, to := max(len(s.all)-page.Limit, 0), len(s.all)
	find := func(c chats.Cursor) (int, bool) {
		return slices.BinarySearchFunc(s.all, c, func(m chats.Message, c chats.Cursor) int { return compare(m.Cursor(), c) })
	}
	switch {
	case page.Before != nil:
		to, _ = find(*page.Before)
		from = max(to-page.Limit, 0)
	case page.After != nil:
		i, ok := find(*page.After)
		if ok {
			i++
		}
		from, to = i, min(i+page.Limit, len(s.all))
	}
	out := slices.Clone(s.all[from:to])
	slices.Reverse(out)
	return out, ctx.Err()
}

func (s *memory) Message(ctx context.Context, id string) (chats.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.byID[id]; ok && s.fail == nil {
		return s.all[i], ctx.Err()
	}
	return chats.Message{}, errors.New("no such message")
}

func (s *memory) FirstUnread(context.Context, string) (chats.Cursor, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unread == "" {
		return chats.Cursor{}, false, s.fail
	}
	return s.all[s.byID[s.unread]].Cursor(), true, s.fail
}

var (
	people = []string{"Amber Quiet Heron", "Bold Cedar Lark", "Calm Slate Otter", "Dusty Olive Wren"}
	vocab  = strings.Fields("the quick brown fox jumps over a lazy dog relay envelope key tomorrow at the station please " +
		"bring the maps and coffee because nobody else will remember 😀 👍🏽 Привет https://example.org/a/b *later* `code`")
)

// history is n messages of different lengths, always the same ones.
func history(n int) []chats.Message {
	r := rand.New(rand.NewPCG(1, 2))
	at := noon.Add(-time.Duration(n) * 3 * time.Minute)
	out := make([]chats.Message, n)
	for i := range out {
		out[i] = sample(r, i, at)
		at = at.Add(time.Duration(r.IntN(360)) * time.Second)
	}
	return out
}

func sample(r *rand.Rand, i int, at time.Time) chats.Message {
	k := 1 + r.IntN(9)
	if r.IntN(5) == 0 {
		k = 10 + r.IntN(60)
	}
	var b strings.Builder
	for range k {
		b.WriteString(vocab[r.IntN(len(vocab))] + " ")
	}
	if r.IntN(12) == 0 {
		b.WriteString("\nsecond line\nthird line")
	}
	who := r.IntN(len(people))
	return chats.Message{
		ID: fmt.Sprintf("0x%064x", i+1), Chat: "lobby", Author: author(who), Text: b.String(), ContentType: 1,
		Clock: uint64(at.UnixMilli()) + uint64(i), Timestamp: at, State: chats.Sent, Seen: true, Outgoing: who == 0,
	}
}

func author(i int) chats.Author {
	return chats.Author{Key: fmt.Sprintf("0x04%0128x", i*77+5), Pseudonym: people[i%len(people)]}
}

// checker is a picture that differs by key.
func checker(key string) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	hue := uint8(len(key)) * key[len(key)-1]
	for y := range 64 {
		for x := range 64 {
			c := color.NRGBA{R: hue, G: 120, B: 255 - hue, A: 255}
			if (x/13+y/13)%2 == 0 {
				c = color.NRGBA{R: 230, G: 230, B: 230, A: 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// stage is a list in a window of the test driver.
type stage struct {
	t      testing.TB
	source *memory
	queue  *dispatch.Queue
	list   *List
	window fyne.Window
	reads  int
	failed error
}

func newStage(t testing.TB, mode theme.Mode, all []chats.Message, change ...func(*Options)) *stage {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(mode))
	s := &stage{t: t, source: newMemory(all), queue: dispatch.NewQueue()}
	opt := Options{
		Source: s.source, Dispatch: s.queue, Picture: checker,
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
			s.t.Fatal("what was waited for did not happen")
		}
	}
}

// idle waits until no page is on its way.
func (s *stage) idle() {
	s.t.Helper()
	s.until(func() bool {
		s.list.worker.mu.Lock()
		defer s.list.worker.mu.Unlock()
		return !s.list.worker.running && s.queue.Drain() == 0 && !s.list.asking[true] && !s.list.asking[false]
	})
}
