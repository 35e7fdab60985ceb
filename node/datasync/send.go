package datasync

import (
	"io"
	"slices"
	"time"

	"sotto/node/identity"
)

// Unacknowledged is a message that some devices have not acknowledged.
type Unacknowledged struct {
	ID ID
	Sending
	Installations []string // which; none where no device was known
}

// Begin remembers a message that goes out for the first time, encrypted for those installations (none: for any device), and
// when to send it again.
func Begin(s State, to identity.PublicKey, m Message, ref int64, installations []string, now time.Time, random io.Reader) error {
	sending := Sending{Message: m, To: to, Ref: ref, Created: now.Truncate(time.Millisecond)}
	id := m.ID()
	if err := s.PutSending(id, sending); err != nil {
		return err
	}
	return address(s, id, installations, maxWait, now, random)
}

// Again counts one more sending of a message. installations are those that it was really encrypted for: devices that are
// not among them are given up, new ones have to acknowledge it, too. A message that is acknowledged by now is left alone.
func Again(s State, id ID, installations []string, now time.Time, random io.Reader) error {
	sending, found, err := s.Sending(id)
	if !found || err != nil {
		return err
	}
	most := maxWait
	if sending.Reached {
		most = maxSlow
	}
	return address(s, id, installations, most, now, random)
}

// address makes the records of a message those of the devices that it was just sent to, which wait for so long at most.
func address(s State, id ID, installations []string, most time.Duration, now time.Time, random io.Reader) error {
	if len(installations) == 0 {
		installations = []string{Anyone}
	}
	extra, err := jitter(random)
	if err != nil {
		return err
	}
	records, err := s.Records(id)
	if err != nil {
		return err
	}
	sends := map[string]int{}
	for _, r := range records {
		sends[r.Installation] = r.Sends
		if slices.Contains(installations, r.Installation) {
			continue
		}
		if err := s.DropRecord(id, r.Installation); err != nil {
			return err
		}
	}
	for _, installation := range installations {
		n := sends[installation] + 1
		d := wait(n, most)
		r := Record{ID: id, Installation: installation, Sends: n, Next: now.Add(d + extra).Truncate(time.Millisecond), Slow: d > maxWait}
		if err := s.PutRecord(r); err != nil {
			return err
		}
	}
	return nil
}

// Postpone puts off a message that is due but could not be sent, without counting it as sent.
func Postpone(s State, id ID, now time.Time) error {
	return putOff(s, id, now, pause)
}

// Rest is Postpone for as long as ever: nobody waits for the message to be sent.
func Rest(s State, id ID, now time.Time) error { return putOff(s, id, now, maxWait) }

func putOff(s State, id ID, now time.Time, by time.Duration) error {
	next := now.Add(by).Truncate(time.Millisecond)
	return reschedule(s, id, next, func(r Record) bool { return r.Next.Before(next) || r.Wait(now) == 0 })
}

// Appeared lets a device of somebody that was not there before take part in what others of their devices have not
// acknowledged: it is due there at once. One of these devices may be what this one was before it was set up again. What was
// sent to any device is left alone: it goes to all when it is sent again. It says whether there is anything.
func Appeared(s State, who identity.PublicKey, installation string, now time.Time) (bool, error) {
	ids, err := s.SendingsTo(who)
	if err != nil {
		return false, err
	}
	some := false
	for _, id := range ids {
		records, err := s.Records(id)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(records, func(r Record) bool { return r.Installation == Anyone || r.Installation == installation }) {
			continue
		}
		some = true
		if err := s.PutRecord(Record{ID: id, Installation: installation, Next: now.Truncate(time.Millisecond)}); err != nil {
			return false, err
		}
	}
	return some, nil
}

// Heard lets a device of somebody that was heard from have what waits for it slowly: at once, but for what was sent to it
// only just now. Should it stay silent about that, the waits grow again from some minutes on. It says whether there is
// anything; what is beyond the limit is for the next time.
func Heard(s State, who identity.PublicKey, installation string, now time.Time) (bool, error) {
	records, err := s.Slow(who, installation, mostHeard)
	if err != nil {
		return false, err
	}
	for _, r := range records {
		r.Next = r.Next.Add(firstWait - wait(r.Sends, maxSlow)) // as if it were the first wait
		if r.Next.Before(now) {
			r.Next = now.Truncate(time.Millisecond)
		}
		r.Sends, r.Slow = min(r.Sends, sendsHeard), false
		if err := s.PutRecord(r); err != nil {
			return false, err
		}
	}
	return len(records) > 0, nil
}

// Hasten makes a message due at once, because a device asked for it.
func Hasten(s State, id ID, now time.Time) error {
	next := now.Truncate(time.Millisecond)
	return reschedule(s, id, next, func(r Record) bool { return r.Next.After(next) })
}

// reschedule sets the time of those records of a message for which change holds.
func reschedule(s State, id ID, next time.Time, change func(Record) bool) error {
	records, err := s.Records(id)
	if err != nil {
		return err
	}
	for _, r := range records {
		if !change(r) {
			continue
		}
		r.Next, r.Slow = next, false
		if err := s.PutRecord(r); err != nil {
			return err
		}
	}
	return nil
}

// Retransmit lists up to limit messages that are due, the longest due first: those to send again, to all devices that have
// not acknowledged them, and those that were given up and are forgotten, because they are older than MaxAge. The caller
// follows each of the first with Again, or with Postpone.
func Retransmit(s State, now time.Time, limit int) (again, givenUp []Unacknowledged, err error) {
	due, err := s.Due(now, limit)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range due {
		u, found, err := unacknowledged(s, id)
		if err != nil {
			return nil, nil, err
		}
		if found && now.Sub(u.Created) <= MaxAge {
			again = append(again, u)
			continue
		}
		if found {
			givenUp = append(givenUp, u)
		}
		if err := s.DropSending(id); err != nil { // also where there are only records left: they would be due for ever
			return nil, nil, err
		}
	}
	return again, givenUp, nil
}

// unacknowledged reads a message of ours and the devices that have not acknowledged it, and says whether there is such a
// message.
func unacknowledged(s State, id ID) (Unacknowledged, bool, error) {
	sending, found, err := s.Sending(id)
	if !found || err != nil {
		return Unacknowledged{}, false, err
	}
	records, err := s.Records(id)
	if err != nil {
		return Unacknowledged{}, false, err
	}
	u := Unacknowledged{ID: id, Sending: sending}
	for _, r := range records {
		if r.Installation != Anyone {
			u.Installations = append(u.Installations, r.Installation)
		}
	}
	return u, true, nil
}
