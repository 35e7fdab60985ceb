package devices

import (
	"cmp"
	"slices"
	"time"

	"sotto/models"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/event"
	"sotto/services/ingest"
)

// Reasons for which what another device of ours announces is not taken in.
const (
	ReasonOtherDevice ingest.Reason = "other_device" // it announces another device than itself
	ReasonNoBundle    ingest.Reason = "no_bundle"    // no bundle says that there is such a device
)

// What a device is called until the person gives it a name. The name of the computer is nobody's business.
const (
	defaultName = "Desktop"
	kind        = "desktop"
)

// answerEvery is how often the announcement of a device that was not known is answered with our own.
const answerEvery = time.Minute

// settingName holds the name that the person gave this device.
const settingName = "device_name"

// nameOf is what this device is called.
func nameOf(tx *models.Tx) (string, error) {
	stored, _, err := tx.Setting(settingName)
	return cmp.Or(string(stored), defaultName), err
}

// Announce tells the other devices of ours about this one (Status spec 2/ACCOUNT, "Pairing").
func (c *Circle) Announce(tx *models.Tx) error {
	name, err := nameOf(tx)
	if err != nil {
		return err
	}
	row, _, err := tx.OwnDevice(c.pair.Installation())
	if err != nil {
		return err
	}
	row.ID, row.Name, row.Kind = c.pair.Installation(), name, kind
	row.Clock, row.HeardAt = c.next(row.Clock), c.now().UnixMilli()
	wrapped, err := payload.Pair{Clock: row.Clock, Installation: row.ID, Kind: row.Kind, Name: row.Name}.Wrap()
	if err != nil {
		return err
	}
	if err := c.pair.Announce(tx, wrapped); err != nil {
		return err
	}
	return tx.PutOwnDevice(row)
}

// Paired takes in what a device of ours announces about itself; installation is whose message brought it. A device that was not
// known is told of this one in return, so that both show each other. One that takes part gets what waits for it.
func (c *Circle) Paired(tx *models.Tx, in payload.Pair, installation string) (ingest.Effects, error) {
	if in.Installation != installation {
		return ingest.Effects{}, ReasonOtherDevice
	}
	known, err := tx.Installations(c.Self())
	if err != nil {
		return ingest.Effects{}, err
	}
	at := slices.IndexFunc(known, func(i secure.Installation) bool { return i.ID == installation })
	if at < 0 {
		return ingest.Effects{}, ReasonNoBundle
	}
	row, _, err := tx.OwnDevice(installation)
	switch {
	case err != nil:
		return ingest.Effects{}, err
	case in.Clock <= row.Clock:
		return ingest.Effects{}, ingest.Duplicate
	}
	met := row.Clock != 0
	row.ID, row.Name, row.Kind, row.Clock, row.HeardAt = installation, in.Name, in.Kind, in.Clock, c.now().UnixMilli()
	if err := tx.PutOwnDevice(row); err != nil {
		return ingest.Effects{}, err
	}
	effects := ingest.Effects{Events: []event.Event{{Kind: event.Device, Name: installation}}}
	if err := c.forget(tx, known); err != nil {
		return ingest.Effects{}, err
	}
	if known[at].Enabled {
		if effects.Send, err = c.pair.Hasten(tx); err != nil {
			return ingest.Effects{}, err
		}
	}
	if !met {
		answered, err := c.answer(tx)
		effects.Send = effects.Send || answered
		return effects, err
	}
	return effects, nil
}

// answer announces this device, unless it did so only just now, and says whether it did.
func (c *Circle) answer(tx *models.Tx) (bool, error) {
	row, _, err := tx.OwnDevice(c.pair.Installation())
	if err != nil {
		return false, err
	}
	if ago := c.now().Sub(time.UnixMilli(row.HeardAt)); row.HeardAt != 0 && ago >= 0 && ago < answerEvery {
		return false, nil
	}
	return true, c.Announce(tx)
}

// forget drops what devices said of themselves that are not remembered any more.
func (c *Circle) forget(tx *models.Tx, known []secure.Installation) error {
	rows, err := tx.OwnDevices()
	if err != nil {
		return err
	}
	for _, row := range rows {
		remembered := slices.ContainsFunc(known, func(i secure.Installation) bool { return i.ID == row.ID })
		if remembered || row.ID == c.pair.Installation() {
			continue
		}
		if err := tx.RemoveOwnDevice(row.ID); err != nil {
			return err
		}
	}
	return nil
}
