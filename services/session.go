package services

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/devices"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/groups"
	"sotto/services/history"
	"sotto/services/network"
)

// Config is what a Session works with. The zero value works: it keeps accounts where this system keeps programs' data and
// listens on a random port.
type Config struct {
	Data   string // folder of accounts; empty: account.DefaultPaths
	State  string // folder outside it, which tells when an account's folder was rolled back; empty: account.DefaultPaths
	Listen string // HOST:PORT; empty: ":0", a random port
	NAT    string // "auto" asks the router to map the port; "none" or empty does not
	Public string // HOST:PORT under which others reach this node; empty lets it find out

	Keychain        account.Keychain // nil: the operating system's
	KeychainTimeout time.Duration    // 0: account.Config's
	KDF             account.KDF      // zero: account.DefaultKDF
	Version         string           // of the program; peers see it
	Log             *slog.Logger     // nil: silent
	Now             func() time.Time // nil: time.Now
	Rand            io.Reader        // nil: crypto/rand
}

func (c Config) withDefaults() (Config, error) {
	if c.Data == "" {
		paths, err := account.DefaultPaths()
		if err != nil {
			return c, err
		}
		c.Data = paths.Data
	}
	if c.State == "" {
		paths, err := account.DefaultPaths()
		if err != nil { // nobody's home: a copy of an account's folder is still noticed, one of everything is not
			paths = account.PathsUnder(c.Data)
		}
		c.State = paths.State
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	return c, nil
}

// Session is the services over one data folder. At most one account is open at a time.
type Session struct {
	Account  *account.Service
	Contacts *contacts.Service
	Chats    *chats.Service
	Groups   *groups.Service
	Devices  *devices.Service
	Network  *network.Service
	History  *history.Service
	Events   *event.Bus
}

// Open makes a session in which every account is locked. It touches the disk only when an account does.
func Open(cfg Config) (*Session, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if cfg.Data, err = filepath.Abs(cfg.Data); err != nil {
		return nil, fault.Storage(cfg.Data, err)
	}
	s := &Session{Events: event.NewBus()}
	s.History = history.New(history.Config{Events: s.Events, Log: cfg.Log})
	s.Network = network.New(network.Config{Events: heard{s.Events, s.History}, Now: cfg.Now, Log: cfg.Log})
	s.Chats = chats.New(chats.Config{Events: s.Events, Log: cfg.Log, Trouble: s.trouble, Topics: s.History.Changed})
	s.Contacts = contacts.New(s.Events)
	s.Groups = groups.New(s.Events)
	s.Devices = devices.New(s.Events)
	s.Account = account.New(account.Config{
		Dir:      account.PathsUnder(cfg.Data).Accounts(),
		Opener:   &runner{cfg: cfg, session: s},
		Events:   s.Events,
		Keychain: cfg.Keychain, KeychainTimeout: cfg.KeychainTimeout,
		KDF: cfg.KDF, Rand: cfg.Rand, Log: cfg.Log,
	})
	return s, nil
}

// Close locks the open account, if any, and waits until everything has ended.
func (s *Session) Close(ctx context.Context) error { return s.Account.Close(ctx) }

// trouble shows that the store refuses what arrived, and when it takes it again.
func (s *Session) trouble(err error) {
	if err == nil {
		s.Network.Resolve(network.DegradedStorage)
		return
	}
	text, remedy := storageTrouble(err)
	s.Network.Report(network.DegradedStorage, text, remedy)
}
