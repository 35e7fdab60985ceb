package account

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"sotto/node/identity"
	"sotto/services/event"
	"sotto/services/fault"
)

// Config is what a Service works with. Dir, Opener and Events are required.
type Config struct {
	Dir             string // one folder per account below it
	Opener          Opener
	Events          *event.Bus
	Keychain        Keychain      // nil: OSKeychain
	KeychainTimeout time.Duration // how long a keychain may take to answer; 0: 20 s, since it may ask its owner
	KDF             KDF           // for new password slots; zero: DefaultKDF
	Rand            io.Reader     // nil: crypto/rand
	Log             *slog.Logger  // nil: silent
}

func (c Config) withDefaults() Config {
	if c.Keychain == nil {
		c.Keychain = OSKeychain{}
	}
	if c.KeychainTimeout == 0 {
		c.KeychainTimeout = 20 * time.Second
	}
	if c.KDF == (KDF{}) {
		c.KDF = DefaultKDF
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Service is the accounts of one data folder, of which at most one is open. Its methods may be called from any
// goroutine; those that change something run one after another, and wait for their turn no longer than their context
// lasts. Refusals are *fault.Error.
type Service struct {
	cfg      Config
	disk     disk
	keychain *keychain
	turn     chan struct{} // holds one token while a change runs

	mu   sync.RWMutex // guards the pointer, never held over slow work
	open *opened
}

// opened is the open account. It is replaced, never changed, except under turn.
type opened struct {
	file      *vaultFile
	wrapping  []byte
	secrets   *secrets
	lock      *flock.Flock
	account   Account
	challenge [ChallengeWords]int // zeros: none was asked
	recovered bool                // made just now, from a phrase that there was before
}

// New returns the service of a folder, in which every account is locked.
func New(cfg Config) *Service {
	cfg = cfg.withDefaults()
	s := &Service{
		cfg:      cfg,
		disk:     osDisk{},
		keychain: newKeychain(cfg.Keychain, cfg.KeychainTimeout),
		turn:     make(chan struct{}, 1),
	}
	s.sweep()
	return s
}

// Close locks the open account, if any, and waits for the keychain, which may be asking its owner something, as long as
// ctx lasts.
func (s *Service) Close(ctx context.Context) error {
	err := s.Lock(ctx)
	s.keychain.close(ctx)
	return err
}

// List returns the accounts of the folder by name, those of one name by id. The open one is complete.
func (s *Service) List(ctx context.Context) ([]Account, error) {
	ids, err := s.ids()
	if err != nil {
		return nil, err
	}
	current, isOpen := s.Current()
	accounts := make([]Account, 0, len(ids))
	for _, id := range ids {
		if isOpen && id == current.ID {
			accounts = append(accounts, current)
			continue
		}
		f, err := s.read(id)
		switch {
		case fault.CodeOf(err) == fault.NoSuchAccount: // removed this instant
		case err != nil:
			s.cfg.Log.Warn("an account cannot be read", "id", id, "error", err)
			accounts = append(accounts, Account{ID: id, Name: "Damaged account " + id[:4]})
		default:
			accounts = append(accounts, lockedAccount(f))
		}
	}
	slices.SortFunc(accounts, func(a, b Account) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return accounts, nil
}

// Current is the open account.
func (s *Service) Current() (Account, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.open == nil {
		return Account{}, false
	}
	return s.open.account, true
}

// exclusive waits for the right to change something.
func (s *Service) exclusive(ctx context.Context) (done func(), err error) {
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// unlocked returns the open account or refuses with locked. Call it with the turn held.
func (s *Service) unlocked() (*opened, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.open == nil {
		return nil, fault.New(fault.Locked, "No account is open. Unlock one first.")
	}
	return s.open, nil
}

func (s *Service) setOpen(o *opened) {
	s.mu.Lock()
	s.open = o
	s.mu.Unlock()
	s.cfg.Events.Publish(event.Event{Kind: event.Account})
}

// replace writes a changed vault of the open account and then shows it.
func (s *Service) replace(o *opened, file *vaultFile, keys *secrets) error {
	if err := s.write(file); err != nil {
		return err
	}
	s.setOpen(&opened{
		file: file, wrapping: o.wrapping, secrets: keys, lock: o.lock,
		account: unlockedAccount(file, keys, o.account.Key, o.account.Short, o.account.Pseudonym),
	})
	return nil
}

func lockedAccount(f *vaultFile) Account {
	name := f.Name
	if name == "" {
		name = "Account " + f.ID[:4]
	}
	return Account{ID: f.ID, Name: name, Colour: f.Colour, Slots: f.slots()}
}

func unlockedAccount(f *vaultFile, keys *secrets, key, short, pseudonym string) Account {
	a := lockedAccount(f)
	a.Key, a.Short, a.Pseudonym = key, short, pseudonym
	if f.Name == "" {
		a.Name = pseudonym
	}
	a.Unlocked = true
	a.BackupPending = keys.phrase != ""
	return a
}

// publicTexts are the forms of a public key that an account shows.
func publicTexts(key identity.PublicKey) (long, short, pseudonym string) {
	return key.String(), key.Short(), key.Pseudonym()
}
