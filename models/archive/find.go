package archive

import (
	"context"

	"gorm.io/gorm"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

// mostLimit is the largest page. A query that allows more gets this many, and hears that there are more: who reads on in
// pieces of so many bytes must not pay for each piece with the rest of the archive.
const mostLimit = 2048

// bounds are how much one statement may do. Tests make them small.
type bounds struct {
	topics int // that are looked up one by one
	sorted int // index entries that are put in order
	walked int // index entries that are read at once in the order of time
	pieces int // of so many entries, until it is asked which topics there are
	listed int // topics that are looked at to know which are wanted
	step   int // envelopes that one step of Prune removes: a Put may have to wait for one
}

var usual = bounds{topics: 1024, sorted: 4096, walked: 4096, pieces: 4, listed: 50_000, step: 250}

// Find implements mailserver.Archive: it chooses the page in the indexes, and then reads what is in it. An envelope that
// would make the page larger than q.Bytes begins the next one.
func (a *Archive) Find(ctx context.Context, q mailserver.Query) (found []mailserver.Stored, more bool, err error) {
	if q.Limit < 1 || begin(q).sent > q.Upper {
		return nil, false, nil
	}
	q.Limit = min(q.Limit, mostLimit)
	err = a.view(ctx, func(tx *gorm.DB) error {
		keys, err := a.choose(tx, q)
		if err != nil {
			return err
		}
		n := fit(keys, q)
		more = n < len(keys)
		found, err = load(tx, begin(q), keys[:n])
		return err
	})
	if err != nil {
		return nil, false, err
	}
	return found, more, nil
}

// choose returns the first keys that a query asks for, one more than its limit where there are so many.
func (a *Archive) choose(tx *gorm.DB, q mailserver.Query) ([]key, error) {
	topics := distinct(q.Topics)
	switch {
	case len(topics) == 0:
		return a.search(tx, q, q.Bloom.Contains)
	case len(topics) > a.bounds.topics:
		return a.search(tx, q, func(t whisper.Topic) bool { return topics[t] })
	}
	return a.lookUp(tx, q, topics)
}

func distinct(topics []whisper.Topic) map[whisper.Topic]bool {
	set := make(map[whisper.Topic]bool, len(topics))
	for _, t := range topics {
		set[t] = true
	}
	return set
}

// fit says how many of keys are in a page.
func fit(keys []key, q mailserver.Query) (n int) {
	sum := 0
	for n < min(len(keys), q.Limit) {
		if sum += keys[n].size; n > 0 && sum > q.Bytes {
			break
		}
		n++
	}
	return n
}

// load reads the envelopes of keys, which follow each other in the order of a query that began at a place: so they are
// everything on their topics from there to the last of them, and are read as that.
func load(tx *gorm.DB, from place, keys []key) ([]mailserver.Stored, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	raws, err := loadRange(tx, from, keys)
	if err != nil {
		return nil, err
	}
	found := make([]mailserver.Stored, len(keys))
	for i, k := range keys {
		found[i] = mailserver.Stored{Sent: k.sent, Hash: k.hash, Topic: k.topic, Raw: raws[k.hash]}
	}
	return found, nil
}

// loadRange reads what is on the topics of keys from a place to the last of keys.
func loadRange(tx *gorm.DB, from place, keys []key) (map[whisper.Hash][]byte, error) {
	const query = "SELECT hash, raw FROM envelopes WHERE topic IN ? AND (sent, hash) > (?, ?) AND (sent, hash) <= (?, ?)"
	topics := map[whisper.Topic]bool{}
	for _, k := range keys {
		topics[k.topic] = true
	}
	last := keys[len(keys)-1]
	rows, err := tx.Raw(query, listed(topics), int64(from.sent), from.hash, int64(last.sent), last.hash[:]).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	raws := make(map[whisper.Hash][]byte, len(keys))
	for rows.Next() {
		var name, raw []byte
		if err := rows.Scan(&name, &raw); err != nil {
			return nil, err
		}
		hash, err := hashFrom(name)
		if err != nil {
			return nil, err
		}
		raws[hash] = raw
	}
	return raws, rows.Err()
}
