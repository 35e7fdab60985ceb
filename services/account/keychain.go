package account

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"
)

// Keychain keeps small secrets for the person who is logged in. Get returns keyring.ErrNotFound where there is none; any
// other error of any method means that there is no keychain to be had.
type Keychain interface {
	Get(service, user string) (string, error)
	Set(service, user, secret string) error
	Delete(service, user string) error
}

// OSKeychain is the operating system's: Secret Service, macOS Keychain, Windows Credential Manager.
type OSKeychain struct{}

// Get implements Keychain.
func (OSKeychain) Get(service, user string) (string, error) { return keyring.Get(service, user) }

// Set implements Keychain.
func (OSKeychain) Set(service, user, secret string) error { return keyring.Set(service, user, secret) }

// Delete implements Keychain.
func (OSKeychain) Delete(service, user string) error { return keyring.Delete(service, user) }

const keychainService = "sotto"

var (
	errKeychain        = errors.New("no keychain")
	errKeychainMissing = errors.New("the keychain has no key for this account")
)

// keychain holds wrapping keys, one per account. A keychain may ask its owner something and hang, and cannot be
// interrupted: each call therefore runs on a goroutine of its own, at most one at a time, and is given up after a while.
type keychain struct {
	back    Keychain
	timeout time.Duration
	turn    chan struct{} // holds one token while a call runs
}

func newKeychain(back Keychain, timeout time.Duration) *keychain {
	return &keychain{back: back, timeout: timeout, turn: make(chan struct{}, 1)}
}

// get returns 32 bytes, errKeychainMissing or errKeychain.
func (k *keychain) get(ctx context.Context, id string) ([]byte, error) {
	var secret string
	err := k.call(ctx, func() (err error) {
		secret, err = k.back.Get(keychainService, id)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(secret)
	if err != nil || len(key) != keySize {
		return nil, errKeychainMissing // not ours: as good as nothing
	}
	return key, nil
}

// set stores the key. A call that succeeds after it was given up is undone, so that no secret stays behind unnoticed.
func (k *keychain) set(ctx context.Context, id string, key []byte) error {
	secret := hex.EncodeToString(key)
	return k.call(ctx, func() error { return k.back.Set(keychainService, id, secret) },
		func() { _ = k.back.Delete(keychainService, id) })
}

// delete removes the key; there being none is fine.
func (k *keychain) delete(ctx context.Context, id string) error {
	err := k.call(ctx, func() error { return k.back.Delete(keychainService, id) }, nil)
	if errors.Is(err, errKeychainMissing) {
		return nil
	}
	return err
}

// call waits for f no longer than the timeout. What f writes may be read only when call returns nil.
func (k *keychain) call(ctx context.Context, f func() error, undo func()) error {
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("%w: an earlier question is still open", errKeychain)
	}
	answered := make(chan error)
	go func() {
		defer func() { <-k.turn }()
		err := f()
		select {
		case answered <- err:
		case <-ctx.Done():
			if err == nil && undo != nil {
				undo()
			}
		}
	}()
	select {
	case err := <-answered:
		return keychainError(err)
	case <-ctx.Done():
		return fmt.Errorf("%w: no answer: %w", errKeychain, context.Cause(ctx))
	}
}

func keychainError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return errKeychainMissing
	default:
		return fmt.Errorf("%w: %w", errKeychain, err)
	}
}

// close waits for a call that is still running, but not longer than the timeout or ctx.
func (k *keychain) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	select {
	case k.turn <- struct{}{}:
		<-k.turn
	case <-ctx.Done():
	}
}
