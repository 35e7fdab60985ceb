package groups

import (
	"slices"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload/group"
	"sotto/services/ingest"
	"sotto/services/pairwise"
)

// tellOn tells those of what an update changed whom its sender may not have known: members, where another device of ours
// declared something, and else our other devices. It says whether there are any.
func (k *Keeper) tellOn(tx *models.Tx, b *book, c change, l ingest.Letter) (some bool, err error) {
	switch {
	case b.own && l.Membership.Text == nil:
		return k.tellMembers(tx, b, c, l.Membership.Events)
	case !b.own && len(c.effects) > 0 && !b.chat.Request:
		return k.tellOurs(tx, b, c)
	}
	return false, nil
}

// tellOurs tells our other devices what changed, each of which may be newer than what the sender knew of us.
func (k *Keeper) tellOurs(tx *models.Tx, b *book, c change) (bool, error) {
	if alone, err := k.pair.Alone(tx); alone || err != nil {
		return false, err
	}
	short, _, err := b.update(group.Abridged(b.chat.Name, b.events, k.self, c.effects...), nil).Seal(k.key)
	if err != nil {
		return false, err
	}
	return true, k.pair.Mirror(tx, short)
}

// tellMembers tells what another device of ours declared to members of whom that one had not heard. log is its log.
func (k *Keeper) tellMembers(tx *models.Tx, b *book, c change, log [][]byte) (some bool, err error) {
	var ours, theirs []group.Event
	for _, e := range c.effects {
		if e.Author == k.self {
			ours = append(ours, e)
		}
	}
	if len(ours) == 0 {
		return false, nil
	}
	had := make(map[string]bool, len(log))
	for _, raw := range log {
		had[string(raw)] = true
	}
	for _, e := range b.events {
		if had[string(e.Raw)] {
			theirs = append(theirs, e)
		}
	}
	knew, _ := group.Replay(b.chat.Name, theirs)
	short, _, err := b.update(group.Abridged(b.chat.Name, b.events, k.self, ours...), nil).Seal(k.key)
	if err != nil {
		return false, err
	}
	for _, key := range slices.DeleteFunc(b.everybody(), func(key identity.PublicKey) bool { return key == k.self }) {
		if _, known := knew.People[key]; known || !b.state.People[key].Member && !c.before.People[key].Member {
			continue
		}
		if _, _, err := k.send(tx, key, short, pairwise.Ref{}); err != nil {
			return false, err
		}
		some = true
	}
	return some, nil
}
