package mailserver

import (
	"fmt"
	"slices"

	"sotto/node/whisper"
)

// Page is a complete answer.
type Page struct {
	Envelopes []*whisper.Envelope // oldest first, ties by hash
	Next      *Cursor             // Ask.After of the next page; nil: that was all
	Foreign   int                 // envelopes on other topics, which were dropped: some servers look at the bloom filter only
	Bytes     int                 // of the data of all that came
}

func lied(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrLied, fmt.Sprintf(format, args...))
}

// placed is an envelope with its place in an archive's order.
type placed struct {
	*whisper.Envelope
	at Cursor
}

// check makes a page of what came, in the order it came, and of what the completion says. What it can find out alone, it
// does: the range, the order, the end of the page, and that the next page goes on behind it. That something is missing
// from the middle only another server can tell.
func check(a Ask, came []*whisper.Envelope, done whisper.RequestComplete) (Page, error) {
	if len(came) > a.Limit {
		return Page{}, ErrFlood
	}
	all := make([]placed, len(came))
	var last Cursor
	for i, e := range came {
		last = Cursor{Sent: e.Sent(), Hash: e.Hash()}
		all[i] = placed{e, last}
		if e.Sent() < a.Lower || e.Sent() > a.Upper {
			return Page{}, lied("an envelope was sent outside the range")
		}
	}
	if done.Last != last.Hash {
		return Page{}, lied("the envelope that it calls the last did not come last")
	}
	next, err := nextPage(done, last)
	if err != nil {
		return Page{}, err
	}
	if err := inOrder(a, all, next); err != nil {
		return Page{}, err
	}
	return a.page(all, next), nil
}

// nextPage is where the next page begins: behind the last envelope of this one.
func nextPage(done whisper.RequestComplete, last Cursor) (*Cursor, error) {
	if len(done.Cursor) == 0 {
		return nil, nil
	}
	next, err := ParseCursor(done.Cursor)
	if err != nil || next != last {
		return nil, lied("the cursor is not that of the last envelope")
	}
	return &next, nil
}

// inOrder holds a page to the order of the archive, so that a walk over pages ends. A page that is the only one may come
// in any order, newest first as the specification has it: it is sorted.
func inOrder(a Ask, all []placed, next *Cursor) error {
	compare := func(x, y placed) int { return x.at.Compare(y.at) }
	if a.After == nil && next == nil {
		slices.SortFunc(all, compare)
	}
	for i, p := range all {
		if i > 0 && compare(all[i-1], p) >= 0 || i == 0 && a.After != nil && p.at.Compare(*a.After) <= 0 {
			return lied("an envelope came twice, or goes back behind the one before")
		}
	}
	return nil
}

func (a Ask) page(all []placed, next *Cursor) Page {
	page := Page{Next: next}
	wanted := make(map[whisper.Topic]bool, len(a.Topics))
	for _, t := range a.Topics {
		wanted[t] = true
	}
	for _, p := range all {
		page.Bytes += len(p.Data)
		if len(a.Topics) > 0 && !wanted[p.Topic] {
			page.Foreign++
			continue
		}
		page.Envelopes = append(page.Envelopes, p.Envelope)
	}
	return page
}
