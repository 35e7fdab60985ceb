package groups

import (
	"context"
	"errors"
	"slices"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/services/event"
	"sotto/services/link"
)

// Link is the group's link: whoever has it can ask us to be let in. The code is not_allowed where we are no admin.
func (s *Service) Link(ctx context.Context, chat string) (text string, err error) {
	err = s.view(ctx, func(a *Account, tx *models.Tx) error {
		row, err := listed(tx, chat)
		if err != nil {
			return err
		}
		me, _, err := tx.GroupPerson(row.ID, a.Keeper.self)
		if err == nil && !me.Admin {
			err = errNotAdmin
		}
		text = link.Group(a.Keeper.self, row.Name, row.Title)
		return err
	})
	if err != nil {
		return "", err
	}
	return text, nil
}

// Ask asks the admin whom a group's link names to be let in. The code is bad_link; not_allowed where we are in it already.
func (s *Service) Ask(ctx context.Context, text, introduction string) (r Request, err error) {
	to, err := link.Parse(text)
	if err != nil || to.Kind != link.KindGroup {
		return Request{}, errBadLink
	}
	if err := checkIntroduction(introduction); err != nil {
		return Request{}, err
	}
	err = s.update(ctx, func(a *Account, tx *models.Tx) ([]event.Event, error) {
		if err := a.Keeper.mayAsk(tx, to); err != nil {
			return nil, err
		}
		asked, err := a.Keeper.ask(tx, to, introduction)
		if err != nil {
			return nil, err
		}
		r, err = a.Keeper.showRequest(tx, asked)
		return []event.Event{{Kind: event.Group, Chat: to.Group}}, err
	})
	return r, err
}

func checkIntroduction(text string) error {
	err := payload.CheckText(text)
	switch {
	case errors.Is(err, payload.ReasonTooLong) || len(text) > requestBytes:
		return errTooLong
	case errors.Is(err, payload.ReasonBadText):
		return errNotText
	}
	return nil
}

// mayAsk says why we do not ask to be let into a group, if so.
func (k *Keeper) mayAsk(tx *models.Tx, to link.Link) error {
	if to.Key == k.self {
		return errOwnLink
	}
	if blocked, err := tx.Blocked(to.Key); err != nil || blocked {
		return errors.Join(err, errBlocked)
	}
	chat, found, err := tx.ChatNamed(models.GroupChat, to.Group)
	if err != nil || !found {
		return err
	}
	me, _, err := tx.GroupPerson(chat.ID, k.self)
	switch {
	case err != nil:
		return err
	case me.Joined:
		return errNotInvited
	case me.Member && (chat.Active || chat.Request):
		return errAccept
	}
	return nil
}

// ask stores our request and sends it.
func (k *Keeper) ask(tx *models.Tx, to link.Link, text string) (models.GroupRequest, error) {
	before, _, err := tx.GroupRequest(to.Group, k.self)
	if err != nil {
		return models.GroupRequest{}, err
	}
	now := k.now()
	r := models.GroupRequest{Group: to.Group, Key: k.self[:], Admin: to.Key[:], Name: to.Name, Clock: payload.NextClock(now, before.Clock),
		Text: text, State: models.GroupRequestWaits, At: now.UnixMilli()}
	if err := tx.PutGroupRequest(r); err != nil {
		return r, err
	}
	return r, k.write(tx, to.Key, payload.Invitation{Clock: r.Clock, ChatID: r.Group, Text: text, State: payload.InvitationRequest})
}

// Requests lists who asks to be let into groups of which we are an admin, and what we asked and got no answer to, or were turned
// down.
func (s *Service) Requests(ctx context.Context) (list []Request, err error) {
	list = []Request{}
	err = s.view(ctx, func(a *Account, tx *models.Tx) error {
		rows, err := tx.GroupRequests(models.GroupRequestWaits)
		if err != nil {
			return err
		}
		rejected, err := tx.GroupRequests(models.GroupRequestRejected)
		if err != nil {
			return err
		}
		self := a.Keeper.self
		rejected = slices.DeleteFunc(rejected, func(r models.GroupRequest) bool { return identity.PublicKey(r.Key) != self })
		for _, row := range append(rows, rejected...) {
			r, err := a.Keeper.showRequest(tx, row)
			if err != nil {
				return err
			}
			list = append(list, r)
		}
		return nil
	})
	return list, err
}

// requestStates translates what is stored.
var requestStates = map[models.GroupRequestState]RequestState{
	models.GroupRequestWaits: Asked, models.GroupRequestRejected: Rejected, models.GroupRequestApproved: LetIn,
}

func (k *Keeper) showRequest(tx *models.Tx, row models.GroupRequest) (Request, error) {
	who, err := identity.DecodePublicKey(row.Key)
	if err != nil {
		return Request{}, err
	}
	r := Request{Group: row.Group, GroupName: row.Name, Key: who.String(), Text: row.Text, At: timeOf(uint64(row.At)),
		State: requestStates[row.State], Mine: who == k.self}
	if !r.Mine {
		chat, _, err := tx.ChatNamed(models.GroupChat, row.Group)
		if err != nil {
			return Request{}, err
		}
		r.GroupName = chat.Title
	}
	r.Name, err = called(tx, who)
	return r, err
}

// Answer lets somebody in who asked, or turns them down, or takes a request of ours back (key is our own), which goes from the
// list, also where it was turned down.
func (s *Service) Answer(ctx context.Context, id, key string, let bool) error {
	who, err := identity.ParsePublicKey(key)
	if err != nil {
		return errBadKey
	}
	return s.update(ctx, func(a *Account, tx *models.Tx) ([]event.Event, error) {
		r, found, err := tx.GroupRequest(id, who)
		if err != nil {
			return nil, err
		}
		if rejected := who == a.Keeper.self && r.State == models.GroupRequestRejected; !found || r.State != models.GroupRequestWaits && !rejected {
			return nil, errNoRequest
		}
		told := []event.Event{{Kind: event.Group, Chat: id}}
		if who == a.Keeper.self {
			return told, tx.RemoveGroupRequest(id, who)
		}
		more, err := a.Keeper.answer(tx, r, who, let)
		return append(told, more...), err
	})
}

// answer tells somebody who asked: by adding them, or that they are turned down.
func (k *Keeper) answer(tx *models.Tx, r models.GroupRequest, who identity.PublicKey, let bool) ([]event.Event, error) {
	row, err := listed(tx, r.Group)
	if err != nil {
		return nil, err
	}
	b, err := k.load(tx, row)
	if err != nil {
		return nil, err
	}
	if err := k.asAdmin(b); err != nil {
		return nil, err
	}
	if !let {
		r.State = models.GroupRequestRejected
		if err := tx.PutGroupRequest(r); err != nil {
			return nil, err
		}
		return nil, k.write(tx, who, payload.Invitation{Clock: payload.NextClock(k.now(), r.Clock), ChatID: r.Group, State: payload.InvitationRejected})
	}
	said, err := adds(tx, b, []identity.PublicKey{who})
	if err != nil {
		return nil, err
	}
	if len(said) == 0 {
		r.State = models.GroupRequestApproved
		return nil, tx.PutGroupRequest(r)
	}
	return k.declare(tx, b, said)
}
