package overlay

import (
	"crypto/ecdsa"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ethereum/go-ethereum/crypto"
)

// LoadOrCreateKey reads the node key (secp256k1, 64 hex digits) from the file, or makes one from rand and keeps it there
// with mode 0600. The file is written whole or not at all, and one that is damaged is an error: a node that silently took a
// new key would be lost to everybody who knows its enode URL.
func LoadOrCreateKey(path string, rand io.Reader) (*ecdsa.PrivateKey, error) {
	key, err := loadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if key, err = newKey(rand); err != nil {
		return nil, err
	}
	if err := writeKey(path, key); err != nil {
		return nil, fmt.Errorf("overlay: keep node key: %w", err)
	}
	return key, nil
}

func loadKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("overlay: read node key: %w", err)
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(raw) != 32 {
		return nil, fmt.Errorf("overlay: node key file %s is damaged", path)
	}
	key, err := crypto.ToECDSA(raw)
	if err != nil {
		return nil, fmt.Errorf("overlay: node key file %s is damaged", path)
	}
	// A key copied from elsewhere may have come with open permissions.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, fmt.Errorf("overlay: close node key file to others: %w", err)
	}
	return key, nil
}

// newKey draws until the number is a valid secret: all but once in 2^127 the first is.
func newKey(rand io.Reader) (*ecdsa.PrivateKey, error) {
	var raw [32]byte
	for range 8 {
		if _, err := io.ReadFull(rand, raw[:]); err != nil {
			return nil, fmt.Errorf("overlay: random node key: %w", err)
		}
		if key, err := crypto.ToECDSA(raw[:]); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("overlay: the source of randomness gives no valid key")
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".nodekey-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = fmt.Fprintf(f, "%x\n", crypto.FromECDSA(key))
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the new name durable. Not every system can sync a folder, and the key is whole without it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	_ = d.Sync()
	return d.Close()
}
