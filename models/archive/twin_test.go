package archive

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"
	"pgregory.net/rapid"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

// twin is an archive as one would write it without thinking of time or memory: what it holds, in order.
type twin []mailserver.Stored

func order(x, y mailserver.Stored) int { return x.Cursor().Compare(y.Cursor()) }

func (w *twin) put(list []mailserver.Stored) {
	for _, s := range list {
		if !slices.ContainsFunc(*w, func(o mailserver.Stored) bool { return o.Hash == s.Hash }) {
			*w = append(*w, s)
		}
	}
	slices.SortFunc(*w, order)
}

func (w *twin) find(q mailserver.Query) (found []mailserver.Stored, more bool) {
	bytes := 0
	for _, s := range *w {
		switch {
		case s.Sent < q.Lower || s.Sent > q.Upper, q.After != nil && s.Cursor().Compare(*q.After) <= 0,
			len(q.Topics) > 0 && !slices.Contains(q.Topics, s.Topic), len(q.Topics) == 0 && !q.Bloom.Contains(s.Topic):
			continue
		case len(found) == q.Limit, len(found) > 0 && bytes+len(s.Raw) > q.Bytes:
			return found, true
		}
		found = append(found, s)
		bytes += len(s.Raw)
	}
	return found, false
}

func (w *twin) prune(before uint32, most int64) (removed int64) {
	for len(*w) > 0 && ((*w)[0].Sent < before || most > 0 && int64(bytesOf(*w)) > most) {
		*w = (*w)[1:]
		removed++
	}
	return removed
}

func (w *twin) size() (size mailserver.Size) {
	size.Envelopes, size.Bytes = int64(len(*w)), int64(bytesOf(*w))
	if len(*w) > 0 {
		size.Oldest = (*w)[0].Sent
	}
	return size
}

// known are all envelopes of the world of these tests: few topics, and a few in each second.
var known = func() []mailserver.Stored {
	list := make([]mailserver.Stored, 80)
	for i := range list {
		raw := fmt.Appendf(nil, "%*d", 1+i*i%97, i)
		list[i] = mailserver.Stored{Sent: 1000 + uint32(i*i%23), Hash: whisper.HashOf(raw), Topic: topicOf(i % 7), Raw: raw}
	}
	return list
}()

func someKnown() *rapid.Generator[mailserver.Stored] { return rapid.SampledFrom(known) }

func moments() *rapid.Generator[uint32] {
	return rapid.OneOf(rapid.Uint32Range(995, 1030), rapid.SampledFrom([]uint32{0, 1, 1<<31 - 1, 1 << 31, 1<<32 - 1}))
}

var queries = rapid.Custom(func(t *rapid.T) mailserver.Query {
	q := mailserver.Query{
		Lower: moments().Draw(t, "lower"), Upper: moments().Draw(t, "upper"),
		Limit: rapid.IntRange(1, 20).Draw(t, "limit"),
		Bytes: rapid.OneOf(rapid.IntRange(0, 400), rapid.Just(1<<30)).Draw(t, "bytes"),
	}
	numbers := rapid.SliceOfN(rapid.IntRange(0, 8), 0, 8).Draw(t, "topics")
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 0:
		q.Bloom = whisper.FullBloom()
	case 1:
		for _, n := range numbers {
			q.Bloom.Add(topicOf(n))
		}
	default:
		for _, n := range numbers {
			q.Topics = append(q.Topics, topicOf(n))
		}
	}
	switch rapid.IntRange(0, 2).Draw(t, "after") {
	case 0:
		c := someKnown().Draw(t, "cursor").Cursor()
		q.After = &c
	case 1:
		q.After = &mailserver.Cursor{Sent: moments().Draw(t, "cursor"), Hash: whisper.Hash{rapid.Byte().Draw(t, "hash")}}
	}
	return q
})

