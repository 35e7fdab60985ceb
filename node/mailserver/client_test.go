package mailserver_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/mailserver"
	"sotto/node/mailserver/mailtest"
	"sotto/node/whisper"
	"sotto/node/whisper/whispertest"
)

// play is a client and a server of which a test writes every packet.
type play struct {
	network *whispertest.Network
	node    *whisper.Whisper
	peer    *whisper.Whisper
	client  *mailserver.Client
}

// newPlay runs answer on a goroutine for each request, with what was asked for. It lives in a synctest bubble.
func newPlay(t *testing.T, answer func(p *play, id whisper.Hash, q mailserver.Request)) *play {
	t.Helper()
	p := &play{network: whispertest.New(1)}
	p.node = startNode(t, whisper.Config{Confirmations: true})
	p.peer = startNode(t, whisper.Config{})
	p.client = mailserver.NewClient(mailserver.ClientConfig{Whisper: p.peer, Key: newKey(t)})
	t.Cleanup(p.client.Close)
	t.Cleanup(p.network.Close)
	opener := whisper.NewSymOpener(passwordKey())
	p.node.OnRequest(func(_ enode.ID, q whisper.Request) {
		e, err := whisper.DecodeEnvelope(q.Envelope)
		if err != nil {
			t.Error(err)
			return
		}
		plain, err := opener.Open(e)
		if err != nil || plain.Signer == nil {
			t.Error(err)
			return
		}
		r, err := mailserver.DecodeRequest(plain.Payload)
		if err != nil {
			t.Error(err)
			return
		}
		go answer(p, e.Hash(), r)
	})
	p.network.Connect(p.peer, p.node, line)
	time.Sleep(10 * time.Millisecond)
	synctest.Wait()
	return p
}

func (p *play) id() enode.ID { return p.network.ID(p.node) }

func (p *play) send(envelopes ...*whisper.Envelope) {
	_ = p.node.SendDirect(p.network.ID(p.peer), envelopes)
}

func (p *play) complete(c whisper.RequestComplete) { _ = p.node.SendComplete(p.network.ID(p.peer), c) }

// at is an envelope sent so many seconds after the beginning of what askAll asks for.
func at(second uint32, topic whisper.Topic) *whisper.Envelope {
	return &whisper.Envelope{Expiry: 1000 + second + 15, TTL: 15, Topic: topic, Data: []byte{byte(second), byte(second >> 8)}}
}

var askAll = mailserver.Ask{Lower: 1000, Upper: 2000, Topics: []whisper.Topic{topicA}, Limit: 5}

func cursorOf(e *whisper.Envelope) *mailserver.Cursor {
	return &mailserver.Cursor{Sent: e.Sent(), Hash: e.Hash()}
}

func ending(id whisper.Hash, last *whisper.Envelope, more bool) whisper.RequestComplete {
	c := whisper.RequestComplete{ID: id, Last: last.Hash()}
	if more {
		c.Cursor = cursorOf(last).Encode()
	}
	return c
}

// What deployed servers do besides is taken: envelopes on other topics, completions of what nobody asked, a page that is
// alone and comes newest first.
func TestPageOfAnHonestServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two, three := at(1, topicA), at(2, topicB), at(3, topicA)
		p := newPlay(t, func(p *play, id whisper.Hash, q mailserver.Request) {
			var bloom whisper.Bloom
			bloom.Add(topicA)
			if q.Lower != 1000 || q.Upper != 2000 || q.Limit != 5 || !q.Batch || q.Bloom != bloom ||
				!slices.Equal(q.Topics, askAll.Topics) {
				t.Errorf("asked %+v", q)
			}
			p.complete(whisper.RequestComplete{ID: whisper.Hash{66}})
			if q.Cursor == nil {
				p.send(one, two)
				p.complete(ending(id, two, true))
				return
			}
			if *q.Cursor != *cursorOf(two) {
				t.Errorf("cursor %v", q.Cursor)
			}
			p.send(three)
			p.complete(ending(id, three, false))
		})
		a := askAll
		page, err := p.client.Request(t.Context(), p.id(), a)
		if err != nil || len(page.Envelopes) != 1 || page.Envelopes[0].Hash() != one.Hash() || page.Foreign != 1 ||
			page.Next == nil || page.Bytes != 4 {
			t.Fatalf("got %+v, %v", page, err)
		}
		a.After = page.Next
		page, err = p.client.Request(t.Context(), p.id(), a)
		if err != nil || len(page.Envelopes) != 1 || page.Envelopes[0].Hash() != three.Hash() || page.Next != nil {
			t.Errorf("got %+v, %v", page, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		p := newPlay(t, func(p *play, id whisper.Hash, _ mailserver.Request) {
			p.send(at(3, topicA), at(2, topicA), at(1, topicA))
			p.complete(ending(id, at(1, topicA), false))
		})
		page, err := p.client.Request(t.Context(), p.id(), askAll)
		if err != nil || len(page.Envelopes) != 3 || page.Envelopes[0].Hash() != at(1, topicA).Hash() {
			t.Errorf("got %+v, %v", page, err)
		}
	})
}

