package archive

import (
	"gorm.io/gorm"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

const inTime = "FROM envelopes WHERE (sent, hash) > (?, ?) AND sent <= ? ORDER BY sent, hash LIMIT ?"

// search finds the first keys of a query whose topics wants lets through. It reads a while in the order of time; where that
// does not make a page, few topics are wanted, and it asks which: there are far fewer topics than envelopes.
func (a *Archive) search(tx *gorm.DB, q mailserver.Query, wants func(whisper.Topic) bool) ([]key, error) {
	w := walk{tx: tx, from: begin(q), upper: q.Upper, most: q.Limit + 1, piece: a.bounds.walked, wants: wants}
	if done, err := w.read(a.bounds.pieces); done || err != nil {
		return w.found, err
	}
	topics, whole, err := a.wanted(tx, wants)
	if err != nil {
		return nil, err
	}
	if whole && len(topics) == 0 {
		return w.found, nil
	}
	if whole && len(topics) <= a.bounds.topics {
		return a.lookUp(tx, q, topics)
	}
	for done := false; !done && err == nil; {
		done, err = w.read(a.bounds.pieces)
	}
	return w.found, err
}

// walk reads the index by time.
type walk struct {
	tx          *gorm.DB
	from        place
	upper       uint32
	most, piece int
	wants       func(whisper.Topic) bool
	found       []key
}

// read reads some pieces and says whether all is found.
func (w *walk) read(pieces int) (done bool, err error) {
	for range pieces {
		piece, err := readKeys(w.tx, w.piece, "SELECT "+keyColumns+" "+inTime, int64(w.from.sent), w.from.hash, int64(w.upper), w.piece)
		if err != nil {
			return false, err
		}
		for _, k := range piece {
			if !w.wants(k.topic) {
				continue
			}
			if w.found = append(w.found, k); len(w.found) == w.most {
				return true, nil
			}
		}
		if len(piece) < w.piece {
			return true, nil
		}
		w.from = piece[len(piece)-1].after()
	}
	return false, nil
}

// wanted lists those topics in the archive that wants lets through, and says whether it saw all of them.
func (a *Archive) wanted(tx *gorm.DB, wants func(whisper.Topic) bool) (topics map[whisper.Topic]bool, whole bool, err error) {
	const query = `WITH RECURSIVE list (topic) AS (
			SELECT (SELECT e.topic FROM envelopes e ORDER BY e.topic LIMIT 1)
			UNION ALL
			SELECT (SELECT e.topic FROM envelopes e WHERE e.topic > list.topic ORDER BY e.topic LIMIT 1)
			FROM list WHERE list.topic IS NOT NULL)
		SELECT topic FROM list WHERE topic IS NOT NULL LIMIT ?`
	rows, err := tx.Raw(query, a.bounds.listed+1).Rows()
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	topics = map[whisper.Topic]bool{}
	seen := 0
	for rows.Next() {
		var topic []byte
		if err := rows.Scan(&topic); err != nil {
			return nil, false, err
		}
		if t, err := topicFrom(topic); err != nil {
			return nil, false, err
		} else if wants(t) {
			topics[t] = true
		}
		seen++
	}
	return topics, seen <= a.bounds.listed, rows.Err()
}
