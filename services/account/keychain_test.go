package account

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"
)

// slowKeychain answers when it is let.
type slowKeychain struct {
	mu      sync.Mutex
	entries map[string]string
	answer  chan struct{}
}

func newSlowKeychain() *slowKeychain {
	return &slowKeychain{entries: map[string]string{}, answer: make(chan struct{})}
}

func (k *slowKeychain) Get(_, user string) (string, error) {
	<-k.answer
	k.mu.Lock()
	defer k.mu.Unlock()
	if secret, ok := k.entries[user]; ok {
		return secret, nil
	}
	return "", keyring.ErrNotFound
}

func (k *slowKeychain) Set(_, user, secret string) error {
	<-k.answer
	k.mu.Lock()
	defer k.mu.Unlock()
	k.entries[user] = secret
	return nil
}

func (k *slowKeychain) Delete(_, user string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.entries, user)
	return nil
}

func (k *slowKeychain) size() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.entries)
}

func TestKeychainThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		back := newSlowKeychain()
		k := newKeychain(back, 10*time.Second)
		start := time.Now()
		if _, err := k.get(t.Context(), "id"); !errors.Is(err, errKeychain) {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(start); waited != 10*time.Second {
			t.Errorf("waited %v", waited)
		}
		// The first question still hangs: the second must not start another.
		if err := k.set(t.Context(), "id", make([]byte, keySize)); !errors.Is(err, errKeychain) {
			t.Errorf("got %v", err)
		}
		close(back.answer)
		k.close(t.Context())
		if _, err := k.get(t.Context(), "id"); !errors.Is(err, errKeychainMissing) {
			t.Errorf("after it answered: %v", err)
		}
	})
}

// A window that closes while the keychain asks its owner something does not wait for the answer.
func TestClosingDoesNotWaitForTheKeychain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		back := newSlowKeychain()
		k := newKeychain(back, time.Hour)
		asked, cancel := context.WithCancel(t.Context())
		go func() { _, _ = k.get(asked, "id") }()
		synctest.Wait()
		ctx, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		start := time.Now()
		k.close(ctx)
		if took := time.Since(start); took > time.Second {
			t.Errorf("closing took %v", took)
		}
		cancel()
		close(back.answer)
		synctest.Wait()
	})
}

func TestKeyStoredTooLateIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		back := newSlowKeychain()
		k := newKeychain(back, time.Second)
		if err := k.set(t.Context(), "id", make([]byte, keySize)); !errors.Is(err, errKeychain) {
			t.Fatalf("got %v", err)
		}
		close(back.answer)
		k.close(t.Context())
		if n := back.size(); n != 0 {
			t.Errorf("%d entries stay that nobody knows of", n)
		}
	})
}

func TestKeychainEndsWithTheCallersContext(t *testing.T) {
	back := newSlowKeychain()
	k := newKeychain(back, time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.get(ctx, "id"); !errors.Is(err, errKeychain) {
		t.Errorf("got %v", err)
	}
	close(back.answer)
	k.close(t.Context())
}

func TestForeignKeychainEntriesCountAsMissing(t *testing.T) {
	back := newSlowKeychain()
	close(back.answer)
	k := newKeychain(back, time.Second)
	for _, entry := range []string{"", "hunter2", "abcd"} {
		back.entries["id"] = entry
		if _, err := k.get(t.Context(), "id"); !errors.Is(err, errKeychainMissing) {
			t.Errorf("entry %q: %v", entry, err)
		}
	}
}
