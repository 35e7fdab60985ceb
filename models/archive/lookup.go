package archive

import (
	"gorm.io/gorm"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

// lookup is a query by topics, each of which is a range of the index by topic.
type lookup struct {
	tx     *gorm.DB
	from   place
	topics [][]byte
	sorted int // the most entries to put in order
}

// lookUp finds the first keys of a query on some topics. The range of one topic is in order already. Those of several are put
// in order by the engine, which costs as much as there is in all of them: so the time is first narrowed to one that has
// enough for a page, and not much more. How long that is, is guessed from what comes next in the archive.
func (a *Archive) lookUp(tx *gorm.DB, q mailserver.Query, topics map[whisper.Topic]bool) ([]key, error) {
	l := newLookup(tx, begin(q), topics, max(a.bounds.sorted, 2*q.Limit))
	if len(topics) == 1 {
		return l.inOrder(q.Upper, q.Limit+1)
	}
	near, err := a.ahead(tx, l.from, q.Upper)
	if err != nil || near.envelopes < a.bounds.walked {
		return l.putInOrder(q.Upper, q.Limit+1, err)
	}
	n, err := l.count(near.last)
	if err != nil || n > q.Limit && n <= l.sorted {
		return l.putInOrder(near.last, q.Limit+1, err)
	}
	upper, err := l.narrow(q.Upper, near.guess(n, 2*q.Limit, q.Upper), q.Limit)
	return l.putInOrder(upper, q.Limit+1, err)
}

// stretch is what comes next in the archive, on whatever topics.
type stretch struct {
	envelopes   int
	first, last uint32 // Unix seconds
}

func (a *Archive) ahead(tx *gorm.DB, from place, upper uint32) (s stretch, err error) {
	const query = "SELECT count(*), coalesce(min(sent), 0), coalesce(max(sent), 0) FROM (SELECT sent " + inTime + ") AS part"
	row := tx.Raw(query, int64(from.sent), from.hash, int64(upper), a.bounds.walked).Row()
	return s, row.Scan(&s.envelopes, &s.first, &s.last)
}

// guess is until when there should be as many envelopes as are wanted, where there are n in the stretch.
func (s stretch) guess(n, wanted int, upper uint32) uint32 {
	if n == 0 {
		return upper
	}
	return uint32(min(float64(s.first)+float64(s.last-s.first+1)*float64(wanted)/float64(n), float64(upper)))
}

// newLookup fills the list of topics up to a power of two, by naming one again: statements of few lengths are prepared once
// each.
func newLookup(tx *gorm.DB, from place, topics map[whisper.Topic]bool, sorted int) *lookup {
	return &lookup{tx: tx, from: from, topics: listed(topics), sorted: sorted}
}

func listed(topics map[whisper.Topic]bool) [][]byte {
	n := 1
	for n < len(topics) {
		n *= 2
	}
	list := make([][]byte, 0, n)
	for t := range topics {
		list = append(list, t[:])
	}
	for len(list) < n {
		list = append(list, list[0])
	}
	return list
}

// narrow returns a time until which there are more than limit keys but no more than may be sorted: upper where there are
// not too many at all, or a single second where that alone has more. It looks at guess first.
func (l *lookup) narrow(upper, guess uint32, limit int) (uint32, error) {
	few, many := int64(l.from.sent)-1, int64(upper)+1 // until few there is no page, until many there is too much
	for next := int64(guess); many-few > 1; {
		n, err := l.count(uint32(next))
		switch {
		case err != nil:
			return 0, err
		case n > l.sorted:
			many = next
		case n > limit || next == int64(upper):
			return uint32(next), nil
		default:
			few = next
		}
		next = few + (many-few)/2
		if few == int64(guess) && many > int64(upper) {
			next = int64(upper)
		}
	}
	return uint32(many), nil
}

const ofTopics = "FROM envelopes WHERE topic IN ? AND (sent, hash) > (?, ?) AND sent <= ?"

func (l *lookup) args(upper uint32, most int) []any {
	return []any{l.topics, int64(l.from.sent), l.from.hash, int64(upper), most}
}

// count counts the keys until a time, but no further than one more than may be sorted.
func (l *lookup) count(upper uint32) (n int, err error) {
	const query = "SELECT count(*) FROM (SELECT 1 " + ofTopics + " LIMIT ?) AS part"
	return n, l.tx.Raw(query, l.args(upper, l.sorted+1)...).Row().Scan(&n)
}

// inOrder reads the first keys until a time as the index has them.
func (l *lookup) inOrder(upper uint32, most int) ([]key, error) {
	return readKeys(l.tx, most, "SELECT "+keyColumns+" "+ofTopics+" ORDER BY sent, hash LIMIT ?", l.args(upper, most)...)
}

// putInOrder reads the first keys until a time by sorting all of them. The sum keeps the engines from reading all topics in
// the order of time instead. An error that came before is returned.
func (l *lookup) putInOrder(upper uint32, most int, before error) ([]key, error) {
	if before != nil {
		return nil, before
	}
	return readKeys(l.tx, most, "SELECT "+keyColumns+" "+ofTopics+" ORDER BY sent + 0, hash LIMIT ?", l.args(upper, most)...)
}
