package history

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"sotto/services/history/span"
)

const (
	// enough is how many servers are to answer for the same time.
	enough = 2
	// mostTopics bounds the topics of one question.
	mostTopics = 200
	// earlyWindow is how many seconds of the time before this account was here are asked for at a time.
	earlyWindow = 3 * 24 * 60 * 60
)

// job is one question with all pages of its answer: topics of which the same time is missing.
type job struct {
	server Node
	topics []Topic
	span   span.Span
	last   bool // up to the time to which anything is wanted: it may be asked for beyond
	early  bool // from before this account was here
}

// same says whether two jobs ask the same.
func (j job) same(as job) bool { return j.span == as.span && slices.Equal(j.topics, as.topics) }

// answers is what was answered for, by topic and server.
type answers map[Topic]map[Node]span.Set

func (a answers) add(t Topic, server Node, set span.Set) {
	if a[t] == nil {
		a[t] = make(map[Node]span.Set)
	}
	a[t][server] = a[t][server].Or(set)
}

// candidate is a server that can be asked.
type candidate struct {
	node    Node
	oldest  int64 // Unix seconds: what was sent before, it does not keep
	suspect bool  // its answers had holes: others are asked besides
}

// picture is what is looked at to decide whom to ask for what.
type picture struct {
	wanted   map[Topic]span.Set
	since    map[Topic]int64 // Unix seconds; what is wanted from before is early
	window   int64           // seconds of a question about it
	answered answers
	until    int64       // Unix seconds to which is wanted
	servers  []candidate // that can be asked, the best first
	suspects map[Node]bool
}

// plan is whom to ask for what, for each server the oldest first, and then what is early, the newest window first: nobody who
// recovers an account waits for what was said a month ago before they see what was said today. As many servers as are enough are to have answered for every
// wanted second of every topic, the best are asked first, and no server is asked for what it has answered for.
func (p picture) plan() map[Node][]job {
	type question struct {
		server Node
		span   span.Span
		early  bool
	}
	groups := make(map[question][]Topic)
	for topic, wanted := range p.wanted {
		var counted []span.Set
		for server, set := range p.answered[topic] {
			if !p.suspects[server] {
				counted = append(counted, set)
			}
		}
		for _, s := range p.servers {
			missing := wanted.Minus(span.AtLeast(enough, counted...)).Minus(p.answered[topic][s.node])
			missing = missing.And(span.Of(span.Span{Start: s.oldest, End: math.MaxInt64}))
			for one, early := range p.pieces(topic, missing) {
				q := question{s.node, one, early}
				groups[q] = append(groups[q], topic)
			}
			if !s.suspect {
				counted = append(counted, missing)
			}
		}
	}
	jobs := make(map[Node][]job)
	for q, topics := range groups {
		slices.SortFunc(topics, func(a, b Topic) int { return slices.Compare(a[:], b[:]) })
		for some := range slices.Chunk(topics, mostTopics) {
			j := job{server: q.server, topics: some, span: q.span, last: q.span.End == p.until, early: q.early}
			jobs[q.server] = append(jobs[q.server], j)
		}
	}
	for _, list := range jobs {
		slices.SortFunc(list, job.compare)
	}
	return jobs
}

// compare is the order in which a server is asked.
func (j job) compare(other job) int {
	switch {
	case j.early && other.early:
		return cmp.Or(cmp.Compare(other.span.Start, j.span.Start), cmp.Compare(other.span.End, j.span.End),
			slices.Compare(j.topics[0][:], other.topics[0][:]))
	case j.early:
		return 1
	case other.early:
		return -1
	}
	return cmp.Or(cmp.Compare(j.span.Start, other.span.Start), cmp.Compare(j.span.End, other.span.End),
		slices.Compare(j.topics[0][:], other.topics[0][:]))
}

// pieces are the spans of one question each, and whether they are early. Windows lie at the same times for all servers and
// topics of one beginning, so that one question is about many topics.
func (p picture) pieces(topic Topic, missing span.Set) iter.Seq2[span.Span, bool] {
	return func(yield func(span.Span, bool) bool) {
		since := p.since[topic]
		for _, one := range missing.Minus(span.Of(span.Span{Start: math.MinInt64, End: since})) {
			if !yield(one, false) {
				return
			}
		}
		for _, one := range missing.And(span.Of(span.Span{Start: math.MinInt64, End: since})) {
			for end := one.End; end > one.Start; {
				start := max(one.Start, since-(since-end+p.window)/p.window*p.window)
				if !yield(span.Span{Start: start, End: end}, true) {
					return
				}
				end = start
			}
		}
	}
}