// TestLies: what a server says that cannot be, and what it says of itself.
func TestLies(t *testing.T) {
	one, two, three := at(1, topicA), at(2, topicA), at(3, topicA)
	after := func(e *whisper.Envelope) *mailserver.Cursor { return cursorOf(e) }
	text := "no\x00\nidea \xff" + strings.Repeat("x", 1000)
	for name, c := range map[string]struct {
		after  *mailserver.Cursor
		answer func(p *play, id whisper.Hash)
		want   error
	}{
		"another last envelope": {nil, func(p *play, id whisper.Hash) { p.send(one, two); p.complete(ending(id, one, false)) }, mailserver.ErrLied},
		"a last one of nothing": {nil, func(p *play, id whisper.Hash) { p.complete(ending(id, one, false)) }, mailserver.ErrLied},
		"no last one":           {nil, func(p *play, id whisper.Hash) { p.send(one); p.complete(whisper.RequestComplete{ID: id}) }, mailserver.ErrLied},
		"the end is missing":    {nil, func(p *play, id whisper.Hash) { p.send(one); p.complete(ending(id, two, false)) }, mailserver.ErrLied},
		"a cursor of nothing": {nil, func(p *play, id whisper.Hash) {
			p.complete(whisper.RequestComplete{ID: id, Cursor: cursorOf(one).Encode()})
		}, mailserver.ErrLied},
		"another cursor": {nil, func(p *play, id whisper.Hash) {
			p.send(one)
			p.complete(whisper.RequestComplete{ID: id, Last: one.Hash(), Cursor: cursorOf(two).Encode()})
		}, mailserver.ErrLied},
		"the same page again": {after(two), func(p *play, id whisper.Hash) { p.send(one, two); p.complete(ending(id, two, true)) }, mailserver.ErrLied},
		"back behind it":      {after(two), func(p *play, id whisper.Hash) { p.send(one); p.complete(ending(id, one, false)) }, mailserver.ErrLied},
		"out of order":        {nil, func(p *play, id whisper.Hash) { p.send(two, three, one); p.complete(ending(id, one, true)) }, mailserver.ErrLied},
		"down and up":         {nil, func(p *play, id whisper.Hash) { p.send(two, one, three); p.complete(ending(id, three, true)) }, mailserver.ErrLied},
		"one twice":           {nil, func(p *play, id whisper.Hash) { p.send(one, one); p.complete(ending(id, one, false)) }, mailserver.ErrLied},
		"before the range": {nil, func(p *play, id whisper.Hash) {
			e := at(^uint32(0), topicA)
			p.send(e)
			p.complete(ending(id, e, false))
		}, mailserver.ErrLied},
		"behind the range": {nil, func(p *play, id whisper.Hash) { e := at(1001, topicA); p.send(e); p.complete(ending(id, e, false)) }, mailserver.ErrLied},
		"more than asked for": {nil, func(p *play, id whisper.Hash) {
			p.send(one, two, three, at(4, topicA), at(5, topicA), at(6, topicA))
			p.complete(ending(id, at(6, topicA), false))
		}, mailserver.ErrFlood},
		"it refuses": {nil, func(p *play, id whisper.Hash) { p.complete(whisper.RequestComplete{ID: id, Failure: &text}) }, mailserver.ErrRefused},
		"it is busy": {nil, func(p *play, id whisper.Hash) {
			s := "rate limit exceeded"
			p.complete(whisper.RequestComplete{ID: id, Failure: &s})
		}, mailserver.ErrBusy},
		"it says nothing":      {nil, func(*play, whisper.Hash) {}, mailserver.ErrTimeout},
		"it does not complete": {nil, func(p *play, id whisper.Hash) { p.send(one) }, mailserver.ErrTimeout},
		"it leaves":            {nil, func(p *play, id whisper.Hash) { p.network.Disconnect(p.peer, p.node) }, mailserver.ErrNotConnected},
		"it leaves and returns": {nil, func(p *play, id whisper.Hash) {
			p.network.Disconnect(p.peer, p.node)
			p.network.Connect(p.peer, p.node, line)
		}, mailserver.ErrNotConnected},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlay(t, func(p *play, id whisper.Hash, _ mailserver.Request) { c.answer(p, id) })
				a := askAll
				a.After, a.Order = c.after, mailserver.OrderUp
				page, err := p.client.Request(t.Context(), p.id(), a)
				if !errors.Is(err, c.want) || len(page.Envelopes) > 0 {
					t.Fatalf("got %d, %v; want %v", len(page.Envelopes), err, c.want)
				}
				if s := err.Error(); len(s) > 300 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
					t.Errorf("unfit to be shown: %q", s)
				}
			})
		})
	}
}

