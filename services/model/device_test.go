package model_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"sync"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/models"
	"sotto/node/identity"
	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/devices"
	"sotto/services/groups"
	"sotto/services/pairwise"
)

// device is one of somebody's computers, with everything that runs there above the network.
type device struct {
	*world
	seat   int
	name   string // "ann 1"
	person string // "ann"
	key    *ecdsa.PrivateKey
	dir    string
	lives  int // how often it was started
	up     bool

	eye      *witness
	store    *models.Store
	node     *node
	pair     *pairwise.Pair
	chats    *chats.Service
	contacts *contacts.Service
	groups   *groups.Service
	devices  *devices.Service
}

// keyOf is a fixed key for each person.
func keyOf(person string) *ecdsa.PrivateKey {
	seed := sha256.Sum256([]byte(person))
	key, err := crypto.ToECDSA(seed[:])
	if err != nil {
		panic(err)
	}
	return key
}

func (d *device) self() identity.PublicKey { return identity.KeyOf(&d.key.PublicKey) }

// dice is randomness that repeats with the script, for whichever of a device's goroutines asks.
type dice struct {
	mu   sync.Mutex
	from *rand.ChaCha8
}

// Read implements io.Reader.
func (d *dice) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.from.Read(p)
}

// random is the randomness of one life of a device: no other life has the same.
func (d *device) random() io.Reader {
	return &dice{from: rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, d.net.seed, d.seat, d.lives)))}
}

// topicKey is a topic's key in no time.
func topicKey(name string) [32]byte { return sha256.Sum256([]byte(name)) }

// start opens the account on this computer. fresh says that it was recovered here just now.
func (d *device) start(fresh bool) error {
	ctx := context.Background()
	d.lives++
	var err error
	if d.store, err = models.Open(filepath.Join(d.dir, "a.db"), [32]byte{1}); err != nil {
		return err
	}
	d.node.setPeers(1)
	d.net.set(func(n *network) { n.nodes[d.seat] = d.node })
	random := d.random()
	d.pair, err = pairwise.Open(ctx, pairwise.Config{Store: d.store, Key: d.key, Rand: random, Now: d.node.Now})
	if err != nil {
		return err
	}
	keeper := groups.NewKeeper(d.key, d.pair, d.node.Now)
	circle := devices.NewCircle(d.key, d.pair, d.node.Now, keeper.Share)
	d.eye.store = d.store
	d.chats = chats.New(chats.Config{Events: d.eye, Derive: topicKey})
	with := chats.Account{Store: d.store, Transport: d.node, Key: d.key, Pair: d.pair, Groups: keeper, Circle: circle}
	if err := d.chats.Attach(ctx, with); err != nil {
		return err
	}
	d.groups, d.contacts, d.devices = groups.New(d.eye), contacts.New(d.eye), devices.New(d.eye)
	changed := d.chats.ContactsChanged
	d.groups.Attach(groups.Account{Store: d.store, Keeper: keeper, Rand: random, Changed: changed})
	d.contacts.Attach(contacts.Account{Store: d.store, Key: d.key, Pair: d.pair, Now: d.node.Now, Circle: circle, Changed: changed})
	d.up = true
	return d.devices.Attach(ctx, devices.Account{Store: d.store, Pair: d.pair, Circle: circle, Fresh: fresh, Changed: changed})
}

// stop locks the account, as the program does at its end.
func (d *device) stop() error {
	d.net.set(func(n *network) { n.nodes[d.seat] = nil })
	d.up = false
	d.devices.Detach()
	d.groups.Detach()
	d.contacts.Detach()
	d.chats.Detach()
	posted := d.node.posted
	d.node = newNode(d.net, d.seat, posted)
	return d.store.Close()
}

// online says whether the device has peers. What it would have got meanwhile is lost.
func (d *device) online() bool { return d.node.Peers() > 0 }

func (d *device) setOnline(is bool) {
	d.node.setPeers(map[bool]int{true: 1}[is])
	d.chats.NetworkChanged()
}

// view reads the device's database.
func (d *device) view(read func(*models.Tx) error) error {
	return d.store.View(context.Background(), read)
}

// chatRow is the row of a group or of the private chat with somebody, and whether there is one.
func (d *device) chatRow(id string) (row models.Chat, found bool, err error) {
	kind := models.PrivateChat
	if chats.KindOf(id) == chats.Group {
		kind = models.GroupChat
	}
	err = d.view(func(tx *models.Tx) (err error) {
		row, found, err = tx.ChatNamed(kind, id)
		return err
	})
	return row, found, err
}

// asked says whether a group is an invitation by a stranger here, which waits for an answer.
func (d *device) asked(group string) (bool, error) {
	row, _, err := d.chatRow(group)
	return row.Request, err
}

// deeds is the log of a group as the device has it.
func (d *device) deeds(id string) (list []deed, err error) {
	row, found, err := d.chatRow(id)
	if err != nil || !found {
		return nil, err
	}
	err = d.view(func(tx *models.Tx) (err error) {
		list, err = deedsOf(tx, row)
		return err
	})
	return list, err
}

// said is the texts of a chat as the device has them, the newest first.
func (d *device) said(id string) (list []models.Message, err error) {
	row, found, err := d.chatRow(id)
	if err != nil || !found {
		return nil, err
	}
	err = d.view(func(tx *models.Tx) error {
		rows, err := tx.Older(row.ID, nil, 10_000)
		for _, m := range rows {
			if m.ContentType == 1 { // others are lines of the program
				list = append(list, m)
			}
		}
		return err
	})
	return list, err
}

// knows is the seats of somebody's devices for which this one would encrypt now.
func (d *device) knows(who identity.PublicKey) (map[int]bool, error) {
	seats := map[int]bool{}
	err := d.view(func(tx *models.Tx) error {
		list, err := tx.Installations(who)
		for _, i := range list {
			if at, there := d.seats[i.ID]; there && i.Enabled && at != d.seat {
				seats[at] = true
			}
		}
		return err
	})
	return seats, err
}

// owes is how many messages of this device wait for an acknowledgement.
func (d *device) owes() (n int, err error) {
	err = d.view(func(tx *models.Tx) error {
		for person := range d.people {
			list, err := tx.SendingsTo(identity.KeyOf(&keyOf(person).PublicKey))
			if err != nil {
				return err
			}
			n += len(list)
		}
		return nil
	})
	return n, err
}
