package services

import (
	"context"
	"strconv"
	"time"

	"sotto/models"
	"sotto/node/overlay"
	"sotto/services/network"
)

// mostFound is how many nodes are kept that were found: enough for a start where most of them have gone.
const mostFound = 64

// netStore is network.Store over an account's store.
type netStore struct {
	store  *models.Store
	folder string
	now    func() time.Time
}

// Peers implements network.Store.
func (p *netStore) Peers(ctx context.Context) (list []network.KeptPeer, err error) {
	err = p.view(ctx, func(tx *models.Tx) error {
		list = nil
		peers, err := tx.Peers()
		for _, peer := range peers {
			list = append(list, network.KeptPeer{Enode: peer.Enode, Mail: peer.Mail})
		}
		return err
	})
	return list, err
}

// AddPeer implements network.Store.
func (p *netStore) AddPeer(ctx context.Context, peer network.KeptPeer) error {
	return p.update(ctx, func(tx *models.Tx) error {
		_, err := tx.AddPeer(models.Peer{Enode: peer.Enode, Mail: peer.Mail, Added: p.now().UnixMilli()})
		return err
	})
}

// RemovePeer implements network.Store.
func (p *netStore) RemovePeer(ctx context.Context, url string) error {
	return p.update(ctx, func(tx *models.Tx) error {
		_, err := tx.RemovePeer(url)
		return err
	})
}

// SetReceive implements network.Store.
func (p *netStore) SetReceive(ctx context.Context, r network.Receive) error {
	return p.set(ctx, settingReceive, []byte(r))
}

// SetBudget implements network.Store.
func (p *netStore) SetBudget(ctx context.Context, bytes int64) error {
	return p.set(ctx, settingBudget, strconv.AppendInt(nil, bytes, 10))
}

// StaticOnly implements network.Store.
func (p *netStore) StaticOnly(ctx context.Context) (only bool, err error) {
	err = p.view(ctx, func(tx *models.Tx) error {
		_, only, err = tx.Setting(settingStatic)
		return err
	})
	return only, err
}

// SetStaticOnly implements network.Store.
func (p *netStore) SetStaticOnly(ctx context.Context, only bool) error {
	if only {
		return p.set(ctx, settingStatic, []byte("yes"))
	}
	return p.set(ctx, settingStatic, nil)
}

// Networks implements network.Store.
func (p *netStore) Networks(ctx context.Context) (list []network.Kept, err error) {
	err = p.view(ctx, func(tx *models.Tx) error {
		list = nil
		rows, err := tx.Networks()
		if err != nil {
			return err
		}
		for _, row := range rows {
			groups, _, err := tx.Setting(settingGroups + row.Name)
			if err != nil {
				return err
			}
			k := network.Kept{Name: row.Name, Link: row.Link, Active: row.Active, Joined: time.UnixMilli(row.Joined), Groups: groups}
			list = append(list, k)
		}
		return nil
	})
	return list, err
}

// PutNetwork implements network.Store.
func (p *netStore) PutNetwork(ctx context.Context, k network.Kept) error {
	return p.update(ctx, func(tx *models.Tx) error {
		if err := tx.SetSetting(settingGroups+k.Name, k.Groups); err != nil {
			return err
		}
		return tx.PutNetwork(models.Network{Name: k.Name, Link: k.Link, Active: k.Active, Joined: k.Joined.UnixMilli()})
	})
}

// RemoveNetwork implements network.Store.
func (p *netStore) RemoveNetwork(ctx context.Context, name string) error {
	return p.update(ctx, func(tx *models.Tx) error {
		if err := tx.SetSetting(settingGroups+name, nil); err != nil {
			return err
		}
		_, err := tx.RemoveNetwork(name)
		return err
	})
}

// Found implements network.Store.
func (p *netStore) Found(ctx context.Context) (list []overlay.Candidate, err error) {
	err = p.view(ctx, func(tx *models.Tx) error {
		list = nil
		rows, err := tx.FoundPeers(mostFound)
		for _, row := range rows {
			list = append(list, overlay.Candidate{
				Enode: row.Enode, Roles: overlay.Roles(row.Roles), Source: overlay.SourceCached, Seen: time.UnixMilli(row.Seen),
			})
		}
		return err
	})
	return list, err
}

// ForgetFound implements network.Store.
func (p *netStore) ForgetFound(ctx context.Context) error {
	return p.update(ctx, func(tx *models.Tx) error { return tx.ForgetFoundPeers() })
}

// keepFound stores a node that was found, for the next run.
func (p *netStore) keepFound(ctx context.Context, c overlay.Candidate) error {
	n, err := overlay.ParseEnode(c.Enode)
	if err != nil {
		return err
	}
	row := models.FoundPeer{Node: n.ID(), Enode: c.Enode, Roles: int(c.Roles), Seen: c.Seen.UnixMilli()}
	return p.update(ctx, func(tx *models.Tx) error { return tx.PutFoundPeer(row, mostFound) })
}

func (p *netStore) set(ctx context.Context, name string, value []byte) error {
	return p.update(ctx, func(tx *models.Tx) error { return tx.SetSetting(name, value) })
}

func (p *netStore) view(ctx context.Context, fn func(*models.Tx) error) error {
	return storageFault(p.folder, p.store.View(ctx, fn))
}

func (p *netStore) update(ctx context.Context, fn func(*models.Tx) error) error {
	return storageFault(p.folder, p.store.Update(ctx, fn))
}
