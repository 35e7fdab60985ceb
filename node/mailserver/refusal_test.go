package mailserver_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/mailserver"
	"sotto/node/mailserver/mailtest"
	"sotto/node/whisper"
)

// sealed is a request's envelope.
func (r *rig) sealed(t *testing.T, q mailserver.Request, change func(*whisper.SealParams), at time.Time) whisper.Request {
	t.Helper()
	key := passwordKey()
	p := whisper.SealParams{TTL: 50, SymKey: &key, Signer: newKey(t), Payload: mailserver.EncodeRequest(q)}
	if change != nil {
		change(&p)
	}
	e, err := whisper.Seal(t.Context(), rand.Reader, at, p)
	if err != nil {
		t.Fatal(err)
	}
	return whisper.Request{Envelope: e.Encode()}
}

// answerTo sends a request and returns its completion, nil when none came, and how many envelopes came before.
func (r *rig) answerTo(t *testing.T, q whisper.Request) (done *whisper.RequestComplete, envelopes int) {
	t.Helper()
	r.client.Close() // the test takes the packets
	r.peer.Trust(r.id())
	r.peer.OnComplete(func(_ enode.ID, c whisper.RequestComplete) { done = &c })
	r.peer.OnDirect(func(_ enode.ID, all []*whisper.Envelope) bool { envelopes += len(all); return true })
	if err := r.peer.SendRequest(r.id(), q); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	synctest.Wait()
	return done, envelopes
}

// TestRefusals: what is refused is named to the client and counted.
func TestRefusals(t *testing.T) {
	good := mailserver.Request{Upper: 1 << 31, Bloom: whisper.FullBloom(), Batch: true}
	now := time.Duration(0)
	for name, c := range map[string]struct {
		request mailserver.Request
		change  func(*whisper.SealParams)
		at      time.Duration
		reason  mailserver.Reason
		text    string
	}{
		"another password": {good, func(p *whisper.SealParams) { k := whisper.SymKeyOf("other"); p.SymKey = &k }, now, mailserver.ReasonPassword, "password"},
		"not signed":       {good, func(p *whisper.SealParams) { p.Signer = nil }, now, mailserver.ReasonUnsigned, "not signed"},
		"no request":       {good, func(p *whisper.SealParams) { p.Payload = []byte("x") }, now, mailserver.ReasonInvalid, "request is invalid"},
		"old":              {good, nil, -301 * time.Second, mailserver.ReasonStale, "clock"},
		"from the future":  {good, nil, 301 * time.Second, mailserver.ReasonStale, "clock"},
		"too large":        {good, func(p *whisper.SealParams) { p.Payload = make([]byte, 200_000) }, now, mailserver.ReasonMalformed, "cannot be read"},
		"limit over 1000":  {mailserver.Request{Upper: 1, Limit: 1001, Bloom: whisper.FullBloom()}, nil, now, mailserver.ReasonInvalid, "limit"},
		"lower over upper": {mailserver.Request{Lower: 2, Upper: 1, Bloom: whisper.FullBloom()}, nil, now, mailserver.ReasonInvalid, "before it begins"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				q := r.sealed(t, c.request, c.change, time.Now().Add(c.at))
				done, _ := r.answerTo(t, q)
				if done == nil || done.ID != whisper.HashOf(q.Envelope) || done.Failure == nil || !strings.Contains(*done.Failure, c.text) {
					t.Fatalf("answered %+v", done)
				}
				if r.failures(c.reason) != 1 {
					t.Errorf("counted %v", r.server.Stats().Failures)
				}
			})
		})
	}
}

// A request that comes again is not answered again.
func TestReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.archive.Add(r.history(3, 100)...)
		q := r.sealed(t, mailserver.Request{Bloom: whisper.FullBloom()}, nil, time.Now())
		if done, n := r.answerTo(t, q); done == nil || done.Failure != nil || n != 3 {
			t.Fatalf("answered %+v with %d", done, n)
		}
		if done, n := r.answerTo(t, q); done != nil || n != 0 {
			t.Errorf("answered %+v with %d", done, n)
		}
		if r.failures(mailserver.ReasonReplay) != 1 {
			t.Errorf("counted %v", r.server.Stats().Failures)
		}
	})
}

