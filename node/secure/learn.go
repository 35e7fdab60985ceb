package secure

import (
	"cmp"
	"slices"
	"time"

	"sotto/node/identity"
)

// maxInstallations bounds how many devices of one identity are remembered; those with the oldest bundles go.
const maxInstallations = 8

// Learned is what bundles told that was not known.
type Learned struct {
	New    []Installation // devices that appeared
	Raised []string       // devices of whom a new prekey came in place of another
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
	news := d.news(b, known, now)
	if len(news) == 0 {
		return Learned{}, nil
	}
	if err := b.Verify(); err != nil {
		return Learned{}, err
	}
	return d.take(s, known, news)
}

// news are the installations as they will be, of those about which a bundle tells more than is known. A lower version or an
// older timestamp tells nothing: old bundles can be sent again by anybody.
func (d Device) news(b *Bundle, known []Installation, now time.Time) []Installation {
	var news []Installation
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
		was := known[at]
		if b.Timestamp < was.Timestamp || p.Version <= was.Version {
			continue
		}
		was.Prekey, was.Version, was.Timestamp, was.Protocol = p.Key, p.Version, b.Timestamp, max(was.Protocol, p.Protocol)
		news = append(news, was)
	}
	slices.SortFunc(news, func(a, b Installation) int { return cmp.Compare(a.ID, b.ID) })
	return news
}

func (d Device) take(s State, known, news []Installation) (Learned, error) {
	var l Learned
	for _, i := range news {
		if err := s.PutInstallation(i); err != nil {
			return Learned{}, err
		}
		if slices.ContainsFunc(known, func(k Installation) bool { return k.ID == i.ID }) {
			l.Raised = append(l.Raised, i.ID)
		} else {
			l.New = append(l.New, i)
		}
	}
	for _, old := range oldest(known, len(known)+len(l.New)-maxInstallations) {
		if err := s.ForgetInstallation(old.Identity, old.ID); err != nil {
			return Learned{}, err
		}
	}
	return l, nil
}

// oldest are the last n of a list that has the newest first.
func oldest(list []Installation, n int) []Installation {
	return list[len(list)-min(max(n, 0), len(list)):]
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
	}
	return all, nil
}
