package chats

import (
	"slices"

	"sotto/models"
	"sotto/node/payload"
	"sotto/services/ingest"
	"sotto/services/pairwise"
)

// takeFromMate files what somebody sent who is no contact and has to do with a group of ours. What belongs to groups is
// acknowledged; what they say to us alone is a request like any stranger's.
func (a *account) takeFromMate(tx *models.Tx, e ingest.Envelope, who standing, got pairwise.Received) (ingest.Effects, error) {
	effects, err := a.heard(tx, who, got)
	if err != nil {
		return ingest.Effects{}, err
	}
	letters, alone := a.sort(e, who, got)
	later, err := a.fileBodies(tx, e, who, letters, &effects)
	if err != nil {
		return ingest.Effects{}, err
	}
	if len(alone.Bodies) > 0 {
		asked, err := a.mateAsks(tx, e, who, alone)
		if err != nil {
			return ingest.Effects{}, err
		}
		join(&effects, asked)
		for _, body := range alone.Bodies {
			later = append(later, body.ID)
		}
	}
	owed, err := tx.OwedAcks(who.who)
	if err != nil {
		return ingest.Effects{}, err
	}
	acknowledge(&effects, who.who, got.Acks, append(later, owed...))
	return effects, nil
}

// mateAsks makes a request of what a mate says to us alone. What is refused of it is undone, and what belongs to groups stays.
func (a *account) mateAsks(tx *models.Tx, e ingest.Envelope, who standing, alone pairwise.Received) (asked ingest.Effects, err error) {
	err = tx.Savepoint(func() (err error) {
		if who.ignored() {
			return ReasonIgnored
		}
		asked, err = a.takeRequest(tx, e, who, alone)
		return err
	})
	if err == nil || models.Broken(err) || !refusedBody(err) {
		return asked, err
	}
	for _, body := range alone.Bodies { // they come again, should we let them in
		if err := tx.Unreceive(who.who, body.ID); err != nil {
			return ingest.Effects{}, err
		}
	}
	return ingest.Effects{Refused: []ingest.Reason{ingest.ReasonOf(err)}}, nil
}

// takeFromStranger files what a stranger sent, and tells them nothing: an invitation into a group, or what makes a request.
func (a *account) takeFromStranger(tx *models.Tx, e ingest.Envelope, who standing, got pairwise.Received) (ingest.Effects, error) {
	letters, alone := a.sort(e, who, got)
	if len(letters.Bodies) == 0 {
		return a.takeRequest(tx, e, who, got)
	}
	var effects ingest.Effects
	if _, err := a.fileBodies(tx, e, who, letters, &effects); err != nil {
		return ingest.Effects{}, err
	}
	if len(alone.Bodies) > 0 {
		asked, err := a.mateAsks(tx, e, who, alone)
		if err != nil {
			return ingest.Effects{}, err
		}
		join(&effects, asked)
	}
	return effects, tx.TrimSkipped(who.who, requestSkipped)
}

// sort separates what belongs to groups from what somebody says to us alone. What cannot be read counts as that.
func (a *account) sort(e ingest.Envelope, who standing, got pairwise.Received) (letters, alone pairwise.Received) {
	letters, alone = got, got
	letters.Bodies, alone.Bodies, alone.Acks = nil, nil, nil
	for _, body := range got.Bodies {
		in, err := payload.OpenPrivate(body.Wrapped, payload.PrivateArrival{Self: a.author, Signer: who.who, Sent: e.Sent})
		if _, known := a.filers[in.Type]; err == nil && known {
			letters.Bodies = append(letters.Bodies, body)
			continue
		}
		alone.Bodies = append(alone.Bodies, body)
		if slices.Contains(got.Acks, body.ID) {
			alone.Acks = append(alone.Acks, body.ID)
		}
	}
	return letters, alone
}
