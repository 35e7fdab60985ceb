package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"os"
	"strings"

	"sotto/services/fault"
)

// Remove deletes an account with its history from this computer; the recovery phrase can bring the account back, the
// history not. Where the account has a password, the password must be right; where its vault is damaged there is none to
// compare with. The account may be open or locked.
//
// It refuses with no_such_account, account_in_use, wrong_password or storage.
func (s *Service) Remove(ctx context.Context, id, password string) error {
	done, err := s.exclusive(ctx)
	if err != nil {
		return err
	}
	defer done()
	file, err := s.read(id)
	if err != nil && !errors.Is(err, errVault) {
		return err
	}
	damaged := err != nil
	if !damaged {
		if err := confirm(file, password); err != nil {
			return err
		}
	}
	if current, ok := s.Current(); ok && current.ID == id {
		if err := s.leave(ctx); err != nil {
			s.cfg.Log.Warn("closing an account that is being removed", "error", err)
		}
	}
	lock, err := s.take(id)
	if err != nil {
		return err
	}
	err = s.erase(id)
	s.release(lock)
	if err != nil {
		return err
	}
	if damaged || file.Keychain {
		s.forget(ctx, id)
	}
	return fault.Storage(s.cfg.Dir, os.RemoveAll(s.folder(id)))
}

func confirm(f *vaultFile, password string) error {
	if f.Password == nil {
		return nil
	}
	wrapping, err := byPassword(f, password)
	clear(wrapping)
	return err
}

// Rename gives the open account another local name; the empty one takes the pseudonym. It refuses with locked, bad_name
// or storage.
func (s *Service) Rename(ctx context.Context, name string) error {
	name = strings.TrimSpace(name)
	if err := checkName(name); err != nil {
		return err
	}
	return s.change(ctx, func(_ *opened, f *vaultFile) error {
		f.Name = name
		return nil
	})
}

// SetColour chooses the colour that stands for the open account before unlock, 0 to Colours-1. It refuses with locked,
// not_allowed or storage.
func (s *Service) SetColour(ctx context.Context, colour int) error {
	if colour < 0 || colour >= Colours {
		return fault.New(fault.NotAllowed, "There is no such colour. Choose one of those shown.")
	}
	return s.change(ctx, func(_ *opened, f *vaultFile) error {
		f.Colour = colour
		return nil
	})
}

// SetPassword lets a password open the account, in place of an earlier one. It refuses with locked, wrong_password for an
// empty one, or storage.
func (s *Service) SetPassword(ctx context.Context, password string) error {
	if password == "" {
		return fault.New(fault.WrongPassword, "A password needs at least one character.")
	}
	return s.change(ctx, func(o *opened, f *vaultFile) (err error) {
		f.Password, err = newPasswordSlot(s.cfg.Rand, f.ID, password, s.cfg.KDF, o.wrapping)
		return err
	})
}

// RemovePassword ends that a password opens the account. It refuses with locked, with not_allowed where nothing but the
// phrase would be left, with no_keychain where the keychain that would be left does not hold the key, or with storage.
func (s *Service) RemovePassword(ctx context.Context) error {
	return s.change(ctx, func(o *opened, f *vaultFile) error {
		if !f.Keychain {
			return lastSlot()
		}
		if err := s.keychainHolds(ctx, f.ID, o.wrapping); err != nil {
			return fault.Wrap(fault.NoKeychain, "The keychain does not have the key of this account now, so your password "+
				"stays. Remove the keychain and add it again first.", err)
		}
		f.Password = nil
		return nil
	})
}

// keychainHolds asks the keychain: what the vault says of it may be out of date.
func (s *Service) keychainHolds(ctx context.Context, id string, wrapping []byte) error {
	kept, err := s.keychain.get(ctx, id)
	if err != nil {
		return err
	}
	defer clear(kept)
	if subtle.ConstantTimeCompare(kept, wrapping) != 1 {
		return errKeychainMissing
	}
	return nil
}

// AddKeychain lets this computer's keychain open the account. It refuses with locked, no_keychain or storage.
func (s *Service) AddKeychain(ctx context.Context) error {
	var added string
	err := s.change(ctx, func(o *opened, f *vaultFile) error {
		if err := s.keychain.set(ctx, f.ID, o.wrapping); err != nil {
			return fault.Wrap(fault.NoKeychain, "The keychain did not answer. "+otherWays(f), err)
		}
		if !f.Keychain {
			added = f.ID
		}
		f.Keychain = true
		return nil
	})
	if err != nil && added != "" {
		s.forget(ctx, added)
	}
	return err
}

// RemoveKeychain ends that this computer's keychain opens the account. The entry goes first: as long as it is there it
// fits, so the slot is not called removed before. It refuses with locked, with not_allowed where nothing but the phrase
// would be left, with no_keychain where the entry cannot be deleted, or with storage.
func (s *Service) RemoveKeychain(ctx context.Context) error {
	return s.change(ctx, func(_ *opened, f *vaultFile) error {
		if f.Password == nil {
			return lastSlot()
		}
		if err := s.keychain.delete(ctx, f.ID); err != nil {
			return fault.Wrap(fault.NoKeychain,
				"The keychain did not answer, so the key is still in it. Try again when it does.", err)
		}
		f.Keychain = false
		return nil
	})
}

func lastSlot() error {
	return fault.New(fault.NotAllowed, "Besides your recovery phrase nothing else opens this account. Add another way first.")
}

// change edits a copy of the open account's vault, writes it, and shows it; on an error everything stays as it was.
func (s *Service) change(ctx context.Context, edit func(o *opened, f *vaultFile) error) error {
	done, err := s.exclusive(ctx)
	if err != nil {
		return err
	}
	defer done()
	o, err := s.unlocked()
	if err != nil {
		return err
	}
	file := o.file.clone()
	if err := edit(o, file); err != nil {
		return err
	}
	return s.replace(o, file, o.secrets)
}
