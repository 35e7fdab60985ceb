package account

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
	"sotto/services/fault"
)

const maxName = 64 // characters

// Create makes an account with new keys and opens it; another open account is closed. The phrase also stays in the vault
// until its backup is confirmed. When anything fails, no account is left behind.
//
// It refuses with bad_name, no_keychain or storage.
func (s *Service) Create(ctx context.Context, o Options) (Created, error) {
	phrase, err := identity.NewPhrase(s.cfg.Rand)
	if err != nil {
		return Created{}, err
	}
	keys, err := keysOf(phrase)
	if err != nil {
		return Created{}, err
	}
	defer clear(keys.Slot[:])
	done, err := s.exclusive(ctx)
	if err != nil {
		return Created{}, err
	}
	defer done()
	account, err := s.add(ctx, o, keys, phrase.Reveal())
	if err != nil {
		return Created{}, err
	}
	return Created{Account: account, Phrase: phrase.Reveal()}, nil
}

// Recover makes an account again from its phrase (12 to 24 words, in any spacing and letter case) and opens it. The vault
// does not keep the phrase: the person has it.
//
// It refuses with bad_phrase, account_exists where the same account is in this folder already, and as Create does.
func (s *Service) Recover(ctx context.Context, phrase string, o Options) (Account, error) {
	keys, _, err := keysOfPhrase(phrase)
	if err != nil {
		return Account{}, err
	}
	defer clear(keys.Slot[:])
	done, err := s.exclusive(ctx)
	if err != nil {
		return Account{}, err
	}
	defer done()
	if err := s.refuseTwin(keys); err != nil {
		return Account{}, err
	}
	return s.add(ctx, o, keys, "")
}

// refuseTwin tries the phrase on every vault: each has a slot for it, so no trace of whose it is need be kept outside.
func (s *Service) refuseTwin(keys identity.Keys) error {
	ids, err := s.ids()
	if err != nil {
		return err
	}
	for _, id := range ids {
		f, err := s.read(id)
		if err != nil {
			continue // damaged, or removed this instant: recovering is the way out
		}
		wrapping, err := f.Phrase.open(f.ID, keys.Slot[:])
		if err == nil {
			clear(wrapping)
			return fault.New(fault.AccountExists, "This account is on this computer already. Unlock it instead.")
		}
	}
	return nil
}

// add builds an account's folder and opens it.
func (s *Service) add(ctx context.Context, o Options, keys identity.Keys, phrase string) (Account, error) {
	name := strings.TrimSpace(o.Name)
	if err := checkName(name); err != nil {
		return Account{}, err
	}
	v, err := s.newVault(name, keys, phrase)
	if err != nil {
		return Account{}, err
	}
	v.recovered = phrase == "" // a new one is kept until its backup is confirmed
	undo, err := s.store(ctx, v, o)
	if err != nil {
		undo()
		return Account{}, err
	}
	account, err := s.enter(ctx, v)
	if err != nil {
		undo()
		return Account{}, err
	}
	return account, nil
}

// newVault draws what is random about an account and seals it.
func (s *Service) newVault(name string, keys identity.Keys, phrase string) (*opened, error) {
	id, err := newID(s.cfg.Rand)
	if err != nil {
		return nil, err
	}
	random, err := randomBytes(s.cfg.Rand, 2*keySize+1)
	if err != nil {
		return nil, err
	}
	defer clear(random[keySize:])
	wrapping := random[:keySize:keySize]
	kept := &secrets{chat: [keySize]byte(crypto.FromECDSA(keys.Chat)), phrase: phrase}
	copy(kept.database[:], random[keySize:])
	file := &vaultFile{Version: vaultVersion, ID: id, Name: name, Colour: int(random[2*keySize]) % Colours}
	if file.Phrase, err = newPhraseSlot(s.cfg.Rand, id, keys.Slot[:], wrapping); err != nil {
		return nil, err
	}
	if err := file.seal(s.cfg.Rand, wrapping, kept); err != nil {
		return nil, err
	}
	return &opened{file: file, wrapping: wrapping, secrets: kept}, nil
}

