package groups

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
)

// show is a group as services show it.
func (k *Keeper) show(tx *models.Tx, row models.Chat) (Group, error) {
	me, _, err := tx.GroupPerson(row.ID, k.self)
	if err != nil {
		return Group{}, err
	}
	g := Group{ID: row.Name, Name: row.Title, Role: roleOf(me), Joined: me.Joined}
	if by, err := identity.DecodePublicKey(me.AddedBy); err == nil {
		g.InvitedBy = by.String()
		contact, _, err := tx.Contact(by)
		if err != nil {
			return Group{}, err
		}
		g.Stranger = contact.State != models.ContactAdded
	}
	if g.Members, g.Waiting, err = tx.CountGroup(row.ID); err != nil {
		return Group{}, err
	}
	if g.Created, err = tx.GroupCreated(row.ID); err != nil {
		return Group{}, err
	}
	return g, nil
}

func roleOf(p models.GroupPerson) Role {
	switch {
	case p.Admin:
		return Admin
	case p.Member:
		return Plain
	}
	return Former
}

// Get is one group.
func (s *Service) Get(ctx context.Context, chat string) (g Group, err error) {
	err = s.view(ctx, func(a *Account, tx *models.Tx) error {
		row, err := listed(tx, chat)
		if err != nil {
			return err
		}
		g, err = a.Keeper.show(tx, row)
		return err
	})
	return g, err
}

// Members lists who is in a group: admins first, then by name; who was invited and has not joined is among them.
func (s *Service) Members(ctx context.Context, chat string) (list []Member, err error) {
	err = s.view(ctx, func(a *Account, tx *models.Tx) error {
		row, err := listed(tx, chat)
		if err != nil {
			return err
		}
		list, err = a.Keeper.members(tx, row.ID)
		return err
	})
	return list, err
}

func (k *Keeper) members(tx *models.Tx, chat int64) ([]Member, error) {
	people, err := tx.GroupPeople(chat)
	if err != nil {
		return nil, err
	}
	list := []Member{}
	for _, p := range people {
		if !p.Member {
			continue
		}
		m, err := k.memberOf(tx, p)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(x, y Member) int {
		return cmp.Or(cmp.Compare(x.Role, y.Role), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Key, y.Key))
	})
	return list, nil
}

func (k *Keeper) memberOf(tx *models.Tx, p models.GroupPerson) (Member, error) {
	contact, _, err := tx.Contact(p.Key)
	if err != nil {
		return Member{}, err
	}
	m := Member{Key: p.Key.String(), Pseudonym: p.Key.Pseudonym(), Role: roleOf(p), Joined: p.Joined, You: p.Key == k.self,
		Contact: contact.State == models.ContactAdded, Blocked: contact.State == models.ContactBlocked, At: timeOf(p.Added)}
	m.Name = cmp.Or(contact.Nickname, contact.Name, m.Pseudonym)
	if p.Joined {
		m.At = timeOf(p.JoinedAt)
	}
	if by, err := identity.DecodePublicKey(p.AddedBy); err == nil {
		m.AddedBy = by.String()
	}
	return m, nil
}

// called is what somebody is called here.
func called(tx *models.Tx, who identity.PublicKey) (string, error) {
	contact, _, err := tx.Contact(who)
	return cmp.Or(contact.Nickname, contact.Name, who.Pseudonym()), err
}

// Delivery tells for a message of ours who has it and who does not, in the order of Members. The code is no_such_message.
func (s *Service) Delivery(ctx context.Context, message string) (list []Delivery, err error) {
	id, err := payload.ParseID(message)
	if err != nil {
		return nil, errNoMessage
	}
	err = s.view(ctx, func(a *Account, tx *models.Tx) error {
		row, found, err := tx.Message(id[:])
		if err != nil {
			return err
		}
		if !found || !row.Outgoing {
			return errNoMessage
		}
		list, err = a.Keeper.delivery(tx, row)
		return err
	})
	return list, err
}

func (k *Keeper) delivery(tx *models.Tx, row models.Message) ([]Delivery, error) {
	recipients, err := tx.GroupRecipients(row.Row)
	if err != nil {
		return nil, err
	}
	members, err := k.members(tx, row.Chat)
	if err != nil {
		return nil, err
	}
	place := make(map[string]int, len(members))
	for i, m := range members {
		place[m.Key] = i + 1
	}
	list := []Delivery{}
	for _, r := range recipients {
		d := Delivery{Key: r.Key.String(), Waiting: r.Waiting, Failed: r.Failed}
		if d.Name, err = called(tx, r.Key); err != nil {
			return nil, err
		}
		if r.Delivered != 0 {
			d.Delivered = time.UnixMilli(r.Delivered)
		}
		list = append(list, d)
	}
	slices.SortStableFunc(list, func(x, y Delivery) int { // who left since comes last
		return cmp.Compare(cmp.Or(place[x.Key], len(members)+1), cmp.Or(place[y.Key], len(members)+1))
	})
	return list, nil
}

// Invitations lists the groups to which we are invited and have not answered, the newest first: those by contacts, which
// are on the list of chats, too, and those by strangers, which are not.
func (s *Service) Invitations(ctx context.Context) (list []Group, err error) {
	list = []Group{}
	err = s.view(ctx, func(a *Account, tx *models.Tx) error {
		rows, err := tx.OpenInvitations()
		if err != nil {
			return err
		}
		for _, row := range rows {
			g, err := a.Keeper.show(tx, row)
			if err != nil {
				return err
			}
			list = append(list, g)
		}
		return nil
	})
	return list, err
}
