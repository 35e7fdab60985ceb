package mailserver

import (
	"fmt"
	"slices"

	"sotto/node/whisper"
)

// Order is the direction in which a server gives its envelopes, over all pages of an answer: those whose archive is PostgreSQL
// go down, others up (Status spec 4/WHISPER-MAILSERVER recommends down).
type Order int8

// The orders of answers.
const (
	OrderUnknown Order = iota // one envelope or none does not tell
	OrderUp                   // the oldest first
	OrderDown                 // the newest first
)

// Page is a complete answer, or a part of it.
type Page struct {
	Envelopes []*whisper.Envelope // oldest first, ties by hash, whatever the order of the server
	Next      *Cursor             // Ask.After of the next page; nil: that was all
	Order     Order               // of the server: Ask.Order of the next page
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
	order, err := inOrder(a, all, next)
	if err != nil {
		return Page{}, err
	}
	page := a.page(all, next)
	page.Order = order
	return page, nil
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

// inOrder holds a page to one order, that of the pages before it, so that a walk over pages ends, and says which one it is. It
// leaves the oldest first. A page that is the only one may come in any order.
func inOrder(a Ask, all []placed, next *Cursor) (Order, error) {
	if a.After == nil && next == nil {
		slices.SortFunc(all, func(x, y placed) int { return x.at.Compare(y.at) })
	}
	order, before := OrderUnknown, a.After
	if before != nil {
		order = a.Order
	}
	for _, p := range all {
		if before != nil {
			way := direction(*before, p.at)
			if way == OrderUnknown || order != OrderUnknown && way != order {
				return order, lied("an envelope came twice, or goes back behind the one before")
			}
			order = way
		}
		before = &p.at
	}
	if order == OrderDown {
		slices.Reverse(all)
	}
	return order, nil
}

// direction leads from one place to another; it is unknown where they are the same.
func direction(from, to Cursor) Order {
	switch c := from.Compare(to); {
	case c < 0:
		return OrderUp
	case c > 0:
		return OrderDown
	}
	return OrderUnknown
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
