package account

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	vaultVersion = 1
	maxVaultSize = 16 << 10
	idSize       = 16 // bytes; twice as many hex digits

	// secretsSize is fixed, so that the file's length does not tell whether the phrase is still in it.
	secretsSize   = 512
	maxPhraseSize = secretsSize - 2*keySize - 2
	keysSize      = chacha20poly1305.NonceSizeX + secretsSize + chacha20poly1305.Overhead
)

var (
	errVault      = errors.New("damaged vault")
	errNewerVault = errors.New("vault of a newer version")
)

// vaultFile is what stands on disk. All but the name and the colour is sealed or random.
type vaultFile struct {
	Version  int           `json:"version"`
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Colour   int           `json:"colour"`
	Keychain bool          `json:"keychain"` // the keychain holds the wrapping key
	Password *passwordSlot `json:"password,omitempty"`
	Phrase   *phraseSlot   `json:"phrase"`
	Keys     []byte        `json:"keys"` // the secrets, sealed under the wrapping key
}

// secrets is what a vault keeps.
type secrets struct {
	chat     [keySize]byte // private key of the account, big endian
	database [keySize]byte
	phrase   string // empty once the backup is confirmed
}

func (f *vaultFile) encode() ([]byte, error) {
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(data, '\n'), nil
}

// decodeVault accepts exactly what encode writes, in any order and spacing.
func decodeVault(data []byte) (*vaultFile, error) {
	if len(data) > maxVaultSize {
		return nil, fmt.Errorf("%w: %d bytes", errVault, len(data))
	}
	if err := checkVersion(data); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var f vaultFile
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("%w: %w", errVault, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: more than one value", errVault)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return &f, nil
}

// checkVersion comes before the strict reading: a newer file has fields that are not known here, and is not damaged.
func checkVersion(data []byte) error {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("%w: %w", errVault, err)
	}
	switch {
	case head.Version > vaultVersion:
		return fmt.Errorf("%w %d", errNewerVault, head.Version)
	case head.Version != vaultVersion:
		return fmt.Errorf("%w: version %d", errVault, head.Version)
	}
	return nil
}

func (f *vaultFile) check() error {
	switch {
	case !validID(f.ID):
		return fmt.Errorf("%w: id", errVault)
	case f.Colour < 0 || f.Colour >= Colours:
		return fmt.Errorf("%w: colour", errVault)
	case f.Name != "" && checkName(f.Name) != nil:
		return fmt.Errorf("%w: name", errVault)
	case len(f.Keys) != keysSize:
		return fmt.Errorf("%w: keys", errVault)
	case f.Phrase == nil || len(f.Phrase.Salt) != saltSize || len(f.Phrase.Sealed) != sealedSize:
		return fmt.Errorf("%w: phrase slot", errVault)
	case f.Password != nil && f.Password.check() != nil:
		return fmt.Errorf("%w: password slot", errVault)
	}
	return nil
}

func (s *passwordSlot) check() error {
	if len(s.Salt) != saltSize || len(s.Sealed) != sealedSize {
		return errVault
	}
	return s.KDF.check()
}

func (f *vaultFile) seal(rand io.Reader, wrapping []byte, s *secrets) error {
	plain, err := s.encode()
	if err != nil {
		return err
	}
	defer clear(plain)
	f.Keys, err = seal(rand, wrapping, plain, f.ID, sealKeys)
	return err
}

func (f *vaultFile) unseal(wrapping []byte) (*secrets, error) {
	plain, err := unseal(wrapping, f.Keys, f.ID, sealKeys)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	return decodeSecrets(plain)
}

func (f *vaultFile) slots() Slots {
	return Slots{Keychain: f.Keychain, Password: f.Password != nil, Phrase: f.Phrase != nil}
}

// clone is a copy whose fields can be replaced without touching f.
func (f *vaultFile) clone() *vaultFile {
	c := *f
	return &c
}

// encode lays out chat key (32) || database key (32) || length of the phrase (2, big endian) || phrase || zeros.
func (s *secrets) encode() ([]byte, error) {
	if len(s.phrase) > maxPhraseSize {
		return nil, fmt.Errorf("%w: phrase of %d bytes", errVault, len(s.phrase))
	}
	b := make([]byte, 0, secretsSize)
	b = append(b, s.chat[:]...)
	b = append(b, s.database[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.phrase)))
	b = append(b, s.phrase...)
	return b[:secretsSize], nil
}

func decodeSecrets(b []byte) (*secrets, error) {
	if len(b) != secretsSize {
		return nil, fmt.Errorf("%w: secrets of %d bytes", errVault, len(b))
	}
	var s secrets
	copy(s.chat[:], b)
	copy(s.database[:], b[keySize:])
	n := int(binary.BigEndian.Uint16(b[2*keySize:]))
	if n > maxPhraseSize {
		return nil, fmt.Errorf("%w: phrase of %d bytes", errVault, n)
	}
	s.phrase = string(b[2*keySize+2:][:n])
	return &s, nil
}

// wipe forgets the keys. The phrase is a string and stays until it is collected.
func (s *secrets) wipe() {
	clear(s.chat[:])
	clear(s.database[:])
	s.phrase = ""
}

func newID(rand io.Reader) (string, error) {
	b, err := randomBytes(rand, idSize)
	return hex.EncodeToString(b), err
}

// validID keeps everything else from ever becoming part of a path.
func validID(id string) bool {
	if len(id) != 2*idSize {
		return false
	}
	for _, c := range id {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
