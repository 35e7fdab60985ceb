package history

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sotto/models"
	"sotto/services/chats"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/stored"
)

// Config is what a Service works with for as long as the program runs.
type Config struct {
	Events event.Publisher
	Log    *slog.Logger // nil: silent
}

// Chats is what is listened to, and where it is stored; *chats.Service is one.
type Chats interface {
	Needs(context.Context) ([]chats.Need, error)
	// Flush runs fn in the transaction that stores what was handed over before, or in a later one.
	Flush(ctx context.Context, fn func(*models.Tx) error) error
}

// Account is what an unlocked account lends to a Service, from Attach to Detach. Now is the node's time.
type Account struct {
	Store   stored.Store
	Chats   Chats
	Line    Line
	Network Network
	Now     func() time.Time
}

// Service gets what waits at mailservers for whichever account is open. Its methods may be called from any goroutine; while no
// account is attached they fail with the code locked.
type Service struct {
	cfg  Config
	mu   sync.RWMutex // guards the pointer, never held over slow work
	open *keeper      // nil while locked
}

var (
	errNoSuchChat = fault.New(fault.NoSuchChat, "That chat is not in your list.")
	errNoServer   = fault.New(fault.NotAllowed, "No mailserver is known. Add one, or join a network that has one.")
	errNoLine     = fault.New(fault.NotAllowed, "No mailserver is connected. They are asked as soon as one is.")
)

// errAttached is a mistake of the program, not of a person.
var errAttached = errors.New("history: an account is attached already")

// New returns a Service without an account.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{cfg: c}
}

// Attach takes an unlocked account on and begins to catch up. What it lends must stay usable until Detach has returned.
func (s *Service) Attach(a Account) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open != nil {
		return errAttached
	}
	s.open = newKeeper(s.cfg, a)
	s.open.work.Go(s.open.run)
	return nil
}

// Detach ends all work for the account and waits for it. Without an account it does nothing.
func (s *Service) Detach() {
	s.mu.Lock()
	k := s.open
	s.open = nil
	s.mu.Unlock()
	if k == nil {
		return
	}
	k.cancel()
	k.work.Wait()
}

// Changed tells that mailservers came or went, or that other topics are listened to. It returns at once.
func (s *Service) Changed() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.open != nil {
		s.open.poke()
	}
}

func (s *Service) attached() (*keeper, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.open == nil {
		return nil, stored.ErrLocked
	}
	return s.open, nil
}

// Sync asks for what is missing now and waits until everything that mailservers have of it is stored, or ctx ends. With a
// chat it also asks for what was said there in the last thirty days before it was joined. The codes are locked, no_such_chat, not_allowed
// where nobody can be asked or nobody answered, and storage.
func (s *Service) Sync(ctx context.Context, chat string) (Progress, error) {
	k, err := s.attached()
	if err != nil {
		return Progress{}, err
	}
	if chat != "" {
		if _, err := k.chatKind(ctx, chat); err != nil {
			return Progress{}, stored.Refusal(err)
		}
	}
	w := &waiter{chat: chat, done: make(chan outcome, 1)}
	select {
	case k.asked <- w:
	case <-ctx.Done():
		return k.progress.read(), ctx.Err()
	case <-k.ctx.Done():
		return Progress{}, stored.ErrLocked
	}
	select {
	case o := <-w.done:
		return o.Progress, stored.Refusal(o.err)
	case <-ctx.Done():
		return k.progress.read(), ctx.Err()
	case <-k.ctx.Done():
		return Progress{}, stored.ErrLocked
	}
}

// Progress is how far catching up is.
func (s *Service) Progress(context.Context) Progress {
	k, err := s.attached()
	if err != nil {
		return Progress{}
	}
	return k.progress.read()
}
