package pairwise

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"io"
	"time"

	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/secure"
)

// settingInstallation holds the random id of this account on this computer.
const settingInstallation = "installation"

// Store is the open account's database; *models.Store is one.
type Store interface {
	Update(context.Context, func(*models.Tx) error) error
}

// Tx is the transaction that a step is part of; *models.Tx is one.
type Tx interface {
	secure.State
	datasync.State

	Setting(name string) ([]byte, bool, error)
	SetSetting(name string, value []byte) error
	ForgetInstallationKeys() error

	Blocked(identity.PublicKey) (bool, error)
	MessageAt(row int64) (models.Message, bool, error)
	OutgoingTo(message int64, recipient []byte) (models.Outgoing, bool, error)
	Enqueue(*models.Outgoing) error
	TrimControl(keep int) error
}

// Config is what a Pair works with. All fields are needed.
type Config struct {
	Store Store
	Key   *ecdsa.PrivateKey // the chat key
	Rand  io.Reader
	Now   func() time.Time
	// Anew says that the database is not where this installation left it: its folder was rolled back or copied. The
	// installation begins anew, and no key of its sessions is used a second time.
	Anew bool
}

// Pair is this installation's end of all private conversations. Its methods run inside the caller's transaction.
type Pair struct {
	device secure.Device
	self   identity.PublicKey
	now    func() time.Time
}

// Open makes or finds this installation.
func Open(ctx context.Context, c Config) (*Pair, error) {
	var p *Pair
	err := c.Store.Update(ctx, func(tx *models.Tx) (err error) {
		p, err = open(tx, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open installation: %w", err)
	}
	return p, nil
}

func open(tx Tx, c Config) (*Pair, error) {
	if c.Anew {
		if err := tx.ForgetInstallationKeys(); err != nil {
			return nil, err
		}
		if err := tx.SetSetting(settingInstallation, nil); err != nil {
			return nil, err
		}
	}
	id, err := installation(tx, c.Rand)
	device := secure.Device{Key: c.Key, Installation: id, Rand: c.Rand}
	return &Pair{device: device, self: identity.KeyOf(&c.Key.PublicKey), now: c.Now}, err
}

func installation(tx Tx, random io.Reader) (string, error) {
	stored, found, err := tx.Setting(settingInstallation)
	if found || err != nil {
		return string(stored), err
	}
	id, err := secure.NewInstallationID(random)
	if err != nil {
		return "", err
	}
	return id, tx.SetSetting(settingInstallation, []byte(id))
}

// Installation is the id of this installation.
func (p *Pair) Installation() string { return p.device.Installation }

// Self is the account's own key.
func (p *Pair) Self() identity.PublicKey { return p.self }

// Bundle is our signed bundle, renewed when it is a day old.
func (p *Pair) Bundle(tx Tx) ([]byte, error) { return p.device.Bundle(tx, p.now()) }

// Learn takes in a bundle that is said to be somebody's, and returns the devices in it that appeared beside those that were
// known. The errors are those of secure.Device.Learn.
func (p *Pair) Learn(tx Tx, bundle []byte, owner identity.PublicKey) ([]secure.Installation, error) {
	before, err := tx.Installations(owner)
	if err != nil {
		return nil, err
	}
	learned, err := p.device.Learn(tx, bundle, owner, p.now())
	if err != nil || len(before) == 0 {
		return nil, err
	}
	_, err = p.appeared(tx, learned.New)
	return learned.New, err
}

// appeared sends new devices of somebody what others of theirs have not acknowledged, and says whether there is anything. Our
// own take part when the person says so.
func (p *Pair) appeared(tx Tx, devices []secure.Installation) (some bool, err error) {
	for _, i := range devices {
		if !i.Enabled {
			continue
		}
		more, err := datasync.Appeared(tx, i.Identity, i.ID, p.now())
		if err != nil {
			return false, err
		}
		some = some || more
	}
	return some, nil
}
