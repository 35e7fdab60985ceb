package archive

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

var (
	errMissing   = errors.New("PostgreSQL is not installed: .ci/deps server installs it")
	errElsewhere = errors.New("PostgreSQL is started by tests on Linux only")

	databases atomic.Int64
)

// shared starts the cluster that the tests of this package share when the first of them needs it.
var shared = sync.OnceValues(func() (*cluster, error) {
	c, err := startCluster()
	running = c
	return c, err
})

var running *cluster

func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		putUntilKilled(path)
		return
	}
	code := m.Run()
	if running != nil {
		if err := running.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "the cluster did not stop well:", err)
			code = max(code, 1)
		}
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// postgresCluster is the cluster, where there can be one. Continuous integration on Linux must have it.
func postgresCluster(t testing.TB) *cluster {
	t.Helper()
	c, err := shared()
	switch {
	case errors.Is(err, errElsewhere), errors.Is(err, errMissing) && os.Getenv("CI") != "true":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	return c
}

// alone skips a test in which one goroutine works under -short, which the race detector runs with: it finds nothing there, and
// makes the engine twenty times slower.
func alone(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("nothing runs at the same time")
	}
}

// onBoth runs a test on an empty archive of each engine.
func onBoth[T testing.TB](t T, run func(name string, fn func(T)) bool, test func(t T, dsn string)) {
	run("sqlite", func(t T) { test(t, filepath.Join(t.TempDir(), "mail.db")) })
	run("postgres", func(t T) { test(t, postgresCluster(t).database(t)) })
}

func open(t testing.TB, dsn string) *Archive {
	t.Helper()
	a, err := Open(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// envelopesOf returns n envelopes: one each second from a time on, on topics in turn, each with so many bytes.
func envelopesOf(seed uint64, from uint32, n, topics, size int) []mailserver.Stored {
	r := rand.New(rand.NewPCG(seed, 0))
	list := make([]mailserver.Stored, n)
	for i := range list {
		raw := randomBytes(r, size)
		list[i] = mailserver.Stored{Sent: from + uint32(i), Hash: whisper.HashOf(raw), Topic: topicOf(i % topics), Raw: raw}
	}
	return list
}

// spread returns batch number i of so many envelopes of 500 bytes on 10,000 topics, one a second.
func spread(i, n int) []mailserver.Stored {
	list := envelopesOf(uint64(i), uint32(1_700_000_000+i*n), n, 1, 500)
	r := rand.New(rand.NewPCG(7, uint64(i)))
	for j := range list {
		list[j].Topic = topicOf(r.IntN(10_000))
	}
	return list
}

// topicOf is the topic with a number; neighbours have little in common.
func topicOf(n int) (t whisper.Topic) {
	h := whisper.HashOf(binary.BigEndian.AppendUint32(nil, uint32(n)))
	copy(t[:], h[:])
	return t
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n+8)
	for i := 0; i < n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	return b[:n]
}

func put(t testing.TB, a *Archive, list ...mailserver.Stored) {
	t.Helper()
	if err := a.Put(context.Background(), list); err != nil {
		t.Fatal(err)
	}
}

func find(t testing.TB, a *Archive, q mailserver.Query) ([]mailserver.Stored, bool) {
	t.Helper()
	found, more, err := a.Find(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return found, more
}

// findAll reads everything, in pages.
func findAll(t testing.TB, a *Archive) (all []mailserver.Stored) {
	t.Helper()
	q := forever
	for more := true; more; {
		var found []mailserver.Stored
		if found, more = find(t, a, q); len(found) == 0 {
			return all
		}
		all = append(all, found...)
		c := all[len(all)-1].Cursor()
		q.After = &c
	}
	return all
}

func sizeOf(t testing.TB, a *Archive) mailserver.Size {
	t.Helper()
	size, err := a.Size(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return size
}

// forever is a query for everything, of which it gets the first page.
var forever = mailserver.Query{Upper: 1<<32 - 1, Bloom: whisper.FullBloom(), Limit: 1 << 16, Bytes: 1 << 40}
