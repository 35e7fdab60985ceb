package history

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sotto/models"
	"sotto/services/history/span"
)

// drawSet draws a set of seconds of a short history.
func drawSet(t *rapid.T, name string) span.Set {
	edge := rapid.Int64Range(0, 40)
	return span.Of(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) span.Span {
		return span.Span{Start: edge.Draw(t, "start"), End: edge.Draw(t, "end")}
	}), 0, 3).Draw(t, name)...)
}

func drawPicture(t *rapid.T) picture {
	p := picture{
		wanted: make(map[Topic]span.Set), since: make(map[Topic]int64), window: rapid.Int64Range(1, 20).Draw(t, "window"),
		answered: make(answers), until: 40, suspects: make(map[Node]bool),
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "servers") {
		c := candidate{node: Node{byte(i)}, oldest: rapid.Int64Range(0, 20).Draw(t, "oldest")}
		c.suspect = rapid.Bool().Draw(t, "suspect")
		p.suspects[c.node] = c.suspect
		p.servers = append(p.servers, c)
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "topics") {
		topic := Topic{byte(i)}
		p.wanted[topic] = drawSet(t, "wanted")
		p.since[topic] = rapid.Int64Range(0, 40).Draw(t, "since")
		for _, s := range p.servers {
			if rapid.Bool().Draw(t, "asked before") {
				p.answered.add(topic, s.node, drawSet(t, "answered"))
			}
		}
	}
	return p
}

// Whatever was answered before: when every server has done what the plan says, every wanted second was answered for by as many
// servers as are enough, or by all that may have it; and nobody was asked for what they had answered for.
func TestThePlanEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPicture(t)
		for rounds := 0; ; rounds++ {
			jobs := p.plan()
			if len(jobs) == 0 {
				break
			}
			if rounds > 1000 {
				t.Fatal("no end")
			}
			for server, list := range jobs {
				p.wantOrder(t, list)
				j := list[0]
				for _, topic := range j.topics {
					asked := span.Of(j.span)
					if again := asked.And(p.answered[topic][server]); len(again) > 0 {
						t.Fatalf("%v is asked for again", again)
					}
					if beside := asked.Minus(p.wanted[topic]); len(beside) > 0 {
						t.Fatalf("%v is not wanted", beside)
					}
					p.answered.add(topic, server, asked)
				}
			}
		}
		for topic, wanted := range p.wanted {
			for _, s := range wanted {
				for at := s.Start; at < s.End; at++ {
					p.judge(t, topic, at)
				}
			}
		}
	})
}

// wantOrder wants what is early after all else, the newest window first, and no question about both.
func (p picture) wantOrder(t *rapid.T, list []job) {
	for i, j := range list {
		for _, topic := range j.topics {
			if since := p.since[topic]; j.early && (j.span.End > since || j.span.Seconds() > p.window) || !j.early && j.span.Start < since {
				t.Fatalf("%+v, of a topic that is wanted since %d", j, since)
			}
		}
		if i == 0 {
			continue
		}
		before := list[i-1]
		if before.early && (!j.early || j.span.Start > before.span.Start) || !before.early && !j.early && j.span.Start < before.span.Start {
			t.Fatalf("%+v is asked before %+v", before, j)
		}
	}
}

// judge wants a second to be answered for by enough of those who keep it and are relied upon, or by everybody.
func (p picture) judge(t *rapid.T, topic Topic, at int64) {
	relied, lacking := 0, 0
	for _, s := range p.servers {
		has := p.answered[topic][s.node].Has(at)
		switch {
		case has && !s.suspect:
			relied++
		case !has && at >= s.oldest:
			lacking++
		}
	}
	if relied < enough && lacking > 0 {
		t.Fatalf("second %d of %v: %d answered, %d could be asked", at, topic, relied, lacking)
	}
}

func TestQuestionsHaveFewTopics(t *testing.T) {
	p := picture{wanted: make(map[Topic]span.Set), until: 10, servers: []candidate{{}}}
	for i := range mostTopics + 1 {
		p.wanted[Topic{byte(i), byte(i >> 8)}] = span.Of(span.Span{Start: 0, End: 10})
	}
	list := p.plan()[Node{}]
	if len(list) != 2 || len(list[0].topics) != mostTopics || !list[0].last {
		t.Errorf("%d questions", len(list))
	}
}

func TestPausesGrow(t *testing.T) {
	s := standing{pace: pace{limit: mostLimit}}
	now := time.Unix(1000, 0)
	var pauses []time.Duration
	for range 12 {
		s.failed(now, Silent)
		pauses = append(pauses, s.ready.Sub(now))
	}
	if pauses[0] != firstPause || pauses[1] != 2*firstPause || pauses[11] != longestRest || s.pace.limit != leastLimit {
		t.Errorf("pauses %v, limit %d", pauses, s.pace.limit)
	}
	s = standing{}
	for range 5 {
		s.failed(now, Gone)
	}
	if s.fails != 0 || s.ready.Sub(now) != firstPause {
		t.Errorf("a line that broke: %+v", s)
	}
}

func TestSuspicionEnds(t *testing.T) {
	at := time.UnixMilli(1000)
	s := standing{stored: models.Mailserver{Missed: 1, Failed: 1000}}
	if !s.suspect(at) || !s.suspect(at.Add(suspected-1)) || s.suspect(at.Add(suspected)) {
		t.Error("not as long as it should last")
	}
}

// What no longer fits is not remembered, and proves nothing against anybody.
func TestWitnessIsBounded(t *testing.T) {
	w := newWitness()
	all := letters(lobbyTopic, time.Unix(0, 0), time.Unix(1000, 0), mostSeen+100)
	w.saw(Node{1}, all)
	whole := span.Span{Start: 0, End: 2000}
	w.answer(Node{1}, []Topic{lobbyTopic}, whole)
	w.answer(Node{2}, []Topic{lobbyTopic}, whole)
	w.saw(Node{2}, all[:mostSeen-1])
	if len(w.seen) != mostSeen {
		t.Errorf("%d are remembered", len(w.seen))
	}
	if missing := w.missing(); len(missing) != 1 || len(missing[Node{2}]) != 1 || missing[Node{2}][0] != all[mostSeen-1].Hash {
		t.Errorf("%d servers, the second lacks %d", len(missing), len(missing[Node{2}]))
	}
	if len(w.missing()) != 0 {
		t.Error("it is held against them twice")
	}
}

func TestProgressIsEstimatedFromTheTimeThatIsDone(t *testing.T) {
	now := time.Unix(1000, 0)
	m := &meter{events: silence{}, now: func() time.Time { return now }}
	m.begin(lobby)
	a, b := Node{1}, Node{2}
	jobs := map[Node][]job{a: {{span: span.Span{Start: 0, End: 100}}}, b: {{span: span.Span{Start: 0, End: 100}}}}
	m.plan(jobs)
	if p := m.read(); !p.Running || p.Total != 0 || p.Chat != lobby {
		t.Errorf("at the beginning %+v", p)
	}
	m.add(a, "a", 500, 25)
	m.add(b, "b", 0, 10)
	if p := m.read(); p.Done != 500 || p.Total != 2000 || p.Server != "b" {
		t.Errorf("after a quarter %+v", p)
	}
	m.add(a, "a", 1000, 75)
	if p := m.end(); p.Done != 1500 || p.Total != 1500 || p.Running {
		t.Errorf("at the end %+v", p)
	}
}
