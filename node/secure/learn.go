package secure

import (
	"cmp"
	"slices"
	"time"

	"sotto/node/identity"
)

// maxInstallations bounds how many devices of one identity are remembered; those with the oldest bundles go. Devices of our own
// that take part stay: whoever else has our key can name as many others as they like.
const maxInstallations = 8

// Learned is what bundles told that was not known.
type Learned struct {
	New      []Installation // devices that appeared
	Raised   []string       // devices of whom a new prekey came in place of another
	Outdated []string       // devices of whom there was an older prekey than the one that is known
}

// Learn takes the installations of a bundle in that is said to be owner's. A bundle that brings nothing new is not verified;
// what it would change holds only after signature, version and timestamp were checked. The errors are those of DecodeBundle
// and Verify, ReasonBundleOwner and ReasonBundleTime.
func (d Device) Learn(s State, raw []byte, owner identity.PublicKey, now time.Time) (Learned, error) {
	b, err := DecodeBundle(raw)
	switch {
	case err != nil:
		return Learned{}, err
	case b.Identity != owner:
		return Learned{}, ReasonBundleOwner
	case b.Timestamp > now.Add(maxAhead).UnixNano() || b.Timestamp < 0:
		return Learned{}, ReasonBundleTime
	}
	known, err := s.Installations(owner)
	if err != nil {
		return Learned{}, err
	}
	news, outdated := d.news(b, known, now)
	if len(news) == 0 {
		return Learned{Outdated: outdated}, nil
	}
	if err := b.Verify(); err != nil {
		return Learned{}, err
	}
	l, err := d.take(s, known, news)
	l.Outdated = outdated
	return l, err
}

// news are the installations as they will be, of those about which a bundle tells more than is known, and the ids of those
// about which it tells less. A prekey goes by its version: old bundles can be sent again by anybody, and a bundle's
// timestamp is by the clock of whichever device of theirs signed it. The timestamp tells which devices are in use, those
// that newer bundles name, and so it rises for each that a bundle names: a device that was put away must not stand before
// one that renews its prekey rarely.
func (d Device) news(b *Bundle, known []Installation, now time.Time) (news []Installation, outdated []string) {
	for id, p := range b.Prekeys {
		own := b.Identity == d.self()
		if own && id == d.Installation {
			continue
		}
		at := slices.IndexFunc(known, func(i Installation) bool { return i.ID == id })
		if at < 0 {
			news = append(news, Installation{Identity: b.Identity, ID: id, Prekey: p.Key, Version: p.Version, Protocol: p.Protocol,
				Timestamp: b.Timestamp, Seen: now, Enabled: !own})
			continue
		}
		is := known[at]
		switch {
		case p.Version > is.Version:
			is.Prekey, is.Version, is.Protocol = p.Key, p.Version, max(is.Protocol, p.Protocol)
		case p.Version < is.Version:
			outdated = append(outdated, id)
		}
		is.Timestamp = max(is.Timestamp, b.Timestamp)
		if is != known[at] {
			news = append(news, is)
		}
	}
	slices.SortFunc(news, func(a, b Installation) int { return cmp.Compare(a.ID, b.ID) })
	return news, outdated
}

func (d Device) take(s State, known, news []Installation) (Learned, error) {
	var l Learned
	for _, i := range news {
		if err := s.PutInstallation(i); err != nil {
			return Learned{}, err
		}
		switch at := slices.IndexFunc(known, func(k Installation) bool { return k.ID == i.ID }); {
		case at < 0:
			l.New = append(l.New, i)
		case known[at].Version < i.Version:
			l.Raised = append(l.Raised, i.ID)
		}
	}
	all, err := s.Installations(news[0].Identity)
	if err != nil {
		return Learned{}, err
	}
	slices.SortStableFunc(all, func(a, b Installation) int { return cmp.Compare(rank(a), rank(b)) })
	for _, old := range all[min(len(all), maxInstallations):] {
		if err := s.ForgetInstallation(old.Identity, old.ID); err != nil {
			return Learned{}, err
		}
		l.New = slices.DeleteFunc(l.New, func(i Installation) bool { return i.ID == old.ID })
	}
	return l, nil
}

// rank is 0 for what stays and 1 for what goes first.
func rank(i Installation) int {
	if i.Enabled {
		return 0
	}
	return 1
}

// learnAll takes in the bundles of a message that are its sender's. Those of others do no harm and are left alone: what is
// not asked for is not remembered.
func (d Device) learnAll(s State, bundles [][]byte, from identity.PublicKey, now time.Time) (Learned, error) {
	var all Learned
	for _, raw := range bundles[:min(len(bundles), maxBundles)] {
		l, err := d.Learn(s, raw, from, now)
		if ReasonOf(err) != "" {
			continue
		}
		if err != nil {
			return Learned{}, err
		}
		all.New, all.Raised = append(all.New, l.New...), append(all.Raised, l.Raised...)
		all.Outdated = append(all.Outdated, l.Outdated...)
	}
	return all, nil
}
