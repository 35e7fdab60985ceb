package overlay

import (
	"context"
	"crypto/ecdsa"
	"log/slog"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if code, isChild := runInNamespace(); isChild {
		os.Exit(code)
	}
	goleak.VerifyTestMain(m,
		// The one goroutine of go-ethereum's metrics lives as long as the process, from its package's init on.
		goleak.IgnoreTopFunction("github.com/ethereum/go-ethereum/metrics.(*meterTicker).loop"),
		// p2p's node database in memory: its closing waits for a second, by itself.
		goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"))
}

// testProtocol runs until the connection ends, and counts itself.
func testProtocol(running *atomic.Int32) p2p.Protocol {
	return p2p.Protocol{Name: "test", Version: 1, Length: 1, Run: func(_ *p2p.Peer, rw p2p.MsgReadWriter) error {
		running.Add(1)
		defer running.Add(-1)
		for {
			msg, err := rw.ReadMsg()
			if err != nil {
				return err
			}
			if err := msg.Discard(); err != nil {
				return err
			}
		}
	}}
}

func testKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// testConfig is a node that listens on loopback and asks no router.
func testConfig(t testing.TB) Config {
	return Config{
		Key: testKey(t), Name: "test", Listen: "127.0.0.1:0", NAT: "none",
		Protocols: []p2p.Protocol{testProtocol(new(atomic.Int32))}, Log: testLog(t),
	}
}

func testLog(t testing.TB) *slog.Logger {
	if !testing.Verbose() {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func start(t testing.TB, cfg Config) *Server {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// eventually polls until ok, and fails after the given time.
func eventually(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// unavailable skips the test on somebody's computer. Where CI runs it, nobody would see that.
func unavailable(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func connected(s *Server, n int) func() bool {
	return func() bool { return len(s.Peers()) == n }
}

func idOf(s *Server) enode.ID { return enode.PubkeyToIDV4(&s.cfg.Key.PublicKey) }
