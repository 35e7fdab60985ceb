package account

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"sotto/services/fault"
)

const (
	vaultName   = "vault.json"
	removedName = "removed" // a vault under this name belongs to an account that is being removed
)

// disk replaces a file whole. Tests put one in its place that fails.
type disk interface {
	replace(folder, name string, data []byte) error
}

type osDisk struct{}

// replace writes beside the file, makes that durable, and moves it into place; a failure leaves the old file as it was.
func (osDisk) replace(folder, name string, data []byte) (err error) {
	f, err := os.CreateTemp(folder, name+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreMissing(os.Remove(f.Name())))
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(folder, name)); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder makes the entries of a folder durable. Windows has no such call and needs none.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// makeFolder makes a folder that only its owner can enter, with those above it, and makes their existence durable.
func makeFolder(folder string) error {
	if above := filepath.Dir(folder); !exists(above) {
		if err := makeFolder(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(filepath.Dir(folder))
}

func (s *Service) folder(id string) string { return filepath.Join(s.cfg.Dir, id) }

// read returns the vault of an account, or no_such_account, or storage.
func (s *Service) read(id string) (*vaultFile, error) {
	if !validID(id) {
		return nil, noSuchAccount()
	}
	data, err := readBounded(filepath.Join(s.folder(id), vaultName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noSuchAccount()
	}
	if err != nil {
		return nil, fault.Storage(s.cfg.Dir, err)
	}
	f, err := decodeVault(data)
	if err == nil && f.ID != id {
		err = fmt.Errorf("%w: it belongs to another account", errVault)
	}
	if err != nil {
		return nil, vaultFault(err)
	}
	return f, nil
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxVaultSize+1))
	return data, errors.Join(err, f.Close())
}

func (s *Service) write(f *vaultFile) error {
	data, err := f.encode()
	if err != nil {
		return err
	}
	return fault.Storage(s.cfg.Dir, s.disk.replace(s.folder(f.ID), vaultName, data))
}

// ids lists the accounts in the folder; there being no folder yet means that there are none.
func (s *Service) ids() ([]string, error) {
	entries, err := os.ReadDir(s.cfg.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Storage(s.cfg.Dir, err)
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() && validID(e.Name()) && exists(filepath.Join(s.folder(e.Name()), vaultName)) {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// erase takes an account away. From the moment its vault has the other name it is gone, whatever happens after.
func (s *Service) erase(id string) error {
	folder := s.folder(id)
	err := os.Rename(filepath.Join(folder, vaultName), filepath.Join(folder, removedName))
	if err != nil {
		return fault.Storage(s.cfg.Dir, err)
	}
	return fault.Storage(s.cfg.Dir, syncFolder(folder))
}

// sweep finishes removals, and takes away accounts that were never finished: what a crash interrupted.
func (s *Service) sweep() {
	entries, _ := os.ReadDir(s.cfg.Dir)
	for _, e := range entries {
		if !e.IsDir() || !validID(e.Name()) {
			continue
		}
		folder := s.folder(e.Name())
		if exists(filepath.Join(folder, vaultName)) {
			continue
		}
		if !exists(filepath.Join(folder, removedName)) {
			s.clearHalfMade(e.Name())
			continue
		}
		if err := os.RemoveAll(folder); err != nil {
			s.cfg.Log.Warn("a removed account's files remain", "folder", folder, "error", err)
		}
	}
}

// clearHalfMade takes away a folder that has nothing but what Create makes before the vault. It holds the account's lock
// and removes only what is empty, so that nothing is lost where another process is making an account just now.
func (s *Service) clearHalfMade(id string) {
	lock, err := s.take(id)
	if err != nil {
		return
	}
	defer s.release(lock)
	entries, err := os.ReadDir(s.folder(id))
	onlyOurs := func(e fs.DirEntry) bool { return e.Name() == lockName || isVaultCopy(e) }
	if err != nil || slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !onlyOurs(e) }) {
		return
	}
	s.tidy(id)
	_ = os.Remove(filepath.Join(s.folder(id), lockName)) // Windows keeps what is open: then the folder stays, too
	_ = os.Remove(s.folder(id))
}

func isVaultCopy(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), vaultName+".") }

// tidy removes copies of a vault that a crash left beside it: an old one would go on opening to an old password. The
// account's lock must be held.
func (s *Service) tidy(id string) {
	entries, _ := os.ReadDir(s.folder(id))
	for _, e := range entries {
		if !isVaultCopy(e) {
			continue
		}
		if err := os.Remove(filepath.Join(s.folder(id), e.Name())); err != nil {
			s.cfg.Log.Warn("a copy of an account's keys remains", "account", id, "error", err)
		}
	}
}

func noSuchAccount() error {
	return fault.New(fault.NoSuchAccount, "There is no such account on this computer.")
}

func vaultFault(err error) error {
	if errors.Is(err, errNewerVault) {
		return fault.Wrap(fault.StorageProblem, "A newer Sotto made this account. Update Sotto to open it.", err)
	}
	return fault.Wrap(fault.StorageProblem, "The file with this account's keys is damaged. "+
		"Put a copy from a backup in its place, or recover the account with your recovery phrase.", err)
}
