package account

import (
	"context"
	"errors"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/gofrs/flock"

	"sotto/node/identity"
	"sotto/services/fault"
)

// Unlock opens an account and starts what runs with it. Another open account is closed first, but only once the
// credential has proved right. An account that is open already stays as it is, whatever the credential.
//
// It refuses with no_such_account, account_in_use, wrong_password, bad_phrase, no_keychain or storage.
func (s *Service) Unlock(ctx context.Context, id string, c Credential) (Account, error) {
	done, err := s.exclusive(ctx)
	if err != nil {
		return Account{}, err
	}
	defer done()
	if current, ok := s.Current(); ok && current.ID == id {
		return current, nil
	}
	if _, err := s.read(id); err != nil {
		return Account{}, err
	}
	lock, err := s.take(id)
	if err != nil {
		return Account{}, err
	}
	o, err := s.prove(ctx, id, c)
	if err != nil {
		s.release(lock)
		return Account{}, err
	}
	o.lock = lock
	return s.enter(ctx, o)
}

// Lock closes the open account: what runs with it stops, and its keys are dropped. With none open it does nothing.
func (s *Service) Lock(ctx context.Context) error {
	done, err := s.exclusive(ctx)
	if err != nil {
		return err
	}
	defer done()
	return s.leave(ctx)
}

// prove reads a vault, now that nobody else can change it, and opens it with the credential.
func (s *Service) prove(ctx context.Context, id string, c Credential) (*opened, error) {
	s.tidy(id)
	file, err := s.read(id)
	if err != nil {
		return nil, err
	}
	wrapping, err := s.wrappingKey(ctx, file, c)
	if err != nil {
		return nil, err
	}
	keys, err := file.unseal(wrapping)
	if err != nil {
		return nil, vaultFault(errors.Join(errVault, err))
	}
	return &opened{file: file, wrapping: wrapping, secrets: keys}, nil
}

func (s *Service) wrappingKey(ctx context.Context, f *vaultFile, c Credential) ([]byte, error) {
	switch {
	case c.Password != "":
		return byPassword(f, c.Password)
	case c.Phrase != "":
		return byPhrase(f, c.Phrase)
	default:
		return s.byKeychain(ctx, f)
	}
}

func byPassword(f *vaultFile, password string) ([]byte, error) {
	if f.Password == nil {
		return nil, fault.New(fault.WrongPassword, "This account has no password. "+otherWays(f))
	}
	wrapping, err := f.Password.open(f.ID, password)
	if err != nil {
		return nil, fault.New(fault.WrongPassword, "That password does not open this account.")
	}
	return wrapping, nil
}

func byPhrase(f *vaultFile, text string) ([]byte, error) {
	keys, _, err := keysOfPhrase(text)
	if err != nil {
		return nil, err
	}
	defer clear(keys.Slot[:])
	wrapping, err := f.Phrase.open(f.ID, keys.Slot[:])
	if err != nil {
		return nil, fault.New(fault.BadPhrase, "That recovery phrase belongs to another account.")
	}
	return wrapping, nil
}

func (s *Service) byKeychain(ctx context.Context, f *vaultFile) ([]byte, error) {
	if !f.Keychain {
		return nil, fault.New(fault.NoKeychain, "This account is not in the keychain. "+otherWays(f))
	}
	wrapping, err := s.keychain.get(ctx, f.ID)
	if err != nil {
		return nil, keychainFault(f, err)
	}
	if _, err := f.unseal(wrapping); err != nil {
		return nil, keychainFault(f, errKeychainMissing) // the entry is of another time
	}
	return wrapping, nil
}

func keychainFault(f *vaultFile, err error) error {
	text := "The keychain did not answer. "
	if errors.Is(err, errKeychainMissing) {
		text = "The keychain no longer has the key of this account. "
	}
	return fault.Wrap(fault.NoKeychain, text+otherWays(f), err)
}

// otherWays says what opens an account when the keychain or a password does not.
func otherWays(f *vaultFile) string {
	if f.Password != nil {
		return "Your password opens the account."
	}
	return "Your recovery phrase opens the account."
}

// enter closes what is open and opens o, whose lock it owns from here on.
func (s *Service) enter(ctx context.Context, o *opened) (Account, error) {
	chat, err := crypto.ToECDSA(o.secrets.chat[:])
	if err != nil {
		s.drop(o)
		return Account{}, vaultFault(errors.Join(errVault, errors.New("no chat key")))
	}
	if err := s.leave(ctx); err != nil {
		s.drop(o)
		return Account{}, err
	}
	keys := Keys{ID: o.file.ID, Folder: s.folder(o.file.ID), Chat: chat, Database: o.secrets.database, Recovered: o.recovered}
	if err := s.cfg.Opener.Open(ctx, keys); err != nil {
		s.drop(o)
		return Account{}, err
	}
	long, short, pseudonym := publicTexts(identity.KeyOf(&chat.PublicKey))
	o.account = unlockedAccount(o.file, o.secrets, long, short, pseudonym)
	s.setOpen(o)
	return o.account, nil
}

// leave closes the open account. The account counts as closed even when closing reports an error.
func (s *Service) leave(ctx context.Context) error {
	o, err := s.unlocked()
	if err != nil {
		return nil // none is open
	}
	err = s.cfg.Opener.Close(ctx)
	s.drop(o)
	s.setOpen(nil)
	return err
}

func (s *Service) drop(o *opened) {
	o.secrets.wipe()
	clear(o.wrapping)
	s.releaseIfHeld(o.lock)
}

func (s *Service) releaseIfHeld(lock *flock.Flock) {
	if lock != nil {
		s.release(lock)
	}
}
