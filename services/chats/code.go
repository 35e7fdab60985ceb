package chats

import (
	"strconv"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/event"
	"sotto/services/ingest"
)

// Our contact code is published soon after the start and then every few hours, wherever the program was meanwhile.
const (
	codeAfterStart = 2 * time.Minute
	codeEvery      = 6 * time.Hour

	settingCode = "contact_code_at" // Unix ms of the last one
)

// publishCode queues our contact code where it is due, and returns how long it will not be.
func (a *account) publishCode() (time.Duration, error) {
	now := a.Transport.Now()
	if wait := a.attached.Add(codeAfterStart).Sub(now); wait > 0 && wait <= codeAfterStart {
		return wait, nil
	}
	var wait time.Duration
	err := a.Store.View(a.ctx, func(tx *models.Tx) (err error) {
		wait, err = untilCode(tx, now)
		return err
	})
	if err != nil || wait > 0 {
		return wait, err
	}
	return codeEvery, a.Store.Update(a.ctx, func(tx *models.Tx) error {
		wrapped, _, err := payload.SealContactCode(a.Key)
		if err != nil {
			return err
		}
		if err := a.enqueuePublic(tx, &models.Outgoing{Kind: models.ContactCodeOutgoing}, wrapped); err != nil {
			return err
		}
		return tx.SetSetting(settingCode, strconv.AppendInt(nil, now.UnixMilli(), 10))
	})
}

func untilCode(tx *models.Tx, now time.Time) (time.Duration, error) {
	stored, found, err := tx.Setting(settingCode)
	if err != nil || !found {
		return 0, err
	}
	last, err := strconv.ParseInt(string(stored), 10, 64)
	if err != nil {
		return 0, nil
	}
	ago := now.Sub(time.UnixMilli(last))
	if ago < 0 { // the clock was set back
		return 0, nil
	}
	return max(codeEvery-ago, 0), nil
}

// openContactCode takes in the bundle that somebody published on their own topic.
func (a *account) openContactCode(tx *models.Tx, e ingest.Envelope) (ingest.Effects, error) {
	message, err := secure.UnwrapPublic(e.Payload)
	if err != nil {
		return ingest.Effects{}, err
	}
	if _, err := payload.OpenContactCode(message.Payload, e.Owner, identity.KeyOf(e.Signer)); err != nil {
		return ingest.Effects{}, err
	}
	if len(message.Bundles) == 0 {
		return ingest.Effects{}, nil
	}
	events, err := a.learn(tx, message.Bundles[0], e.Owner)
	if err != nil {
		return ingest.Effects{}, err
	}
	fresh, err := a.hasFreshBundle(tx, e.Owner) // somebody may have handed us an old one
	return ingest.Effects{Events: events, Listen: fresh && a.hasRead(e.Owner), Send: len(events) > 0}, err
}

// learn takes in a bundle of somebody's, and says in their chat what devices appeared.
func (a *account) learn(tx *models.Tx, bundle []byte, owner identity.PublicKey) ([]event.Event, error) {
	devices, err := a.Pair.Learn(tx, bundle, owner)
	if err != nil || len(devices) == 0 || owner == a.author {
		return nil, err
	}
	if err := a.Groups.Appeared(tx, owner); err != nil {
		return nil, err
	}
	who, err := standingOf(tx, owner)
	if err != nil || !who.accepted() {
		return nil, err
	}
	return a.newDevice(tx, who, devices)
}
