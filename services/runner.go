package services

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"sotto/models"
	"sotto/node"
	"sotto/node/mailserver"
	"sotto/node/overlay"
	"sotto/node/whisper"
	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/devices"
	"sotto/services/fault"
	"sotto/services/groups"
	"sotto/services/history"
	"sotto/services/network"
	"sotto/services/pairwise"
)

// lastArrivals bounds how long closing an account waits for what has come to be opened.
const lastArrivals = 5 * time.Second

// spentEvery is how often the day's traffic is stored, so that a crash does not begin the day anew. Tests hurry.
var spentEvery = 5 * time.Minute

// databaseName is the store's file in the account's folder.
const databaseName = "account.db"

// runner is what runs while an account is open. The account service calls it for one account at a time.
type runner struct {
	cfg     Config
	session *Session

	folder string
	store  *models.Store
	node   *node.Node
	names  *names
	via    *transport
	mails  *mailservers
	client *mailserver.Client // nil: not yet
	gen    *generation
	anew   bool // the folder was rolled back or copied

	stopSpent context.CancelFunc // ends what stores the day's traffic; nil: it does not run
	spending  sync.WaitGroup
}

// Open implements account.Opener: store, node, services, in this order. The node starts last, so that nothing arrives
// before somebody listens.
func (r *runner) Open(ctx context.Context, keys account.Keys) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close(context.WithoutCancel(ctx)))
		}
	}()
	r.folder = keys.Folder
	r.store, err = models.Open(filepath.Join(keys.Folder, databaseName), keys.Database)
	if err != nil {
		return storageFault(r.folder, err)
	}
	kept, err := loadNode(ctx, r.store, r.cfg.Rand)
	if err != nil {
		return storageFault(r.folder, err)
	}
	r.names = &names{}
	r.names.learn(kept.peers, nil)
	if r.node, err = node.New(r.nodeConfig(kept)); err != nil {
		return nodeFault(r.cfg.Listen, err)
	}
	r.mails = &mailservers{network: r.session.Network, whisper: r.node.Whisper(), dismiss: r.node.Dismiss}
	if err := r.converse(ctx, keys); err != nil {
		return storageFault(r.folder, err)
	}
	if err := r.node.Start(ctx); err != nil {
		return nodeFault(r.cfg.Listen, err)
	}
	r.session.Network.Attach(r.node, r.netStore())
	if r.anew {
		r.session.Network.Report(network.DegradedRolledBack, "This account's folder was put back from a copy. Its keys were renewed; "+
			"what arrived since the copy was made may be missing.", "Ask people to send again what you miss.")
	}
	r.keepSpent(context.WithoutCancel(ctx))
	return r.catchUp(kept)
}

// catchUp lets the account get what it missed.
func (r *runner) catchUp(kept keptNode) error {
	w := r.node.Whisper()
	r.client = mailserver.NewClient(mailserver.ClientConfig{Whisper: w, Key: kept.key, Log: r.cfg.Log})
	return r.session.History.Attach(history.Account{
		Store: r.store, Chats: r.session.Chats, Line: &mailLine{r.client, w}, Network: r.mails, Now: r.via.Now,
	})
}

// converse lets the account's conversations begin. Where the folder was rolled back or copied, this installation begins anew:
// its keys may have been used already.
func (r *runner) converse(ctx context.Context, keys account.Keys) error {
	gen := newGeneration(r.cfg.State, keys.ID, r.store, r.cfg.Rand)
	anew, err := gen.differs(ctx)
	if err != nil {
		return err
	}
	via := &transport{whisper: r.node.Whisper(), rand: r.cfg.Rand, nameOf: r.names.of, promise: r.mails.promise}
	pair, err := pairwise.Open(ctx, pairwise.Config{Store: r.store, Key: keys.Chat, Rand: r.cfg.Rand, Now: via.Now, Anew: anew})
	if err != nil {
		return err
	}
	if err := gen.move(ctx); err != nil {
		r.cfg.Log.Warn("a rolled back folder will not be noticed", "err", err)
	}
	r.gen, r.anew, r.via = gen, anew, via
	keeper := groups.NewKeeper(keys.Chat, pair, via.Now)
	circle := devices.NewCircle(keys.Chat, pair, via.Now, keeper.Share)
	if err := r.session.Chats.Attach(ctx, chats.Account{
		Store: r.store, Key: keys.Chat, Recovered: keys.Recovered, Pair: pair, Transport: via, Groups: keeper, Circle: circle,
	}); err != nil {
		return err
	}
	r.session.Groups.Attach(groups.Account{Store: r.store, Keeper: keeper, Rand: r.cfg.Rand, Changed: r.session.Chats.ContactsChanged})
	changed := r.session.Chats.ContactsChanged
	r.session.Contacts.Attach(contacts.Account{Store: r.store, Key: keys.Chat, Pair: pair, Now: via.Now, Circle: circle, Changed: changed})
	return r.session.Devices.Attach(ctx, devices.Account{Store: r.store, Pair: pair, Circle: circle, Network: r.session.Network,
		Fresh: keys.Recovered || anew, Changed: changed})
}

