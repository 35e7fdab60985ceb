package archive

import (
	"path/filepath"
	"testing"

	"gorm.io/gorm"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

// TestEveryWayFindsTheSame asks the same with bounds that make Find read in every way it can.
func TestEveryWayFindsTheSame(t *testing.T) {
	alone(t)
	onBoth(t, t.Run, func(t *testing.T, dsn string) {
		a := open(t, dsn)
		put(t, a, known...)
		var w twin
		w.put(known)
		for _, b := range []bounds{
			usual,
			{topics: 9, sorted: 1, walked: 3, pieces: 1, listed: 9, step: 1}, // sorts little, and asks which topics there are
			{topics: 9, sorted: 1, walked: 3, pieces: 1, listed: 3, step: 1}, // cannot see all topics
			{topics: 1, sorted: 9, walked: 2, pieces: 2, listed: 9, step: 1}, // walks
			{topics: 9, sorted: 40, walked: 1, pieces: 1, listed: 7, step: 1},
		} {
			a.bounds = b
			for _, q := range mixed() {
				found, more := find(t, a, q)
				wanted, wantedMore := w.find(q)
				if !same(found, wanted) || more != wantedMore {
					t.Errorf("%+v with %+v: found %v, more %v; the twin has %v, %v", q, b, names(found), more, names(wanted), wantedMore)
				}
			}
		}
	})
}

// mixed are queries of all kinds.
func mixed() (list []mailserver.Query) {
	cursor := known[40].Cursor()
	for _, topics := range []int{1, 2, 5, 7} {
		for _, limit := range []int{1, 5, 20} {
			q := mailserver.Query{Upper: 1<<32 - 1, Limit: limit, Bytes: 1 << 20}
			var bloom whisper.Bloom
			for i := range topics {
				q.Topics = append(q.Topics, topicOf(i))
				bloom.Add(topicOf(i))
			}
			bounded, after := q, q
			bounded.Lower, bounded.Upper = 1004, 1016
			after.Lower, after.After = cursor.Sent, &cursor
			for _, q := range []mailserver.Query{q, bounded, after} {
				byBloom := q
				byBloom.Topics, byBloom.Bloom = nil, bloom
				list = append(list, q, byBloom)
			}
		}
	}
	return list
}

// TestNarrow: whatever is guessed, the time has enough for a page and not too much, if there is such a time.
func TestNarrow(t *testing.T) {
	a := open(t, filepath.Join(t.TempDir(), "mail.db"))
	put(t, a, known...)
	topics := map[whisper.Topic]bool{topicOf(0): true, topicOf(3): true, topicOf(5): true}
	const first, last = 1000, 1025
	err := a.view(t.Context(), func(tx *gorm.DB) error {
		for guess := uint32(first); guess <= last; guess++ {
			for _, limit := range []int{1, 4, 10, 100} {
				l := newLookup(tx, place{sent: first, hash: []byte{}}, topics, limit+6)
				upper, err := l.narrow(last, guess, limit)
				if err != nil {
					return err
				}
				l.sorted = 1000 // counts all
				n, err := l.count(upper)
				if err != nil {
					return err
				}
				before := 0
				if upper > first {
					if before, err = l.count(upper - 1); err != nil {
						return err
					}
				}
				enough := n > limit || upper == last
				if oneSecond := before <= limit; !enough || n > limit+6 && !oneSecond {
					t.Errorf("guess %d, limit %d: until %d there are %d, a second before that %d", guess, limit, upper, n, before)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
