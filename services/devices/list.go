package devices

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sotto/models"
)

// List is the devices that are known, this one first, then those that take part, then the one that was heard last.
func (s *Service) List(ctx context.Context) (list []Device, err error) {
	err = s.open.With(func(a *Account) error {
		return a.Store.View(ctx, func(tx *models.Tx) (err error) {
			list, err = a.list(tx)
			return err
		})
	})
	return list, err
}

func (a *Account) list(tx *models.Tx) ([]Device, error) {
	name, err := nameOf(tx)
	if err != nil {
		return nil, err
	}
	this := a.Pair.Installation()
	list := []Device{{ID: this, Name: name, Kind: kind, This: true, Enabled: true}}
	known, err := tx.Installations(a.self())
	if err != nil {
		return nil, err
	}
	for _, i := range known {
		if i.ID == this {
			continue
		}
		said, _, err := tx.OwnDevice(i.ID)
		if err != nil {
			return nil, err
		}
		heard := i.Seen
		if said.HeardAt != 0 {
			heard = time.UnixMilli(said.HeardAt)
		}
		list = append(list, Device{ID: i.ID, Name: said.Name, Kind: said.Kind, Enabled: i.Enabled, Heard: heard,
			Code: codeOf(a.self(), this, i.ID)})
	}
	slices.SortStableFunc(list[1:], func(x, y Device) int {
		return cmp.Or(cmp.Compare(place(x), place(y)), y.Heard.Compare(x.Heard), cmp.Compare(x.ID, y.ID))
	})
	return list, nil
}

// place is where a device stands in the list: the smaller, the further up.
func place(d Device) int {
	if d.Enabled {
		return 0
	}
	return 1
}
