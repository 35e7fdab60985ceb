package devices

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/event"
	"sotto/services/fault"
)

// What the service says no with, beside storage.
var (
	errNoDevice = fault.New(fault.NoSuchDevice, "That device is not known here. Let it announce itself.")
	errThis     = fault.New(fault.NoSuchDevice, "That is this computer itself.")
	errMost     = fault.New(fault.NotAllowed, "Three devices take part already. Disable one of them first.")
	errName     = fault.New(fault.BadName, "The name of a device is one short line, all of which can be seen. Choose another.")
)

// Announce tells our other devices of this one. They show it, and the person says there whether it takes part.
func (s *Service) Announce(ctx context.Context) error {
	return s.open.With(func(a *Account) error {
		if err := a.Store.Update(ctx, a.Circle.Announce); err != nil {
			return err
		}
		a.Changed()
		return nil
	})
}

// Rename gives this device a name that the others show. Empty is allowed. The code is bad_name.
func (s *Service) Rename(ctx context.Context, name string) error {
	name = strings.TrimSpace(name)
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if len(name) > payload.MaxDevice || !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
		return errName
	}
	return s.open.With(func(a *Account) error {
		err := a.Store.Update(ctx, func(tx *models.Tx) error {
			if err := tx.SetSetting(settingName, []byte(name)); err != nil {
				return err
			}
			if alone, err := a.Circle.Alone(tx); alone || err != nil {
				return err
			}
			return a.Circle.Announce(tx)
		})
		if err != nil {
			return err
		}
		a.Changed()
		s.events.Publish(event.Event{Kind: event.Device, Name: a.Pair.Installation()})
		return nil
	})
}

// Enable lets a device take part: it gets contacts, chats and groups, and from then on what is written here and to us. It has to
// be enabled on both sides; the other gets everything once this one hears that it was. The codes are no_such_device and, where
// three take part already, not_allowed.
func (s *Service) Enable(ctx context.Context, id string) (Device, error) {
	return s.change(ctx, id, func(a *Account, tx *models.Tx) (bool, error) {
		enabled, err := a.enabled(tx, id)
		if enabled || err != nil {
			return false, err
		}
		others, err := a.Pair.Others(tx)
		switch {
		case err != nil:
			return false, err
		case len(others)+1 >= MostDevices:
			return false, errMost
		}
		if err := a.Pair.Enable(tx, id, true); err != nil {
			return false, err
		}
		return true, a.welcome(tx, id)
	})
}

// welcome lets everybody know of a device that takes part now: itself, by a message that it acknowledges if this one takes part
// there, too, and our contacts, so that what they write goes to it from now on.
func (a *Account) welcome(tx *models.Tx, id string) error {
	if err := a.Circle.knock(tx, id); err != nil {
		return err
	}
	if err := a.Circle.Announce(tx); err != nil {
		return err
	}
	contacts, err := tx.Contacts()
	if err != nil {
		return err
	}
	for _, c := range contacts {
		if c.State != models.ContactAdded {
			continue
		}
		who, err := identity.DecodePublicKey(c.Key)
		if err != nil {
			return err
		}
		if err := a.Pair.Inform(tx, who); err != nil {
			return err
		}
	}
	return nil
}

// knock sends a device something to acknowledge.
func (c *Circle) knock(tx *models.Tx, id string) error {
	var l letters
	l.add(c.key, payload.ContactUpdate{Clock: c.next(0)})
	if l.err != nil {
		return l.err
	}
	return c.pair.Give(tx, id, l.list)
}

// Disable ends that: what is written from here on does not go to it. The code is no_such_device.
func (s *Service) Disable(ctx context.Context, id string) (Device, error) {
	return s.change(ctx, id, func(a *Account, tx *models.Tx) (bool, error) {
		enabled, err := a.enabled(tx, id)
		if !enabled || err != nil {
			return false, err
		}
		if err := a.Pair.Enable(tx, id, false); err != nil {
			return false, err
		}
		row, found, err := tx.OwnDevice(id)
		if err != nil || !found {
			return true, err
		}
		row.GivenAt = 0
		return true, tx.PutOwnDevice(row)
	})
}

// enabled says whether another device takes part.
func (a *Account) enabled(tx *models.Tx, id string) (bool, error) {
	if id == a.Pair.Installation() {
		return false, errThis
	}
	known, err := tx.Installations(a.self())
	if err != nil {
		return false, err
	}
	at := slices.IndexFunc(known, func(i secure.Installation) bool { return i.ID == id })
	if at < 0 {
		return false, errNoDevice
	}
	return known[at].Enabled, nil
}
