package groups

import (
	"context"
	"slices"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload/group"
	"sotto/services/event"
)

// Create makes a group with a name and members, who are invited. The codes are bad_name, bad_key.
func (s *Service) Create(ctx context.Context, name string, members []string) (g Group, err error) {
	if name = group.Title(name); group.CheckName(name) != nil {
		return Group{}, errBadName
	}
	err = s.update(ctx, func(a *Account, tx *models.Tx) ([]event.Event, error) {
		people, err := parse(members, a.Keeper.self)
		if err != nil {
			return nil, err
		}
		id, err := group.NewID(a.Rand, a.Keeper.self)
		if err != nil {
			return nil, err
		}
		b, err := a.Keeper.load(tx, models.Chat{Name: id})
		if err != nil {
			return nil, err
		}
		invited, err := adds(tx, b, people)
		if err != nil {
			return nil, err
		}
		events, err := a.Keeper.declare(tx, b, append([]group.Event{{Type: group.Created, Name: name}}, invited...))
		if err != nil {
			return nil, err
		}
		g, err = a.Keeper.show(tx, b.chat)
		return events, err
	})
	return g, err
}

// Accept joins a group to which we are invited.
func (s *Service) Accept(ctx context.Context, chat string) (Group, error) {
	return s.byUs(ctx, chat, func(me group.Person) ([]group.Event, error) {
		switch {
		case me.Joined:
			return nil, errNotInvited
		case !me.Member:
			return nil, errNoInvite
		}
		return []group.Event{{Type: group.Joined}}, nil
	})
}

// Decline turns an invitation down; the others hear of it.
func (s *Service) Decline(ctx context.Context, chat string) (Group, error) {
	return s.byUs(ctx, chat, func(me group.Person) ([]group.Event, error) {
		switch {
		case me.Joined:
			return nil, errNotInvited
		case !me.Member:
			return nil, errNoInvite
		}
		return []group.Event{{Type: group.Removed}}, nil
	})
}

// Leave takes us out of a group and it off the list; what was said stays on this computer.
func (s *Service) Leave(ctx context.Context, chat string) (g Group, err error) {
	out := false
	g, err = s.byUs(ctx, chat, func(me group.Person) ([]group.Event, error) {
		if out = !me.Member; out {
			return nil, nil
		}
		return []group.Event{{Type: group.Removed}}, nil
	})
	if err != nil || !out {
		return g, err
	}
	err = s.update(ctx, func(a *Account, tx *models.Tx) ([]event.Event, error) {
		row, err := listed(tx, chat)
		if err != nil {
			return nil, err
		}
		row.Active, row.Request = false, false
		return []event.Event{{Kind: event.Group, Chat: chat}, {Kind: event.Chat, Chat: chat}}, tx.PutChat(&row)
	})
	return g, err
}

// byUs says something about ourselves. An event that removes somebody, or of an admin who gives that up, names us.
func (s *Service) byUs(ctx context.Context, chat string, what func(me group.Person) ([]group.Event, error)) (Group, error) {
	return s.act(ctx, chat, func(a *Account, _ *models.Tx, b *book) ([]group.Event, error) {
		self := a.Keeper.self
		said, err := what(b.state.People[self])
		for i, e := range said {
			if e.Type == group.Removed || e.Type == group.AdminRemoved {
				said[i].Members = []identity.PublicKey{self}
			}
		}
		return said, err
	}, nil)
}

// draftAbout is a draft about people.
type draftAbout func(a *Account, tx *models.Tx, b *book, people []identity.PublicKey) ([]group.Event, error)

// asAdmin says something as an admin about people.
func (s *Service) asAdmin(ctx context.Context, chat string, members []string, how draftAbout,
	then func(*Account, *models.Tx, *book) error,
) (Group, error) {
	return s.act(ctx, chat, func(a *Account, tx *models.Tx, b *book) ([]group.Event, error) {
		if err := a.Keeper.asAdmin(b); err != nil {
			return nil, err
		}
		people, err := parse(members, identity.PublicKey{})
		if err != nil {
			return nil, err
		}
		return how(a, tx, b, people)
	}, then)
}

// Add invites people. history is how many of the last messages are handed over to them, 0 to 100.
func (s *Service) Add(ctx context.Context, chat string, members []string, history int) (Group, error) {
	var fresh []identity.PublicKey
	return s.asAdmin(ctx, chat, members, func(_ *Account, tx *models.Tx, b *book, people []identity.PublicKey) ([]group.Event, error) {
		said, err := adds(tx, b, people)
		fresh = nil
		for _, e := range said {
			fresh = append(fresh, e.Members...)
		}
		return said, err
	}, func(a *Account, tx *models.Tx, b *book) error {
		if history <= 0 || len(fresh) == 0 {
			return nil
		}
		return a.Keeper.handOver(tx, b, fresh, history)
	})
}

// Remove takes people out who are no admins.
func (s *Service) Remove(ctx context.Context, chat string, members []string) (Group, error) {
	return s.asAdmin(ctx, chat, members, func(a *Account, _ *models.Tx, b *book, people []identity.PublicKey) (said []group.Event, err error) {
		for _, who := range people {
			switch p := b.state.People[who]; {
			case who == a.Keeper.self:
				return nil, errRemoveSelf
			case !p.Member:
				return nil, errNoMember
			case p.Admin:
				return nil, errRemoveAdmin
			}
			said = append(said, group.Event{Type: group.Removed, Members: []identity.PublicKey{who}})
		}
		return said, nil
	}, nil)
}

// Promote makes admins of members.
func (s *Service) Promote(ctx context.Context, chat string, members []string) (Group, error) {
	return s.asAdmin(ctx, chat, members, func(_ *Account, _ *models.Tx, b *book, people []identity.PublicKey) (said []group.Event, err error) {
		for _, who := range people {
			switch p := b.state.People[who]; {
			case !p.Member:
				return nil, errNoMember
			case !p.Admin:
				said = append(said, group.Event{Type: group.AdminsAdded, Members: []identity.PublicKey{who}})
			}
		}
		return said, nil
	}, nil)
}

// Resign gives up being an admin. The code is not_allowed where nobody else is one.
func (s *Service) Resign(ctx context.Context, chat string) (Group, error) {
	return s.asAdmin(ctx, chat, nil, func(a *Account, _ *models.Tx, b *book, _ []identity.PublicKey) ([]group.Event, error) {
		if slices.Equal(b.state.Admins(), []identity.PublicKey{a.Keeper.self}) {
			return nil, errLastAdmin
		}
		return []group.Event{{Type: group.AdminRemoved, Members: []identity.PublicKey{a.Keeper.self}}}, nil
	}, nil)
}

// Rename gives a group another name. The code is bad_name.
func (s *Service) Rename(ctx context.Context, chat, name string) (Group, error) {
	if name = group.Title(name); group.CheckName(name) != nil {
		return Group{}, errBadName
	}
	return s.asAdmin(ctx, chat, nil, func(_ *Account, _ *models.Tx, b *book, _ []identity.PublicKey) ([]group.Event, error) {
		if b.state.Name == name {
			return nil, nil
		}
		return []group.Event{{Type: group.Renamed, Name: name}}, nil
	}, nil)
}