// keepSpent stores the day's traffic from time to time until stopSpent is called.
func (r *runner) keepSpent(ctx context.Context) {
	ctx, r.stopSpent = context.WithCancel(ctx)
	n, store := r.node, r.store
	r.spending.Go(func() {
		tick := time.NewTicker(spentEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				r.saveSpent(ctx, store, n.Status().Today)
			}
		}
	})
}

func (r *runner) saveSpent(ctx context.Context, store *models.Store, spent node.Spent) {
	if err := saveSpent(ctx, store, spent); err != nil && ctx.Err() == nil {
		r.cfg.Log.Warn("what the network cost today was not stored", "error", err)
	}
}

// Close implements account.Opener. It ends whatever Open began, in the opposite order, however far that got; but first
// the node takes nothing more, so that what it took already still finds the chats.
func (r *runner) Close(ctx context.Context) error {
	if r.stopSpent != nil {
		r.stopSpent()
		r.spending.Wait()
	}
	r.session.History.Detach()
	if r.client != nil {
		r.client.Close()
	}
	r.drain(ctx)
	r.session.Devices.Detach()
	r.session.Groups.Detach()
	r.session.Contacts.Detach()
	r.session.Chats.Detach()
	r.session.Network.Detach()
	var err error
	if r.node != nil {
		spent := r.node.Status().Today
		r.node.Stop()
		r.saveSpent(context.WithoutCancel(ctx), r.store, spent)
	}
	if r.gen != nil {
		if err := r.gen.move(context.WithoutCancel(ctx)); err != nil {
			r.cfg.Log.Warn("a rolled back folder will not be noticed", "err", err)
		}
	}
	if r.store != nil {
		err = errors.Join(err, r.store.Close())
	}
	folder := r.folder
	r.folder, r.store, r.node, r.names, r.gen, r.anew, r.stopSpent = "", nil, nil, nil, nil, false, nil
	r.via, r.mails, r.client = nil, nil, nil
	return storageFault(folder, err)
}

func (r *runner) drain(ctx context.Context) {
	if r.node == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastArrivals)
	defer cancel()
	r.node.Drain(ctx)
}

func (r *runner) nodeConfig(kept keptNode) node.Config {
	return node.Config{
		Key: kept.key, Name: "Sotto/" + r.cfg.Version,
		Listen: r.cfg.Listen, NAT: r.cfg.NAT, Public: r.cfg.Public,
		Static: kept.peers, Spent: kept.spent, Receive: node.Policy(kept.receive), Budget: kept.budget,
		Whisper: whisper.Config{Confirmations: true, Rand: r.cfg.Rand, Log: r.cfg.Log},
		Log:     r.cfg.Log, Now: r.cfg.Now,
		OnChange: r.changed, OnFound: r.keepFound(),
	}
}

func (r *runner) netStore() *netStore {
	return &netStore{store: r.store, folder: r.folder, now: r.cfg.Now}
}

// keepFound stores the nodes that are found. The node ends before the store is closed.
func (r *runner) keepFound() func(overlay.Candidate) {
	store := r.netStore()
	return func(c overlay.Candidate) {
		if err := store.keepFound(context.Background(), c); err != nil {
			r.cfg.Log.Warn("a node that was found is not remembered", "error", err)
		}
	}
}

// changed runs between the start and the end of the node only, so r.node stands.
func (r *runner) changed() {
	status := r.node.Status()
	r.names.learn(status.Known, status.Peers)
	r.session.Network.Changed()
	r.session.Chats.NetworkChanged()
}

func nodeFault(listen string, err error) error {
	return fault.Wrap(fault.NotAllowed, "Sotto cannot listen on "+listen+". Another program may be using it; choose another.", err)
}