// store makes the folder, takes its lock, fills the slots that were asked for, and writes the vault last. What it did is
// taken back by undo, which is never nil.
func (s *Service) store(ctx context.Context, v *opened, o Options) (undo func(), err error) {
	id := v.file.ID
	undo = func() {
		if err := os.RemoveAll(s.folder(id)); err != nil && exists(s.folder(id)) {
			s.cfg.Log.Warn("a half-made account's files remain", "id", id, "error", err)
		}
	}
	if err := makeFolder(s.folder(id)); err != nil {
		return undo, fault.Storage(s.cfg.Dir, err)
	}
	if v.lock, err = s.take(id); err != nil {
		return undo, err
	}
	removeFolder := undo
	undo = func() { s.drop(v); removeFolder() }
	if o.Password != "" {
		if v.file.Password, err = newPasswordSlot(s.cfg.Rand, id, o.Password, s.cfg.KDF, v.wrapping); err != nil {
			return undo, err
		}
	}
	if o.Keychain {
		if err := s.keychain.set(ctx, id, v.wrapping); err != nil {
			return undo, newKeychainFault(err)
		}
		v.file.Keychain = true
		withKeychain := undo
		undo = func() { s.forget(ctx, id); withKeychain() }
	}
	return undo, s.write(v.file)
}

// forget removes a keychain entry that nothing needs any more. It opens nothing by itself, so failing is only untidy.
func (s *Service) forget(ctx context.Context, id string) {
	if err := s.keychain.delete(context.WithoutCancel(ctx), id); err != nil {
		s.cfg.Log.Warn("an entry stays in the keychain", "account", id, "error", err)
	}
}

func newKeychainFault(err error) error {
	return fault.Wrap(fault.NoKeychain, "The keychain of this computer did not answer. Choose a password instead.", err)
}

// checkName accepts the empty name, which stands for the pseudonym.
func checkName(name string) error {
	bad := strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
	if bad || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName {
		return fault.New(fault.BadName, fmt.Sprintf("A name is one line of at most %d characters.", maxName))
	}
	return nil
}

// keysOfPhrase reads a phrase as a person wrote it. What is wrong with it is pointed out.
func keysOfPhrase(text string) (identity.Keys, identity.Phrase, error) {
	phrase, err := identity.ParsePhrase(text)
	if err != nil {
		return identity.Keys{}, phrase, phraseFault(err)
	}
	keys, err := keysOf(phrase)
	if err != nil {
		return identity.Keys{}, phrase, fault.Wrap(fault.BadPhrase, "No account can be made of this recovery phrase.", err)
	}
	return keys, phrase, nil
}

func keysOf(phrase identity.Phrase) (identity.Keys, error) {
	seed := phrase.Seed("")
	defer clear(seed)
	return identity.DeriveKeys(seed)
}

func phraseFault(err error) error {
	text := "Those words are right, but not in this order or not all of one recovery phrase. Compare them with your list."
	if wrong, ok := errors.AsType[*identity.WordError](err); ok {
		text = wrongWordSentence(wrong)
	} else if errors.Is(err, identity.ErrPhraseEmpty) || errors.Is(err, identity.ErrPhraseLength) ||
		errors.Is(err, identity.ErrPhraseTooLong) {
		text = "A recovery phrase has 12, 15, 18, 21 or 24 words. Check that none is missing or twice."
	}
	return fault.Wrap(fault.BadPhrase, text, err)
}

// wrongWordSentence gives the place and the words that may be meant, never what was typed: sentences end up in reports.
func wrongWordSentence(wrong *identity.WordError) string {
	text := fmt.Sprintf("Word %d is not a word of recovery phrases.", wrong.Position)
	if len(wrong.Suggestions) > 0 {
		text += " Did you mean " + strings.Join(wrong.Suggestions, ", ") + "?"
	}
	return text
}