// Requests in the open, and those that are encrypted to the node's key, are answered, too. One that names no end ends a
// minute from now, and without batch each envelope comes alone.
func TestOtherForms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newKey(t)
		r := newRig(t, func(c *mailserver.ServerConfig) { c.Key = key })
		all := r.history(9, 100)
		ahead := &whisper.Envelope{Expiry: uint32(time.Now().Unix()) + 61 + 15, TTL: 15, Topic: topicA, Data: make([]byte, 100)}
		r.archive.Add(append(all, ahead)...)
		done, n := r.answerTo(t, whisper.Request{Open: &whisper.OpenRequest{ID: whisper.Hash{1}, Bloom: topicA.Bloom(), Limit: 2, To: 1 << 31}})
		want := sorted(all, topicA)[1]
		if n != 2 || done == nil || done.ID != (whisper.Hash{1}) || done.Last != want.Hash || string(done.Cursor) != string(want.Encode()) {
			t.Fatalf("answered %+v with %d", done, n)
		}
		done, n = r.answerTo(t, whisper.Request{Open: &whisper.OpenRequest{ID: whisper.Hash{2}, Bloom: topicA.Bloom(), Cursor: done.Cursor}})
		if n != 3 || done == nil || done.Cursor != nil {
			t.Errorf("answered %+v with %d", done, n)
		}
		sealedForNode := func(p *whisper.SealParams) { p.SymKey, p.Recipient = nil, &key.PublicKey }
		done, n = r.answerTo(t, r.sealed(t, mailserver.Request{Bloom: whisper.FullBloom()}, sealedForNode, time.Now()))
		if done == nil || done.Failure != nil || n != 9 {
			t.Errorf("answered %+v with %d", done, n)
		}
	})
}

func TestAllowList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *mailserver.ServerConfig) { c.Allow = []enode.ID{{42}} })
		if _, err := r.client.Request(t.Context(), r.id(), r.ask(topicA)); !errors.Is(err, mailserver.ErrRefused) ||
			!strings.Contains(err.Error(), "members") {
			t.Error(err)
		}
	})
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *mailserver.ServerConfig) { c.RequestsPerPeer = 1 })
		busy := 0
		for range 15 {
			_, err := r.client.Request(t.Context(), r.id(), r.ask(topicA))
			if errors.Is(err, mailserver.ErrBusy) {
				busy++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if busy != 5 || r.failures(mailserver.ReasonRate) != 5 {
			t.Errorf("refused %d, counted %v", busy, r.server.Stats().Failures)
		}
		time.Sleep(2 * time.Second)
		if _, err := r.client.Request(t.Context(), r.id(), r.ask(topicA)); err != nil {
			t.Error(err)
		}
	})
}

// However many requests a peer sends at once, few wait, and its turn does not hold up others.
func TestRequestsThatWaitAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *mailserver.ServerConfig) { c.Workers = 2 })
		stuck := make(chan struct{})
		r.archive.SetHooks(mailtest.Hooks{Find: func(context.Context) error { <-stuck; return nil }})
		for i := range 50 {
			open := &whisper.OpenRequest{ID: whisper.Hash{1, byte(i)}, Bloom: whisper.FullBloom()}
			if err := r.peer.SendRequest(r.id(), whisper.Request{Open: open}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		if s := r.server.Stats(); s.Waiting > 6 || s.Failures[mailserver.ReasonBusy] < 40 {
			t.Errorf("%d wait, failures %v", s.Waiting, s.Failures)
		}
		other := startNode(t, whisper.Config{})
		r.network.Connect(other, r.node, line)
		time.Sleep(10 * time.Millisecond)
		r.archive.SetHooks(mailtest.Hooks{}) // the first is still stuck, with one of two workers
		client := mailserver.NewClient(mailserver.ClientConfig{Whisper: other, Key: newKey(t)})
		if _, err := client.Request(t.Context(), r.id(), r.ask(topicA)); err != nil {
			t.Error(err)
		}
		client.Close()
		close(stuck)
	})
}

func TestArchiveThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.archive.SetHooks(mailtest.Hooks{Find: func(context.Context) error { return errors.New("secret path") }})
		_, err := r.client.Request(t.Context(), r.id(), r.ask(topicA))
		if !errors.Is(err, mailserver.ErrBusy) || strings.Contains(err.Error(), "secret") || r.failures(mailserver.ReasonArchive) != 1 {
			t.Error(err)
		}
	})
}
