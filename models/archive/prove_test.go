//go:build prove

package archive

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

const (
	million    = 1_000_000
	proofBatch = 250
)

// TestProveAMillion fills an archive with a million envelopes of 500 bytes on 10,000 topics, one a second, and measures what
// a client waits for.
func TestProveAMillion(t *testing.T) {
	onBoth(t, t.Run, func(t *testing.T, dsn string) {
		a := open(t, dsn)
		var puts []time.Duration
		started := time.Now()
		for i := range million / proofBatch {
			list := spread(i, proofBatch)
			puts = append(puts, timed(func() { put(t, a, list...) }))
		}
		t.Logf("a million put in %v, in batches of %d: %v", time.Since(started).Round(time.Second), proofBatch, spans(puts))
		settled(t, a, dsn)
		t.Logf("it takes %d MB", diskUse(t, a, dsn)/1e6)
		for _, c := range []struct{ topics, limit int }{{1, 50}, {1, 1000}, {50, 50}, {50, 1000}, {1000, 50}, {1000, 1000}} {
			median := timePages(t, a, c.topics, c.limit)
			if c.topics == 1 && median > 50*time.Millisecond {
				t.Errorf("the first page of one topic takes %v", median)
			}
		}
		timeBlooms(t, a)
		putWhilePruning(t, a)
	})
}

// settled does what PostgreSQL does by itself within a minute: it looks what is in the table. A million put so fast may be
// asked for before that.
func settled(t *testing.T, a *Archive, dsn string) {
	t.Helper()
	if !strings.HasPrefix(dsn, "postgres:") {
		return
	}
	if err := a.writer.WithContext(t.Context()).Exec("VACUUM ANALYZE envelopes").Error; err != nil {
		t.Fatal(err)
	}
}

func timed(fn func()) time.Duration {
	started := time.Now()
	fn()
	return time.Since(started)
}

// spans is a text of how long something takes.
func spans(times []time.Duration) string {
	slices.Sort(times)
	at := func(part int) string { return times[(len(times)-1)*part/100].Round(10 * time.Microsecond).String() }
	return "least " + at(0) + ", median " + at(50) + ", 95 % " + at(95) + ", most " + at(100)
}

// timePages asks for the first page, on other topics each time.
func timePages(t *testing.T, a *Archive, topics, limit int) (median time.Duration) {
	t.Helper()
	var times []time.Duration
	for round := range 21 {
		q := mailserver.Query{Upper: 1<<32 - 1, Limit: limit, Bytes: 1 << 30}
		for i := range topics {
			q.Topics = append(q.Topics, topicOf((round*911+topics+i)%10_000))
		}
		times = append(times, timed(func() {
			if found, _ := find(t, a, q); len(found) < min(limit, 50*topics) {
				t.Errorf("%d found", len(found))
			}
		}))
	}
	t.Logf("first page of %d on %d topics: %v", limit, topics, spans(times))
	return times[len(times)/2]
}

func timeBlooms(t *testing.T, a *Archive) {
	t.Helper()
	for _, limit := range []int{50, 1000} {
		var narrow, full []time.Duration
		for round := range 11 {
			q := forever
			q.Limit = limit
			full = append(full, timed(func() { find(t, a, q) }))
			q.Bloom = whisper.Bloom{}
			for i := range 3 {
				q.Bloom.Add(topicOf(3*round + i))
			}
			narrow = append(narrow, timed(func() { find(t, a, q) }))
		}
		t.Logf("first page of %d on a bloom of 3 topics: %v; on the full bloom: %v", limit, spans(narrow), spans(full))
	}
}

// putWhilePruning removes a fifth of the archive and meanwhile puts and finds.
func putWhilePruning(t *testing.T, a *Archive) {
	t.Helper()
	pruned := make(chan time.Duration, 1)
	go func() {
		pruned <- timed(func() {
			if n, err := a.Prune(t.Context(), 1_700_000_000+million/5, 0); n != million/5 || err != nil {
				t.Errorf("removed %d, %v", n, err)
			}
		})
	}()
	var puts, finds []time.Duration
	for i := 0; ; i++ {
		list := spread(1_000_000+i, 16)
		puts = append(puts, timed(func() { put(t, a, list...) }))
		q := mailserver.Query{Upper: 1<<32 - 1, Limit: 50, Bytes: 1 << 20, Topics: []whisper.Topic{topicOf(i % 10_000)}}
		finds = append(finds, timed(func() { find(t, a, q) }))
		select {
		case took := <-pruned:
			t.Logf("%d pruned in %v; meanwhile batches of 16 put: %v; pages of 50 on one topic: %v", million/5, took.Round(time.Second),
				spans(puts), spans(finds))
			return
		default:
		}
	}
}

func diskUse(t *testing.T, a *Archive, dsn string) (size int64) {
	t.Helper()
	if strings.HasPrefix(dsn, "postgres:") {
		err := a.reader.WithContext(context.Background()).Raw("SELECT pg_database_size(current_database())").Row().Scan(&size)
		if err != nil {
			t.Fatal(err)
		}
		return size
	}
	info, err := os.Stat(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
