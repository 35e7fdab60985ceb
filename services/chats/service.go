package chats

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/whisper"
	"sotto/services/devices"
	"sotto/services/event"
	"sotto/services/groups"
	"sotto/services/ingest"
	"sotto/services/pairwise"
	"sotto/services/stored"
)

// Config is what a Service works with for as long as the program runs.
type Config struct {
	Events event.Publisher
	Derive func(name string) [32]byte // the symmetric key of a topic's name; nil: whisper.SymKeyOf
	Log    *slog.Logger               // nil: nowhere
	// Trouble is told when the database fails and work waits for another try, and, with nil, when all of it could be
	// written again. May be nil.
	Trouble func(error)
	// Topics is told that other topics are listened to than before. It must return at once. May be nil.
	Topics func()
}

// Account is what an unlocked account lends to a Service, from Attach to Detach.
type Account struct {
	Store     stored.Store
	Transport Transport
	Key       *ecdsa.PrivateKey // the chat key
	Recovered bool              // it was made here just now, and was somewhere else before
	Pair      *pairwise.Pair    // this installation's end of private conversations
	Groups    *groups.Keeper    // the steps of private groups; nil: one of its own
	// Circle tells our other devices what changes here; nil: one of its own.
	Circle *devices.Circle
	// Letters files the types of private messages that belong neither to chats nor to groups. May be nil.
	Letters map[payload.Type]ingest.Filer
}

// Service is the conversations of whichever account is open. Its methods may be called from any goroutine; while no
// account is attached they fail with the code locked.
type Service struct {
	cfg  Config
	mu   sync.RWMutex // held for reading by calls, for writing by Attach and Detach
	open *account     // nil while locked
}

// New returns a Service without an account.
func New(c Config) *Service {
	if c.Derive == nil {
		c.Derive = func(name string) [32]byte { return whisper.SymKeyOf(name) }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Trouble == nil {
		c.Trouble = func(error) {}
	}
	if c.Topics == nil {
		c.Topics = func() {}
	}
	return &Service{cfg: c}
}

// account is the attached account and the goroutines that work for it.
type account struct {
	Account
	*Service
	author   identity.PublicKey
	filers   map[payload.Type]ingest.Filer
	ingest   *ingest.Ingest
	outcomes outcomes
	due      chan struct{} // wakes the sender
	tune     chan struct{} // wakes the tuner
	attached time.Time
	failures map[int64]int // of the sender: how often in a row a message could not be sealed or posted

	readTold map[int64]time.Time // of the sender: when our other devices were told how far a chat was read

	sendTrouble, recordTrouble func(error) // what these workers tell of the database

	ctx        context.Context // ends at Detach
	cancel     context.CancelFunc
	stopIngest context.CancelFunc // last, when nothing arrives any more
	work       sync.WaitGroup

	membership sync.Mutex // held while a channel is joined or left
	listening  sync.Mutex
	topics     map[string]func() // label of each subscribed topic, and how to end it; a channel's is its name

	codes   sync.Mutex                       // held for a moment: ingest takes it
	reading map[identity.PublicKey]time.Time // whose contact code is read, until when
}

// errAttached is a mistake of the program, not of a person.
var errAttached = errors.New("chats: an account is attached already")

// Attach takes an unlocked account on: it listens to its channels and sends what waits. The store and the transport
// must stay usable until Detach has returned.
func (s *Service) Attach(ctx context.Context, with Account) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open != nil {
		return errAttached
	}
	a := &account{
		Account: with,
		Service: s,
		author:  identity.KeyOf(&with.Key.PublicKey),
		due:     make(chan struct{}, 1),
		tune:    make(chan struct{}, 1),
		topics:  make(map[string]func()),
		reading: make(map[identity.PublicKey]time.Time),

		attached: with.Transport.Now(),

		failures: make(map[int64]int),
		readTold: make(map[int64]time.Time),
	}
	if a.Circle == nil {
		a.Circle = devices.NewCircle(a.Key, a.Pair, a.Transport.Now)
	}
	a.readLetters()
	trouble := &troubles{tell: s.cfg.Trouble}
	a.sendTrouble, a.recordTrouble = trouble.worker(), trouble.worker()
	a.outcomes.init()
	a.ctx, a.cancel = context.WithCancel(context.WithoutCancel(ctx))
	channels, err := a.prepare(ctx)
	if err != nil {
		a.cancel()
		return fmt.Errorf("attach chats: %w", err)
	}
	a.ingest = ingest.New(ingest.Config{
		Store:    with.Store,
		Handlers: ingest.Table{payload.TypeChat: a.receive},
		Opened:   map[ingest.Route]ingest.Opener{ingest.Private: a.openPrivate, ingest.ContactCode: a.openContactCode},
		Finish:   a.finish,
		After:    a.after,
		Events:   s.cfg.Events,
		Now:      with.Transport.Now,
		Log:      s.cfg.Log,
		Trouble:  trouble.worker(),
	})
	taking, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stopIngest = stop
	a.work.Go(func() { a.ingest.Run(taking) })
	a.work.Go(a.send)
	a.work.Go(a.record)
	for name, ch := range channels {
		if err := a.listen(name, ch); err != nil {
			a.close()
			return fmt.Errorf("attach chats: %w", err)
		}
	}
	if err := a.listenPrivate(ctx); err != nil {
		a.close()
		return fmt.Errorf("attach chats: %w", err)
	}
	s.open = a
	return nil
}

