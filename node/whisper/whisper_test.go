package whisper_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sotto/node/whisper"
	"sotto/node/whisper/whispertest"
)

func TestMain(m *testing.M) {
	// The node database of devp2p servers, which benchmarks use, leaves this one behind for up to 30 s.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"))
}

// testKey stands for a chat that everybody in these tests knows.
var (
	testKey   = whisper.SymKey{1, 2, 3}
	testTopic = whisper.TopicOf("test")
)

// start runs a node until the test ends.
func start(t testing.TB, cfg whisper.Config) *whisper.Whisper {
	t.Helper()
	w := whisper.New(cfg)
	w.Start()
	t.Cleanup(w.Stop)
	return w
}

func network(t testing.TB) *whispertest.Network {
	n := whispertest.New(1)
	t.Cleanup(n.Close)
	return n
}

// seal makes an envelope of the test key.
func seal(t testing.TB, now time.Time, payload string, change ...func(*whisper.SealParams)) *whisper.Envelope {
	t.Helper()
	p := whisper.SealParams{Topic: testTopic, Payload: []byte(payload), SymKey: &testKey, PoW: 0.002}
	for _, c := range change {
		c(&p)
	}
	e, err := whisper.Seal(context.Background(), rand.Reader, now, p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// listen collects what a node opens with the test key.
func listen(t testing.TB, w *whisper.Whisper, change ...func(*whisper.Filter)) <-chan *whisper.Message {
	t.Helper()
	got := make(chan *whisper.Message, 1000)
	f := whisper.Filter{Topics: []whisper.Topic{testTopic}, Key: whisper.NewSymOpener(testKey)}
	for _, c := range change {
		c(&f)
	}
	if _, err := w.Subscribe(f, func(m *whisper.Message) { got <- m }); err != nil {
		t.Fatal(err)
	}
	return got
}

// expect waits for one message and compares its payload.
func expect(t testing.TB, got <-chan *whisper.Message, payload string) *whisper.Message {
	t.Helper()
	select {
	case m := <-got:
		if string(m.Payload) != payload {
			t.Fatalf("payload %q, want %q", m.Payload, payload)
		}
		return m
	case <-time.After(10 * time.Second):
		t.Fatalf("no message, want %q", payload)
		return nil
	}
}

// until polls a condition.
func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // what a machine with much to do may take
	defer cancel()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatal("waited in vain: " + what)
		}
	}
}

func TestTwoHops(t *testing.T) {
	n := network(t)
	a, b, c := start(t, whisper.Config{}), start(t, whisper.Config{}), start(t, whisper.Config{})
	n.Connect(a, b, whispertest.Conditions{})
	n.Connect(b, c, whispertest.Conditions{})
	got := listen(t, c)
	e := seal(t, time.Now(), "hello")
	if err := a.Post(e, nil); err != nil {
		t.Fatal(err)
	}
	m := expect(t, got, "hello")
	if m.Hash != e.Hash() || m.Topic != testTopic || m.TTL != whisper.DefaultTTL || m.From != n.ID(b) || m.Direct {
		t.Errorf("message is told wrong: %+v", m)
	}
}

func TestPostReachesPeerThatComesLater(t *testing.T) {
	n := network(t)
	a, b := start(t, whisper.Config{}), start(t, whisper.Config{})
	got := listen(t, b)
	if err := a.Post(seal(t, time.Now(), "early"), nil); err != nil {
		t.Fatal(err)
	}
	n.Connect(a, b, whispertest.Conditions{})
	expect(t, got, "early")
}
