package history

import (
	"cmp"
	"math"
	"slices"

	"sotto/services/history/span"
)

const (
	// enough is how many servers are to answer for the same time.
	enough = 2
	// mostTopics bounds the topics of one question.
	mostTopics = 200
)

// job is one question with all pages of its answer: topics of which the same time is missing.
type job struct {
	server Node
	topics []Topic
	span   span.Span
	last   bool // up to the time to which anything is wanted: it may be asked for beyond
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
	answered answers
	until    int64       // Unix seconds to which is wanted
	servers  []candidate // that can be asked, the best first
	suspects map[Node]bool
}

// plan is whom to ask for what, for each server the oldest first. As many servers as are enough are to have answered for every
// wanted second of every topic, the best are asked first, and no server is asked for what it has answered for.
func (p picture) plan() map[Node][]job {
	type question struct {
		server Node
		span   span.Span
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
			for _, one := range missing {
				groups[question{s.node, one}] = append(groups[question{s.node, one}], topic)
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
			jobs[q.server] = append(jobs[q.server], job{server: q.server, topics: some, span: q.span, last: q.span.End == p.until})
		}
	}
	for _, list := range jobs {
		slices.SortFunc(list, func(a, b job) int {
			return cmp.Or(cmp.Compare(a.span.Start, b.span.Start), cmp.Compare(a.span.End, b.span.End),
				slices.Compare(a.topics[0][:], b.topics[0][:]))
		})
	}
	return jobs
}
