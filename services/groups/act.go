package groups

import (
	"context"
	"slices"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload/group"
	"sotto/services/event"
)

// declare makes events of ours: signed, stored, shown, and sent to those whom they concern. Each has a clock after the one
// before. That one of them counts for nothing is a mistake of the caller's, or of a clock.
func (k *Keeper) declare(tx *models.Tx, b *book, drafts []group.Event) ([]event.Event, error) {
	clock, err := k.clockFor(tx, b)
	if err != nil {
		return nil, err
	}
	signed := make([]group.Event, len(drafts))
	for i, draft := range drafts {
		draft.Clock = clock + uint64(i)
		if signed[i], err = group.Sign(k.key, b.chat.Name, draft); err != nil {
			return nil, err
		}
	}
	if signed[len(signed)-1].CheckClock(k.now()) != nil {
		return nil, errClock
	}
	c, err := k.commit(tx, b, signed)
	if err != nil {
		return nil, err
	}
	for _, e := range signed {
		if !b.counts(e) {
			return nil, errNotAdmin
		}
	}
	return c.events, k.announce(tx, b, c.before, signed)
}

// draft is what somebody wants to say, by the book as it is. Nothing said is no change.
type draft func(a *Account, tx *models.Tx, b *book) ([]group.Event, error)

// act declares in a group of the list what draft says, runs then in the same transaction, and returns the group afterwards.
func (s *Service) act(ctx context.Context, chat string, how draft, then func(*Account, *models.Tx, *book) error) (g Group, err error) {
	err = s.update(ctx, func(a *Account, tx *models.Tx) (events []event.Event, err error) {
		row, err := listed(tx, chat)
		if err != nil {
			return nil, err
		}
		b, err := a.Keeper.load(tx, row)
		if err != nil {
			return nil, err
		}
		said, err := how(a, tx, b)
		if err == nil && len(said) > 0 {
			events, err = a.Keeper.declare(tx, b, said)
		}
		if err == nil && then != nil {
			err = then(a, tx, b)
		}
		if err != nil {
			return nil, err
		}
		g, err = a.Keeper.show(tx, b.chat)
		return events, err
	})
	return g, err
}

// parse reads keys in any form, each once. Our own is left out: we are in the group.
func parse(texts []string, self identity.PublicKey) (keys []identity.PublicKey, err error) {
	if len(texts) > group.MaxTargets {
		return nil, errTooMany
	}
	for _, text := range texts {
		key, err := identity.ParsePublicKey(text)
		if err != nil {
			return nil, errBadKey
		}
		if key != self && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// adds is an event for each of those people who is no member.
func adds(tx *models.Tx, b *book, people []identity.PublicKey) (list []group.Event, err error) {
	for _, who := range people {
		if b.state.People[who].Member {
			continue
		}
		blocked, err := tx.Blocked(who)
		if err != nil {
			return nil, err
		}
		if blocked {
			return nil, errBlocked
		}
		list = append(list, group.Event{Type: group.Added, Members: []identity.PublicKey{who}})
	}
	return list, nil
}

// asAdmin says why only an admin can do something, if we are none.
func (k *Keeper) asAdmin(b *book) error {
	switch me := b.state.People[k.self]; {
	case me.Member && !me.Joined:
		return errAccept
	case !me.Member:
		return errOut
	case !me.Admin:
		return errNotAdmin
	}
	return nil
}