// A server that sends without an end is cut short, in number and in bytes, and what comes afterwards is dropped.
func TestFlood(t *testing.T) {
	for name, size := range map[string]int{"many": 1, "large": 900_000} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stopped := make(chan struct{})
				p := newPlay(t, func(p *play, _ whisper.Hash, _ mailserver.Request) {
					defer close(stopped)
					for i := range 40 {
						p.send(&whisper.Envelope{Expiry: 1015 + uint32(i), TTL: 15, Topic: topicA, Data: make([]byte, size)})
					}
				})
				a, want := askAll, mailserver.ErrFlood
				if name == "large" { // no more than was asked for
					a.Limit, want = 1000, mailserver.ErrLarge
				}
				if _, err := p.client.Request(t.Context(), p.id(), a); !errors.Is(err, want) {
					t.Error(err)
				}
				<-stopped
				time.Sleep(time.Minute) // until the last has come
				if p.client.Unasked() == 0 || p.peer.Stats().Pool.Waiting != 0 {
					t.Errorf("dropped %d", p.client.Unasked())
				}
			})
		})
	}
}

// A server may drip: each packet restarts the timer, but not for ever.
func TestSlowServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlay(t, func(p *play, id whisper.Hash, q mailserver.Request) {
			for i := range q.Limit {
				time.Sleep(9 * time.Second)
				p.send(at(i, topicA))
			}
			p.complete(ending(id, at(q.Limit-1, topicA), false))
		})
		if page, err := p.client.Request(t.Context(), p.id(), askAll); err != nil || len(page.Envelopes) != 5 {
			t.Errorf("got %+v, %v", page, err)
		}
		a := askAll
		a.Limit = 20
		began := time.Now()
		if _, err := p.client.Request(t.Context(), p.id(), a); !errors.Is(err, mailserver.ErrTimeout) || time.Since(began) > 2*time.Minute+time.Second {
			t.Error(err, time.Since(began))
		}
		time.Sleep(2 * time.Minute)
	})
}

