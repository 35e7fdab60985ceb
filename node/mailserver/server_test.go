package mailserver_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sotto/node/mailserver"
	"sotto/node/mailserver/mailtest"
	"sotto/node/whisper"
)

// post posts a fresh envelope at the client's node and returns what is told of it.
func (r *rig) post(t *testing.T, size int) (*whisper.Envelope, <-chan whisper.PostEvent) {
	t.Helper()
	data := make([]byte, size)
	if _, err := rand.Read(data); err != nil {
		t.Fatal(err)
	}
	e := &whisper.Envelope{Expiry: uint32(time.Now().Unix()) + 300, TTL: 300, Topic: topicA, Data: data}
	events := make(chan whisper.PostEvent, 10)
	if err := r.peer.Post(e, func(ev whisper.PostEvent) { events <- ev }); err != nil {
		t.Fatal(err)
	}
	return e, events
}

// What is acknowledged is committed, and an idle archive commits at once.
func TestAcknowledgedAfterTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		committed := make(chan struct{})
		r.archive.SetHooks(mailtest.Hooks{Put: func(context.Context) error { <-committed; return nil }})
		e, events := r.post(t, 100)
		time.Sleep(time.Second) // pooled, and not in the archive: killed now, the server has promised nothing
		if len(events) != 0 || r.node.Stats().Pool.Envelopes != 1 || len(r.archive.All()) != 0 {
			t.Fatalf("told %d, %+v", len(events), r.node.Stats().Pool)
		}
		close(committed)
		if ev := <-events; ev.Kind != whisper.PostAcked {
			t.Errorf("told %v", ev)
		}
		if all := r.archive.All(); len(all) != 1 || all[0].Hash != e.Hash() || all[0].Sent != e.Sent() || all[0].Topic != topicA {
			t.Errorf("archived %v", all)
		}
		if p, _ := r.peer.Peer(r.id()); p.Retention != mailserver.DefaultRetention {
			t.Errorf("promised %v", p.Retention)
		}
	})
}

func TestRefusedWhenTheCommitFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.archive.SetHooks(mailtest.Hooks{Put: func(context.Context) error { return errors.New("disk full") }})
		_, events := r.post(t, 100)
		if ev := <-events; ev.Kind != whisper.PostRefused || strings.Contains(ev.Text, "disk") {
			t.Errorf("told %v", ev)
		}
		if s := r.server.Stats(); s.NotKept != 1 || s.Kept != 0 || s.Queued != 0 {
			t.Errorf("counted %+v", s)
		}
		r.archive.SetHooks(mailtest.Hooks{})
		_, events = r.post(t, 100)
		if ev := <-events; ev.Kind != whisper.PostAcked {
			t.Errorf("told %v", ev)
		}
	})
}

// What comes while little happens is committed together, within 50 ms.
func TestCommitsAreGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		began := time.Now()
		var all []<-chan whisper.PostEvent
		for range 20 {
			_, events := r.post(t, 100)
			all = append(all, events)
			time.Sleep(6 * time.Millisecond) // a packet for each
		}
		for i, events := range all {
			if ev := <-events; ev.Kind != whisper.PostAcked {
				t.Errorf("told %v of %d", ev, i)
			}
		}
		if took := time.Since(began); took > 180*time.Millisecond {
			t.Errorf("took %v", took)
		}
		if n := r.archive.Puts(); n > 4 {
			t.Errorf("%d commits", n)
		}
	})
}

// Beyond what may wait for the archive the server refuses, in place of taking memory.
func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *mailserver.ServerConfig) { c.QueueBytes = 200_000 })
		stuck := make(chan struct{})
		r.archive.SetHooks(mailtest.Hooks{Put: func(context.Context) error { <-stuck; return nil }})
		kept, refused := 0, 0
		done := func(err error) {
			if err != nil {
				refused++
			} else {
				kept++
			}
		}
		for i := range 10 {
			r.server.Keep([]whisper.Kept{{Hash: whisper.Hash{byte(i)}, Raw: make([]byte, 50_000)}}, done)
		}
		synctest.Wait()
		if kept != 0 || refused != 7 {
			t.Errorf("kept %d, refused %d", kept, refused)
		}
		close(stuck)
		time.Sleep(time.Second)
		synctest.Wait()
		if kept != 3 || r.server.Stats().Queued != 0 {
			t.Errorf("kept %d, %d bytes wait", kept, r.server.Stats().Queued)
		}
	})
}

