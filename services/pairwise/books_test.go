package pairwise

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"sotto/models"
	"sotto/node/datasync/datasynctest"
	"sotto/node/identity"
	"sotto/node/secure/securetest"
)

// page is a transaction of a device, as the tests use it: what a conversation keeps beside what a Pair does.
type page interface {
	Tx
	Savepoint(func() error) error
	MarkPayload(hash [32]byte, at int64) (bool, error)
	PutChat(*models.Chat) error
	AddMessage(*models.Message) (bool, error)
	Message(id []byte) (models.Message, bool, error)
	AddStep(*models.Step) (bool, error)
	Steps(message int64) ([]models.Step, error)
	DueOutgoing(now, latest int64, limit int) ([]models.Outgoing, error)
	RemoveOutgoing(message int64) (bool, error)
	RemoveOutgoingByID(id int64) error
}

var _ page = (*models.Tx)(nil)

// books are a device's database. What Update's function does is undone where it fails.
type books interface {
	Update(func(page) error) error
	// Backup is a copy as of now, not opened.
	Backup(rapid.TB) books
	// Reopen is what a restart does.
	Reopen(rapid.TB)
	Close(rapid.TB)
}

// folder is a real database in a folder of its own.
type folder struct {
	dir   string
	store *models.Store // nil: not opened
}

const database = "a.db"

func newFolder(t rapid.TB, parent string) *folder {
	dir, err := os.MkdirTemp(parent, "*")
	if err != nil {
		t.Fatal(err)
	}
	return &folder{dir: dir}
}

func (f *folder) Update(fn func(page) error) error {
	return f.store.Update(context.Background(), func(tx *models.Tx) error { return fn(tx) })
}

func (f *folder) Close(t rapid.TB) {
	if f.store == nil {
		return
	}
	if err := f.store.Close(); err != nil {
		t.Fatal(err)
	}
	f.store = nil
}

func (f *folder) Reopen(t rapid.TB) {
	f.Close(t)
	var err error
	if f.store, err = models.Open(filepath.Join(f.dir, database), [32]byte{1}); err != nil {
		t.Fatal(err)
	}
}

func (f *folder) Backup(t rapid.TB) books {
	to := newFolder(t, filepath.Dir(f.dir))
	files, err := filepath.Glob(filepath.Join(f.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "-shm") {
			continue // lives in memory
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to.dir, filepath.Base(file)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// memory is a database that lives as long as the test, a hundred times as fast.
type memory struct{ *sheet }

// sheet is what is in it.
type sheet struct {
	*securetest.State
	sync
	settings map[string][]byte
	payloads map[[32]byte]bool
	messages []models.Message // row 1 first
	steps    []models.Step
	outbox   []models.Outgoing
	last     int64 // row of the outbox
}

// sync is the other State; both have a method Clone.
type sync = *datasynctest.State

func newMemory() *memory {
	return &memory{&sheet{
		State: securetest.New(), sync: datasynctest.New(), settings: map[string][]byte{}, payloads: map[[32]byte]bool{},
	}}
}

func (m *memory) Update(fn func(page) error) error {
	return m.Savepoint(func() error { return fn(m.sheet) })
}

func (m *memory) Backup(rapid.TB) books { return &memory{m.clone()} }

func (m *memory) Reopen(rapid.TB) { m.sheet = m.clone() }

func (m *memory) Close(rapid.TB) {}

func (s *sheet) clone() *sheet {
	return &sheet{
		State: s.State.Clone(), sync: s.sync.Clone(), settings: maps.Clone(s.settings), payloads: maps.Clone(s.payloads),
		messages: slices.Clone(s.messages), steps: slices.Clone(s.steps), outbox: slices.Clone(s.outbox), last: s.last,
	}
}

func (s *sheet) Savepoint(fn func() error) error {
	before := s.clone()
	err := fn()
	if err != nil {
		*s = *before
	}
	return err
}

func (s *sheet) Setting(name string) ([]byte, bool, error) {
	value, found := s.settings[name]
	return value, found, nil
}

func (s *sheet) SetSetting(name string, value []byte) error {
	delete(s.settings, name)
	if value != nil {
		s.settings[name] = value
	}
	return nil
}

func (s *sheet) ForgetInstallationKeys() error {
	s.State = s.Forgotten()
	return nil
}

func (s *sheet) MarkPayload(hash [32]byte, _ int64) (bool, error) {
	fresh := !s.payloads[hash]
	s.payloads[hash] = true
	return fresh, nil
}

func (s *sheet) PutChat(*models.Chat) error { return nil }

func (s *sheet) Blocked(identity.PublicKey) (bool, error) { return false, nil }

func (s *sheet) AddMessage(m *models.Message) (bool, error) {
	if _, found, _ := s.Message(m.ID); found {
		return false, nil
	}
	m.Row = int64(len(s.messages)) + 1
	s.messages = append(s.messages, *m)
	return true, nil
}

func (s *sheet) Message(id []byte) (models.Message, bool, error) {
	for _, m := range s.messages {
		if string(m.ID) == string(id) {
			return m, true, nil
		}
	}
	return models.Message{}, false, nil
}

func (s *sheet) MessageAt(row int64) (models.Message, bool, error) {
	if row < 1 || row > int64(len(s.messages)) {
		return models.Message{}, false, nil
	}
	return s.messages[row-1], true, nil
}

func (s *sheet) AddStep(step *models.Step) (bool, error) {
	known := slices.ContainsFunc(s.steps, func(o models.Step) bool {
		return o.Message == step.Message && o.State == step.State && o.Who == step.Who
	})
	if !known {
		s.steps = append(s.steps, *step)
	}
	return !known, nil
}

func (s *sheet) Steps(message int64) (list []models.Step, err error) {
	for _, step := range s.steps {
		if step.Message == message {
			list = append(list, step)
		}
	}
	return list, nil
}

func (s *sheet) Enqueue(o *models.Outgoing) error {
	s.last++
	o.ID = s.last
	s.outbox = append(s.outbox, *o)
	return nil
}

func (s *sheet) TrimControl(keep int) error {
	for i := len(s.outbox) - 1; i >= 0; i-- {
		if s.outbox[i].Message != 0 {
			continue
		}
		if keep--; keep < 0 {
			s.outbox = slices.Delete(s.outbox, i, i+1)
		}
	}
	return nil
}

func (s *sheet) OutgoingTo(message int64, recipient []byte) (models.Outgoing, bool, error) {
	at := slices.IndexFunc(s.outbox, func(o models.Outgoing) bool { return o.Message == message && bytes.Equal(o.Recipient, recipient) })
	if at < 0 {
		return models.Outgoing{}, false, nil
	}
	return s.outbox[at], true, nil
}

func (s *sheet) DueOutgoing(now, _ int64, limit int) (list []models.Outgoing, err error) {
	for _, o := range s.outbox {
		if o.NextTry <= now && len(list) < limit {
			list = append(list, o)
		}
	}
	return list, nil
}

func (s *sheet) RemoveOutgoing(message int64) (bool, error) {
	before := len(s.outbox)
	s.outbox = slices.DeleteFunc(s.outbox, func(o models.Outgoing) bool { return o.Message == message })
	return len(s.outbox) < before, nil
}

func (s *sheet) RemoveOutgoingByID(id int64) error {
	s.outbox = slices.DeleteFunc(s.outbox, func(o models.Outgoing) bool { return o.ID == id })
	return nil
}

// dawn is when the tests begin.
var dawn = time.Unix(1_600_000_000, 0)
