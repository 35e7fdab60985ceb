// Package datasynctest has a datasync.State in memory, for tests of the layers above the store.
package datasynctest

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"sotto/node/datasync"
	"sotto/node/identity"
)

// State is a datasync.State in memory. It is for one goroutine.
type State struct {
	sendings map[datasync.ID]datasync.Sending
	records  map[at]datasync.Record
	received map[arrival]time.Time
}

var _ datasync.State = (*State)(nil)

type at struct {
	id           datasync.ID
	installation string
}

type arrival struct {
	from identity.PublicKey
	id   datasync.ID
}

// New returns an empty State.
func New() *State {
	return &State{map[datasync.ID]datasync.Sending{}, map[at]datasync.Record{}, map[arrival]time.Time{}}
}

// Clone is a copy: what a database would go back to.
func (s *State) Clone() *State {
	return &State{maps.Clone(s.sendings), maps.Clone(s.records), maps.Clone(s.received)}
}

// Counts is how many messages of ours are unacknowledged, how many records they have, and how many messages came.
func (s *State) Counts() (sendings, records, received int) {
	return len(s.sendings), len(s.records), len(s.received)
}

// PutSending stores a message of ours.
func (s *State) PutSending(id datasync.ID, sending datasync.Sending) error {
	s.sendings[id] = sending
	return nil
}

// Sending returns a message of ours.
func (s *State) Sending(id datasync.ID) (datasync.Sending, bool, error) {
	sending, found := s.sendings[id]
	return sending, found, nil
}

// SendingsTo lists the messages of ours to somebody.
func (s *State) SendingsTo(to identity.PublicKey) ([]datasync.ID, error) {
	var list []datasync.ID
	for id, sending := range s.sendings {
		if sending.To == to {
			list = append(list, id)
		}
	}
	slices.SortFunc(list, func(a, b datasync.ID) int {
		return cmp.Or(s.sendings[a].Created.Compare(s.sendings[b].Created), bytes.Compare(a[:], b[:]))
	})
	return list, nil
}

// DropSending forgets a message of ours and its records.
func (s *State) DropSending(id datasync.ID) error {
	delete(s.sendings, id)
	maps.DeleteFunc(s.records, func(key at, _ datasync.Record) bool { return key.id == id })
	return nil
}

// Records lists the records of a message, by installation.
func (s *State) Records(id datasync.ID) ([]datasync.Record, error) {
	var list []datasync.Record
	for key, r := range s.records {
		if key.id == id {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b datasync.Record) int { return cmp.Compare(a.Installation, b.Installation) })
	return list, nil
}

// PutRecord inserts or replaces a record.
func (s *State) PutRecord(r datasync.Record) error {
	s.records[at{r.ID, r.Installation}] = r
	return nil
}

// DropRecord forgets a record.
func (s *State) DropRecord(id datasync.ID, installation string) error {
	delete(s.records, at{id, installation})
	return nil
}

// Due lists messages that are due, the longest due first.
func (s *State) Due(now time.Time, limit int) ([]datasync.ID, error) {
	var due []datasync.Record
	for _, r := range s.records {
		if r.Wait(now) == 0 {
			due = append(due, r)
		}
	}
	slices.SortFunc(due, func(a, b datasync.Record) int {
		return cmp.Or(a.Next.Compare(b.Next), bytes.Compare(a.ID[:], b.ID[:]))
	})
	var list []datasync.ID
	for _, r := range due {
		if len(list) < limit && !slices.Contains(list, r.ID) {
			list = append(list, r.ID)
		}
	}
	return list, nil
}

// Slow lists slow records of a device of somebody, the earliest first.
func (s *State) Slow(who identity.PublicKey, installation string, limit int) ([]datasync.Record, error) {
	var list []datasync.Record
	for _, r := range s.records {
		if sending, found := s.sendings[r.ID]; found && sending.To == who && r.Installation == installation && r.Slow {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b datasync.Record) int {
		return cmp.Or(a.Next.Compare(b.Next), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return list[:min(len(list), limit)], nil
}

// MarkReceived remembers that a message came.
func (s *State) MarkReceived(from identity.PublicKey, id datasync.ID, when time.Time) (bool, error) {
	key := arrival{from, id}
	if _, known := s.received[key]; known {
		return false, nil
	}
	s.received[key] = when
	return true, nil
}

// Received says whether a message came.
func (s *State) Received(from identity.PublicKey, id datasync.ID) (bool, error) {
	_, known := s.received[arrival{from, id}]
	return known, nil
}
