package groups

import (
	"bytes"
	"slices"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/event"
)

// change is what events that were added to a log made of it.
type change struct {
	before  group.State
	effects []group.Event // that count now and did not before, in the order of their clocks
	void    []group.Event // that counted before and do not now
	events  []event.Event // that tell of it
	later   bool          // logs are to be compared because of it
}

// commit adds verified events to a group's log and writes what it amounts to then: who is in it, its name, where its chat
// stands, and a line in the chat for each event that counts now. A group that was not known is made. The error is
// ReasonNotInvited where the log of such a group does not name us, or we are out of it and no other device of ours lists it.
func (k *Keeper) commit(tx *models.Tx, b *book, fresh []group.Event) (change, error) {
	c := change{before: b.state}
	idle, before := b.idle, b.events
	b.events = group.Keep(b.chat.Name, append(slices.Clone(before), fresh...))
	b.replay()
	c.effects, c.void = differ(before, idle, b.events, b.idle)
	isNew := b.chat.ID == 0
	if me, named := b.state.People[k.self]; isNew && !me.Member && (!named || !b.own) {
		return change{}, ReasonNotInvited
	}
	was := b.chat
	if err := k.place(tx, b, c); err != nil {
		return change{}, err
	}
	if isNew || was != b.chat {
		if err := tx.PutChat(&b.chat); err != nil {
			return change{}, err
		}
	}
	if err := b.writeEvents(tx, before); err != nil {
		return change{}, err
	}
	changed, err := k.writePeople(tx, b)
	if err != nil {
		return change{}, err
	}
	if c.later, err = k.returned(tx, b, c); err != nil {
		return change{}, err
	}
	if err := k.answered(tx, b, c.effects); err != nil {
		return change{}, err
	}
	if changed || was != b.chat {
		c.events = append(c.events, event.Event{Kind: event.Group, Chat: b.chat.Name}, event.Event{Kind: event.Chat, Chat: b.chat.Name})
	}
	gone, err := unsaid(tx, b.chat, c.void)
	if err != nil {
		return change{}, err
	}
	lines, err := k.lines(tx, b, c, isNew)
	c.events = append(append(c.events, gone...), lines...)
	return c, err
}

// differ is the events that count now and did not before, and those that counted before and do not now, each in the order of
// their clocks.
func differ(before []group.Event, wereIdle map[mark]bool, now []group.Event, idle map[mark]bool) (effects, void []group.Event) {
	without := func(list []group.Event, idle map[mark]bool, counted map[mark]bool) (rest []group.Event) {
		for _, e := range list {
			if m := markOf(e); !idle[m] && !counted[m] {
				rest = append(rest, e)
			}
		}
		inOrder(rest)
		return rest
	}
	counting := func(list []group.Event, idle map[mark]bool) map[mark]bool {
		marks := make(map[mark]bool, len(list))
		for _, e := range list {
			marks[markOf(e)] = !idle[markOf(e)]
		}
		return marks
	}
	return without(now, idle, counting(before, wereIdle)), without(before, wereIdle, counting(now, idle))
}

// writeEvents makes the stored log, which had the events before, what it is now.
func (b *book) writeEvents(tx *models.Tx, before []group.Event) error {
	known := make(map[mark]bool, len(before))
	for _, e := range before {
		known[markOf(e)] = true
	}
	for _, e := range b.events {
		if m := markOf(e); known[m] {
			delete(known, m)
			continue
		}
		if _, err := tx.AddGroupEvent(b.chat.ID, models.GroupEvent{Signature: e.Signature[:], Author: e.Author[:], Raw: e.Raw}); err != nil {
			return err
		}
	}
	for m := range known { // not worth keeping any more
		if err := tx.RemoveGroupEvent(b.chat.ID, m.signature[:], m.author[:]); err != nil {
			return err
		}
	}
	return nil
}

// writePeople makes the rows what the log amounts to, and says whether that changed anything. Rows stay for ever, since
// messages refer to them. Our own row tells the digest of our own log.
func (k *Keeper) writePeople(tx *models.Tx, b *book) (changed bool, err error) {
	own := b.digest()
	for _, key := range b.everybody() {
		row, known := b.people[key]
		is := b.state.People[key]
		if known && personOf(row) == is && (key != k.self || bytes.Equal(row.Told, own)) {
			continue
		}
		row.Chat, row.Key = b.chat.ID, key
		row.Member, row.Joined, row.Admin = is.Member, is.Joined, is.Admin
		row.Added, row.JoinedAt, row.GoneAt, row.AddedBy = is.Added, is.JoinedAt, is.Left, nil
		if !is.AddedBy.IsZero() {
			row.AddedBy = is.AddedBy[:]
		}
		if key == k.self {
			row.Told = own
		}
		if err := tx.PutGroupPerson(&row); err != nil {
			return false, err
		}
		b.people[key], changed = row, true
	}
	return changed, nil
}

