package groups

import (
	"errors"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/event"
	"sotto/services/ingest"
	"sotto/services/pairwise"
)

// Bounds of what people who have a group's link can make us keep, for each group.
const (
	mostRequests = 64
	requestBytes = 4096 // of the text with which somebody introduces themselves
)

// lostFor is for how long an account that was recovered may come upon a group of which it has nothing.
const lostFor = 30 * 24 * time.Hour

// invitation takes in that somebody asks to be let into a group of ours, or what an admin answers whom we asked
// (GroupChatInvitation of Status spec 6/PAYLOADS).
func (k *Keeper) invitation(tx *models.Tx, l ingest.Letter) (ingest.Effects, error) {
	if l.Invitation.State == payload.InvitationRequest {
		return k.asked(tx, l)
	}
	r, found, err := tx.GroupRequest(l.Invitation.ChatID, k.self)
	if err != nil {
		return ingest.Effects{}, err
	}
	if !found || r.State != models.GroupRequestWaits || identity.PublicKey(r.Admin) != l.From {
		return ingest.Effects{}, ReasonNoRequest
	}
	r.State = models.GroupRequestRejected
	if l.Invitation.State == payload.InvitationApproved {
		r.State = models.GroupRequestApproved
	}
	return ingest.Effects{Events: []event.Event{{Kind: event.Group, Chat: r.Group}}}, tx.PutGroupRequest(r)
}

// asked keeps a request, for an admin to answer. Who is a member already lost their log, and gets it at once.
func (k *Keeper) asked(tx *models.Tx, l ingest.Letter) (ingest.Effects, error) {
	chat, me, who, err := k.bothIn(tx, l.Invitation.ChatID, l.From)
	switch {
	case err != nil:
		return ingest.Effects{}, err
	case !chat.Active || !me.Joined:
		return ingest.Effects{}, ReasonNotAdmin
	case who.Member:
		return ingest.Effects{Send: true}, k.answerMember(tx, chat, who)
	case !me.Admin:
		return ingest.Effects{}, ReasonNotAdmin
	}
	return k.keepRequest(tx, l)
}

func (k *Keeper) keepRequest(tx *models.Tx, l ingest.Letter) (ingest.Effects, error) {
	in := l.Invitation
	before, found, err := tx.GroupRequest(in.ChatID, l.From)
	if err != nil {
		return ingest.Effects{}, err
	}
	if found && in.Clock <= before.Clock {
		return ingest.Effects{}, ingest.Duplicate
	}
	waiting, err := tx.GroupRequestsFor(in.ChatID, k.self)
	if err != nil {
		return ingest.Effects{}, err
	}
	if waits := found && before.State == models.GroupRequestWaits; !waits && len(waiting) >= mostRequests || len(in.Text) > requestBytes {
		return ingest.Effects{}, ReasonRequestFull
	}
	r := models.GroupRequest{Group: in.ChatID, Key: l.From[:], Admin: k.self[:], Clock: in.Clock, Text: in.Text,
		State: models.GroupRequestWaits, At: k.now().UnixMilli()}
	return ingest.Effects{Events: []event.Event{{Kind: event.Group, Chat: in.ChatID}}}, tx.PutGroupRequest(r)
}

// answerMember sends the whole log to a member who asks for it, at most every ten minutes.
func (k *Keeper) answerMember(tx *models.Tx, chat models.Chat, who models.GroupPerson) error {
	if since := k.now().Sub(time.UnixMilli(who.LoggedAt)); since >= 0 && since < logEvery {
		return nil
	}
	b, err := k.load(tx, chat)
	if err != nil {
		return err
	}
	whole, err := k.whole(b)
	if err != nil {
		return err
	}
	return k.sendLog(tx, who, whole)
}

// askForLog asks the author of a text of a group that is not known here for the group's log, and says whether it did. Only an
// account that was somewhere else before does, in its first month here: it may be in groups of which it has nothing. Of others
// strangers do not learn that they are there. It asks for a group at most every ten minutes, and for 64 groups at a time.
func (k *Keeper) askForLog(tx *models.Tx, l ingest.Letter, events []group.Event) (bool, error) {
	if recovered, err := tx.RecoveredSince(k.now().Add(-lostFor)); err != nil || !recovered {
		return false, err
	}
	chat := l.Membership.ChatID
	if state, _ := group.Replay(chat, events); !state.People[l.From].Joined {
		return false, nil
	}
	asked, err := tx.GroupRequests(models.GroupRequestLog)
	if err != nil {
		return false, err
	}
	now, waiting := k.now(), 0
	for _, r := range asked {
		switch since := now.Sub(time.UnixMilli(r.At)); {
		case since < 0 || since >= logEvery:
			err = errors.Join(err, tx.RemoveGroupRequest(r.Group, k.self))
		case r.Group == chat:
			return false, err
		default:
			waiting++
		}
	}
	_, own, failed := tx.GroupRequest(chat, k.self)
	if err = errors.Join(err, failed); err != nil || own || waiting >= mostRequests { // own: with a link
		return false, err
	}
	r := models.GroupRequest{Group: chat, Key: k.self[:], Admin: l.From[:], Clock: payload.NextClock(now, 0), State: models.GroupRequestLog,
		At: now.UnixMilli()}
	if err := tx.PutGroupRequest(r); err != nil {
		return false, err
	}
	return true, k.write(tx, l.From, payload.Invitation{Clock: r.Clock, ChatID: chat, State: payload.InvitationRequest})
}

// write sends what is said about being let in.
func (k *Keeper) write(tx *models.Tx, to identity.PublicKey, i payload.Invitation) error {
	wrapped, _, err := i.Seal(k.key)
	if err != nil {
		return err
	}
	_, _, err = k.send(tx, to, wrapped, pairwise.Ref{})
	return err
}