// TestLikeItsTwin does the same to an archive and to its twin, with bounds so small that every way of reading is used.
func TestLikeItsTwin(t *testing.T) {
	alone(t)
	onBoth(t, t.Run, func(t *testing.T, dsn string) {
		a := hurried(t, dsn)
		rapid.Check(t, func(t *rapid.T) {
			if err := a.empty(); err != nil {
				t.Fatal(err)
			}
			a.bounds = bounds{
				topics: rapid.IntRange(0, 8).Draw(t, "one by one"), sorted: rapid.IntRange(1, 30).Draw(t, "sorted"),
				walked: rapid.IntRange(1, 9).Draw(t, "walked"), pieces: rapid.IntRange(1, 3).Draw(t, "pieces"),
				listed: rapid.IntRange(0, 9).Draw(t, "listed"), step: rapid.IntRange(1, 9).Draw(t, "step"),
			}
			compare(t, a, new(twin))
		})
	})
}

// hurried opens an archive that synchronises nothing, which takes most of the time where commits are small.
func hurried(t *testing.T, dsn string) *Archive {
	if strings.HasPrefix(dsn, "postgres:") {
		return open(t, dsn+"&synchronous_commit=off")
	}
	a := open(t, dsn)
	if err := a.writer.Exec("PRAGMA synchronous=off").Error; err != nil {
		t.Fatal(err)
	}
	return a
}

// empty makes an archive as it was in the beginning.
func (a *Archive) empty() error {
	return a.update(context.Background(), func(tx *gorm.DB) error {
		if err := tx.Exec("DELETE FROM envelopes").Error; err != nil {
			return err
		}
		return tx.Exec("UPDATE totals SET envelopes = 0, bytes = 0").Error
	})
}

func compare(t *rapid.T, a *Archive, w *twin) {
	ctx := context.Background()
	t.Repeat(map[string]func(*rapid.T){
		"put": func(t *rapid.T) {
			list := rapid.SliceOfN(someKnown(), 0, 40).Draw(t, "envelopes")
			if err := a.Put(ctx, list); err != nil {
				t.Fatal(err)
			}
			w.put(list)
		},
		"find": func(t *rapid.T) {
			q := queries.Draw(t, "query")
			found, more, err := a.Find(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			wanted, wantedMore := w.find(q)
			if !same(found, wanted) || more != wantedMore {
				t.Fatalf("found %v, more %v; the twin has %v, %v", names(found), more, names(wanted), wantedMore)
			}
		},
		"prune": func(t *rapid.T) {
			before := moments().Draw(t, "before")
			bytes := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(1, 3000)).Draw(t, "bytes")
			if rapid.IntRange(0, 3).Draw(t, "by age") > 0 {
				before = min(before, 1010)
			}
			removed, err := a.Prune(ctx, before, bytes)
			if wanted := w.prune(before, bytes); removed != wanted || err != nil {
				t.Fatalf("removed %d, %v; the twin removed %d", removed, err, wanted)
			}
		},
		"": func(t *rapid.T) {
			size, err := a.Size(ctx)
			if size != w.size() || err != nil {
				t.Fatalf("size %+v, %v; the twin has %+v", size, err, w.size())
			}
		},
	})
}

func same(x, y []mailserver.Stored) bool {
	return slices.EqualFunc(x, y, func(a, b mailserver.Stored) bool {
		return a.Sent == b.Sent && a.Hash == b.Hash && a.Topic == b.Topic && string(a.Raw) == string(b.Raw)
	})
}

func names(list []mailserver.Stored) (names []string) {
	for _, s := range list {
		names = append(names, fmt.Sprintf("%d:%x", s.Sent, s.Hash[:2]))
	}
	return names
}

// TestPages reads everything in pages, whose ends fall between envelopes of one second, too.
func TestPages(t *testing.T) {
	onBoth(t, t.Run, func(t *testing.T, dsn string) {
		a := open(t, dsn)
		put(t, a, known...)
		var all twin
		all.put(known)
		q := forever
		q.Limit = 7
		var read []mailserver.Stored
		for more := true; more; {
			var found []mailserver.Stored
			if found, more = find(t, a, q); len(found) == 0 || len(found) > 7 {
				t.Fatalf("a page of %d", len(found))
			}
			read = append(read, found...)
			c := read[len(read)-1].Cursor()
			q.After = &c
		}
		if !same(read, all) {
			t.Errorf("read %v of %v", names(read), names(all))
		}
	})
}
