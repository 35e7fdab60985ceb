package account

import (
	"path/filepath"

	"github.com/gofrs/flock"

	"sotto/services/fault"
)

// lockName is a file in the account's folder. Whoever holds it may open the account's database and change its vault, so
// that no two processes ever run one account.
const lockName = "lock"

// take holds the account until the returned lock is released, or refuses with account_in_use.
func (s *Service) take(id string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(s.folder(id), lockName), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fault.Storage(s.cfg.Dir, err)
	}
	if !held {
		return nil, fault.New(fault.AccountInUse, "Another Sotto has this account open. Close it there first.")
	}
	return lock, nil
}

func (s *Service) release(lock *flock.Flock) {
	if err := lock.Close(); err != nil {
		s.cfg.Log.Warn("the lock of an account was not released", "error", err)
	}
}