// returned lets our log go to whoever is in the group again because what took them out counts for nothing any more: of what was
// said meanwhile nobody may have told them. It says whether there is anybody.
func (k *Keeper) returned(tx *models.Tx, b *book, c change) (some bool, err error) {
	for _, key := range b.everybody() {
		before := c.before.People[key]
		added := func(e group.Event) bool { return e.Type == group.Added && slices.Contains(e.Members, key) }
		if key == k.self || before.Member || before.Added == 0 || !b.state.People[key].Member || slices.ContainsFunc(c.effects, added) {
			continue
		}
		row := b.people[key]
		row.Told, row.CheckAt = nil, k.now().Add(settle).UnixMilli()
		if err := tx.PutGroupPerson(&row); err != nil {
			return false, err
		}
		b.people[key], some = row, true
	}
	return some, nil
}

// everybody is who has a row or is about to get one, in an order that does not depend on chance.
func (b *book) everybody() (keys []identity.PublicKey) {
	for key := range b.state.People {
		keys = append(keys, key)
	}
	for key := range b.people {
		if _, there := b.state.People[key]; !there {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(x, y identity.PublicKey) int { return bytes.Compare(x[:], y[:]) })
	return keys
}

// place says where the chat stands that follows from our own part in a group: on the list once we joined, among the
// invitations before. Who invites us decides whether that is on the list, too: strangers put nothing there, but what another
// device of ours has on its list is on ours, also where a stranger told of it first. A group from which we were removed stays on
// the list, and one that we left goes.
func (k *Keeper) place(tx *models.Tx, b *book, c change) error {
	me, chat := b.state.People[k.self], &b.chat
	chat.Kind, chat.Title = models.GroupChat, group.Title(b.state.Name)
	was := chat.Active || chat.Request
	switch {
	case me.Joined:
		chat.Invited, chat.Request = false, false
		chat.Active = chat.Active || !c.before.People[k.self].Joined
	case me.Member:
		chat.Invited = true
		if !was || b.own {
			welcome, err := k.welcome(tx, chat.Name, me.AddedBy)
			if err != nil {
				return err
			}
			chat.Active = welcome || b.own
			chat.Request = !chat.Active
		}
	default:
		chat.Invited, chat.Request = false, false
		if me.JoinedAt == 0 || b.left(k.self) {
			chat.Active = false
		} else if b.own {
			chat.Active = true
		}
	}
	if !was && (chat.Active || chat.Request) {
		chat.JoinedAt = k.now().UnixMilli()
	}
	return nil
}

// left says whether somebody said that they leave since they joined last, also where that counts for nothing because they had
// been removed before.
func (b *book) left(who identity.PublicKey) bool {
	return slices.ContainsFunc(b.events, func(e group.Event) bool {
		return e.Type == group.Removed && e.Author == who && slices.Contains(e.Members, who) && e.Clock > b.state.People[who].JoinedAt
	})
}

// welcome says whether an invitation by somebody goes on the list at once: they are a contact, or we asked to be let in.
func (k *Keeper) welcome(tx *models.Tx, chat string, by identity.PublicKey) (bool, error) {
	asked, found, err := tx.GroupRequest(chat, k.self)
	if err != nil || found && (asked.State == models.GroupRequestWaits || asked.State == models.GroupRequestApproved) {
		return err == nil, err
	}
	return known(tx, by)
}

// known says whether somebody may put something on our list and learn that we are there: a contact, or somebody with whom we
// began to talk.
func known(tx *models.Tx, who identity.PublicKey) (bool, error) {
	contact, _, err := tx.Contact(who)
	if err != nil || contact.State == models.ContactBlocked {
		return false, err
	}
	private, _, err := tx.ChatNamed(models.PrivateChat, who.String())
	return contact.State == models.ContactAdded || private.Active, err
}

// answered takes note that somebody who asked to be let in was.
func (k *Keeper) answered(tx *models.Tx, b *book, effects []group.Event) error {
	for _, e := range effects {
		if e.Type != group.Added {
			continue
		}
		for _, who := range e.Members {
			r, found, err := tx.GroupRequest(b.chat.Name, who)
			if err != nil {
				return err
			}
			switch {
			case !found || r.State == models.GroupRequestApproved:
				continue
			case r.State == models.GroupRequestLog:
				err = tx.RemoveGroupRequest(r.Group, who)
			default:
				r.State = models.GroupRequestApproved
				err = tx.PutGroupRequest(r)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// clockFor is the clock of our next event: after every event and text of the group that is here, so that what somebody wrote
// whom we remove stays. Clocks that run further ahead than others accept are not followed.
func (k *Keeper) clockFor(tx *models.Tx, b *book) (uint64, error) {
	now := k.now()
	ahead := uint64(max(now.Add(payload.MaxAhead/2).UnixMilli(), 0))
	last := b.lastClock()
	if b.chat.ID == 0 {
		return payload.NextClock(now, last), nil
	}
	said, err := tx.LastClock(b.chat.ID, ahead)
	return payload.NextClock(now, max(last, said)), err
}