// readLetters says who files which type of private message.
func (a *account) readLetters() {
	if a.Groups == nil {
		a.Groups = groups.NewKeeper(a.Key, a.Pair, a.Transport.Now)
	}
	a.filers = a.Groups.Filers()
	maps.Copy(a.filers, a.Letters)
}

// listenPrivate subscribes to private topics; those whose keys are not there yet follow.
func (a *account) listenPrivate(ctx context.Context) error {
	if err := a.listenOwn(); err != nil {
		return err
	}
	if err := a.listenStored(ctx); err != nil {
		return err
	}
	a.work.Go(a.tuner)
	return nil
}

// prepare reads what Attach needs: the channels to listen to.
func (a *account) prepare(ctx context.Context) (map[string]Channel, error) {
	if err := a.noteRecovery(ctx); err != nil {
		return nil, err
	}
	var names []string
	err := a.Store.View(ctx, func(tx *models.Tx) (err error) {
		list, err := tx.Chats()
		for _, c := range list {
			if c.Kind == models.PublicChat {
				names = append(names, c.Name)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	channels := make(map[string]Channel, len(names))
	for _, name := range names {
		if channels[name], err = a.channel(ctx, name); err != nil {
			return nil, err
		}
	}
	return channels, nil
}

// Detach ends all work for the account, waits for it, and stores what has arrived and what became of posted messages.
// Without an account it does nothing.
func (s *Service) Detach() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		return
	}
	s.open.close()
	s.open = nil
}

func (a *account) close() {
	a.cancel()
	a.listening.Lock()
	for _, end := range a.topics {
		end()
	}
	a.listening.Unlock() // from here on nothing subscribes any more
	a.stopIngest()
	a.work.Wait()
}

// NetworkChanged tells that peers came or left: what waits is sent now if it can be.
func (s *Service) NetworkChanged() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.open != nil {
		s.open.wake()
	}
}

// ContactsChanged tells that contacts did: what was queued for them is sent, and other topics may be listened to.
func (s *Service) ContactsChanged() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.open != nil {
		s.open.retune()
		s.open.wake()
	}
}

// Counts is what became of the envelopes that the attached account's channels opened.
func (s *Service) Counts() ingest.Counts {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.open == nil {
		return ingest.Counts{}
	}
	return s.open.ingest.Counts()
}

// with runs fn for the attached account, which stays attached meanwhile. Errors of the store become refusals.
func (s *Service) with(fn func(*account) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.open == nil {
		return stored.ErrLocked
	}
	return refusal(fn(s.open))
}

// publish tells of changes in the order given.
func (a *account) publish(events ...event.Event) {
	for _, e := range events {
		a.cfg.Events.Publish(e)
	}
}