// What a request that was given up still gets does not spoil the next one.
func TestAnswerThatComesTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := make(chan struct{}, 1)
		p := newPlay(t, func(p *play, id whisper.Hash, q mailserver.Request) {
			turn <- struct{}{} // one after another
			defer func() { <-turn }()
			if q.Lower == 1000 {
				p.send(at(1, topicA))
				time.Sleep(15 * time.Second)
				p.send(at(2, topicA))
				p.complete(ending(id, at(2, topicA), false))
				return
			}
			p.send(at(600, topicA))
			p.complete(ending(id, at(600, topicA), false))
		})
		if _, err := p.client.Request(t.Context(), p.id(), askAll); !errors.Is(err, mailserver.ErrTimeout) {
			t.Error(err)
		}
		a := askAll
		a.Lower = 1500
		page, err := p.client.Request(t.Context(), p.id(), a)
		if err != nil || len(page.Envelopes) != 1 || page.Envelopes[0].Sent() != 1600 {
			t.Errorf("got %+v, %v", page, err)
		}
	})
}

// A server is asked one thing at a time; whoever waits for his turn may give up.
func TestOneRequestAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running, most := 0, 0
		p := newPlay(t, func(p *play, id whisper.Hash, _ mailserver.Request) {
			running++
			most = max(most, running)
			time.Sleep(time.Second)
			running--
			p.complete(whisper.RequestComplete{ID: id})
		})
		done := make(chan error)
		for range 3 {
			go func() { _, err := p.client.Request(t.Context(), p.id(), askAll); done <- err }()
		}
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			time.Sleep(time.Second / 2)
			_, err := p.client.Request(ctx, p.id(), askAll)
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			done <- nil
		}()
		time.Sleep(time.Second * 3 / 4)
		stop()
		for range 4 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if most != 1 {
			t.Errorf("%d at a time", most)
		}
	})
}

func TestAsksThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlay(t, func(*play, whisper.Hash, mailserver.Request) { t.Error("asked") })
		for _, change := range []func(*mailserver.Ask){
			func(a *mailserver.Ask) { a.Lower = 3000 }, func(a *mailserver.Ask) { a.Limit = 1001 },
			func(a *mailserver.Ask) { a.Topics = make([]whisper.Topic, mailserver.MaxTopics+1) },
		} {
			a := askAll
			change(&a)
			if _, err := p.client.Request(t.Context(), p.id(), a); !errors.Is(err, mailserver.ErrAsk) {
				t.Error(err)
			}
		}
		if _, err := p.client.Request(t.Context(), enode.ID{99}, askAll); !errors.Is(err, mailserver.ErrNotConnected) {
			t.Error(err)
		}
	})
}

// While clients do not read, the server holds a piece of each answer and no more.
func TestServerMemoryWhileClientsDoNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *mailserver.ServerConfig) { c.Workers = 4 })
		for i := range uint32(200) {
			r.archive.Add(&whisper.Envelope{Expiry: uint32(r.from.Unix()) + i + 15, TTL: 15, Data: make([]byte, 100_000)})
		}
		var pieces atomic.Int64
		r.archive.SetHooks(mailtest.Hooks{Found: func(found []mailserver.Stored) {
			pieces.Add(1)
			size := 0
			for _, s := range found {
				size += len(s.Raw)
			}
			if size > 512<<10 {
				t.Errorf("read %d bytes at once", size)
			}
		}})
		read := make(chan struct{})
		before := heap()
		for i := range 4 {
			peer := startNode(t, whisper.Config{})
			peer.OnDirect(func(enode.ID, []*whisper.Envelope) bool { <-read; return true })
			peer.Trust(r.id())
			r.network.Connect(peer, r.node, whispertest.Conditions{}) // who writes waits for who reads
			synctest.Wait()
			open := &whisper.OpenRequest{ID: whisper.Hash{byte(i + 1)}, Bloom: whisper.FullBloom()}
			if err := peer.SendRequest(r.id(), whisper.Request{Open: open}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if grown := heap() - before; grown > 8<<20 {
			t.Errorf("%d bytes more", grown)
		}
		if n := pieces.Load(); n != 4 {
			t.Errorf("read %d pieces", n)
		}
		close(read)
		time.Sleep(time.Minute + time.Second) // clients take 4 MiB a second
		if n := r.server.Stats().Durations.Count; n != 4 {
			t.Errorf("answered %d", n)
		}
	})
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
