package models

import "strings"

// State is how far a message got. The order is the order of progress; Failed stands outside it.
type State int

// The states, as stored.
const (
	Queued State = iota + 1
	Sent
	Accepted
	Stored
	Delivered
	Failed
)

// Step is one fact on a message's way. Steps are only added, never changed.
type Step struct {
	ID          int64 // grows, is never used twice
	Message     int64 // row of the message
	State       State
	At          int64  // Unix ms
	Who         string // who made it true: a peer or a device; may be empty
	Reason      string // with Failed
	Unconfirmed bool   // with Sent: handed to a peer that confirms nothing
	Until       int64  // with Stored: Unix ms until which it is kept
	Person      int64  // with Delivered, of a message to a group: whose device it is, by the row in group_people
}

// Progress is what a message's steps amount to.
type Progress struct {
	State       State
	Peers       int    // how many peers took it
	Unconfirmed bool   // all of them confirm nothing
	Reason      string // with Failed
	Delivered   int    // how many devices have it
}

// AddStep stores a step and sets its ID. It says false and changes nothing where the same party has brought the message
// this far before; Queued and Failed may come again.
func (tx *Tx) AddStep(s *Step) (bool, error) {
	if s.State != Queued && s.State != Failed {
		_, found, err := one(tx, column[int], "SELECT 1 FROM ledger WHERE message = ? AND state = ? AND who = ? AND unconfirmed <= ? AND person = ?",
			s.Message, s.State, s.Who, s.Unconfirmed, s.Person)
		if found || err != nil {
			return false, err
		}
	}
	result, err := tx.do("INSERT INTO ledger (message, state, at, who, reason, unconfirmed, until, person) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		s.Message, s.State, s.At, s.Who, s.Reason, s.Unconfirmed, s.Until, s.Person)
	if err != nil {
		return false, err
	}
	s.ID, err = result.LastInsertId()
	return true, err
}

// Steps lists a message's steps in the order in which they were stored.
func (tx *Tx) Steps(message int64) ([]Step, error) {
	return tx.stepsOf([]int64{message})
}

// Progress sums up the steps of messages, by row. Messages without steps are not in the result.
func (tx *Tx) Progress(messages ...int64) (map[int64]Progress, error) {
	list, err := tx.stepsOf(messages)
	if err != nil {
		return nil, err
	}
	sums := make(map[int64]Progress, len(messages))
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Message == list[0].Message {
			n++
		}
		sums[list[0].Message] = sumUp(list[:n])
		list = list[n:]
	}
	return sums, nil
}

func stepColumns(s *Step) []any {
	return []any{&s.ID, &s.Message, &s.State, &s.At, &s.Who, &s.Reason, &s.Unconfirmed, &s.Until, &s.Person}
}

// stepsOf lists the steps of messages, each message's together and in their order.
func (tx *Tx) stepsOf(messages []int64) ([]Step, error) {
	var rows []any
	for _, row := range messages {
		rows = append(rows, row)
	}
	in := strings.TrimSuffix(strings.Repeat("?, ", len(rows)), ", ")
	return all(tx, stepColumns,
		"SELECT id, message, state, at, who, reason, unconfirmed, until, person FROM ledger WHERE message IN ("+in+") ORDER BY message, id", rows...)
}

// sumUp takes the furthest state that anybody reached. Before the first Sent the last of Queued and Failed counts.
func sumUp(steps []Step) Progress {
	var p Progress
	confirmed := make(map[string]bool) // who took it, and whether that is confirmed
	delivered := make(map[string]bool) // which devices have it
	for _, s := range steps {
		switch {
		case s.State == Failed || s.State == Queued:
			if p.State == 0 || p.State == Queued || p.State == Failed {
				p.State, p.Reason = s.State, s.Reason
			}
			continue
		case p.State == Failed || s.State > p.State:
			p.State, p.Reason = s.State, ""
		}
		switch s.State {
		case Sent, Accepted, Stored:
			confirmed[s.Who] = confirmed[s.Who] || !s.Unconfirmed
		case Delivered:
			delivered[s.Who] = true
		}
	}
	p.Peers, p.Delivered = len(confirmed), len(delivered)
	p.Unconfirmed = len(confirmed) > 0
	for _, yes := range confirmed {
		p.Unconfirmed = p.Unconfirmed && !yes
	}
	return p
}
