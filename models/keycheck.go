package models

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// checkSuffix names the file that holds the key check value, beside the database. It exists from the moment at which
// the database holds something: so an emptied or missing database is not mistaken for a new one, and a wrong key is
// refused before the engine touches the files.
const checkSuffix = ".check"

// checkValue is a one-way function of the key: it confirms a key and gives nothing away of one.
func checkValue(key [32]byte) []byte {
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte("sotto account database, key check value 1"))
	return mac.Sum(nil)
}

// checkKey compares key with the stored check value. known is false where there is none yet.
func checkKey(path string, key [32]byte) (known bool, err error) {
	stored, err := os.ReadFile(path + checkSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read key check value: %w", err)
	}
	if len(stored) != sha256.Size {
		return false, fmt.Errorf("key check value: %w", ErrNotDatabase)
	}
	if !hmac.Equal(stored, checkValue(key)) {
		return true, ErrWrongKey
	}
	return true, nil
}

// saveCheck writes the check value whole or not at all: a new file, synchronised, then renamed.
func saveCheck(path string, key [32]byte) error {
	temp := path + checkSuffix + ".new"
	if err := writeSynced(temp, checkValue(key)); err != nil {
		return fmt.Errorf("write key check value: %w", err)
	}
	if err := os.Rename(temp, path+checkSuffix); err != nil {
		return fmt.Errorf("write key check value: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