// When the server stops, what it was given is committed, and nothing is taken any more.
func TestStopCommitsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		archive := mailtest.NewArchive()
		s, err := mailserver.NewServer(mailserver.ServerConfig{Archive: archive})
		if err != nil {
			t.Fatal(err)
		}
		var told []error
		for i := range 3 {
			now := uint32(time.Now().Unix())
			s.Keep([]whisper.Kept{{Hash: whisper.Hash{byte(i)}, Sent: now, Raw: []byte{1}}}, func(err error) { told = append(told, err) })
		}
		s.Start(startNode(t, whisper.Config{}))
		s.Stop()
		if len(archive.All()) != 3 || !slices.Equal(told, []error{nil, nil, nil}) {
			t.Errorf("archived %d, told %v", len(archive.All()), told)
		}
		s.Keep([]whisper.Kept{{Raw: []byte{1}}}, func(err error) { told = append(told, err) })
		if len(told) != 4 || told[3] == nil {
			t.Errorf("told %v", told)
		}
	})
}

// walk asks for page after page.
func (r *rig) walk(t *testing.T, a mailserver.Ask) (pages []mailserver.Page) {
	t.Helper()
	for {
		page, err := r.client.Request(t.Context(), r.id(), a)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
		if a.After = page.Next; a.After == nil {
			return pages
		}
	}
}

func sorted(all []*whisper.Envelope, topics ...whisper.Topic) (list []mailserver.Cursor) {
	for _, e := range all {
		if slices.Contains(topics, e.Topic) {
			list = append(list, mailserver.Cursor{Sent: e.Sent(), Hash: e.Hash()})
		}
	}
	slices.SortFunc(list, mailserver.Cursor.Compare)
	return list
}

func places(pages ...mailserver.Page) (list []mailserver.Cursor) {
	for _, p := range pages {
		for _, e := range p.Envelopes {
			list = append(list, mailserver.Cursor{Sent: e.Sent(), Hash: e.Hash()})
		}
	}
	return list
}

// A walk over 2,500 envelopes gets each once, oldest first, in three pages, whatever the packets are cut into.
func TestWalkOverPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		all := r.history(5000, 500)
		r.archive.Add(all...)
		pages := r.walk(t, r.ask(topicB))
		if len(pages) != 3 || len(pages[0].Envelopes) != 1000 || len(pages[2].Envelopes) != 500 {
			t.Errorf("%d pages", len(pages))
		}
		if !slices.Equal(places(pages...), sorted(all, topicB)) {
			t.Error("the walk is not everything in order")
		}
		if n := len(r.walk(t, r.ask())); n != 5 {
			t.Errorf("%d pages of all topics", n)
		}
		a := r.ask(topicA, topicB)
		a.Lower += 100
		a.Upper = a.Lower + 9
		a.Limit = 7
		var want []mailserver.Cursor
		for _, c := range sorted(all, topicA, topicB) {
			if c.Sent >= a.Lower && c.Sent <= a.Upper {
				want = append(want, c)
			}
		}
		if got := places(r.walk(t, a)...); len(want) != 40 || !slices.Equal(got, want) {
			t.Errorf("got %d of %d", len(got), len(want))
		}
		if s := r.server.Stats(); s.Attempts != s.Durations.Count || s.Attempts < 14 || s.Sent != 2500+5000+40 {
			t.Errorf("counted %+v", s)
		}
	})
}

func TestNothingThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		page, err := r.client.Request(t.Context(), r.id(), r.ask(topicA))
		if err != nil || len(page.Envelopes) != 0 || page.Next != nil {
			t.Errorf("got %+v, %v", page, err)
		}
	})
}

// What is too old goes when the server starts and every hour, an hour later than promised.
func TestPruning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := func(ago time.Duration) *whisper.Envelope {
			return &whisper.Envelope{Expiry: uint32(time.Now().Add(-ago).Unix()) + 15, TTL: 15, Data: fmt.Append(nil, ago)}
		}
		archive := mailtest.NewArchive()
		archive.Add(sent(26*time.Hour), sent(24*time.Hour+30*time.Minute), sent(time.Hour))
		s, err := mailserver.NewServer(mailserver.ServerConfig{Archive: archive, Retention: 24 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		s.Start(startNode(t, whisper.Config{}))
		defer s.Stop()
		for _, want := range []int{2, 1} {
			synctest.Wait()
			if n := len(archive.All()); n != want || s.Stats().Pruned != uint64(3-want) {
				t.Errorf("%d left, counted %d", n, s.Stats().Pruned)
			}
			time.Sleep(time.Hour + time.Second)
		}
	})
}
