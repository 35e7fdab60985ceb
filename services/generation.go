package services

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"sotto/models"
)

// settingGeneration holds the generation that the file had, and the one that was to follow it: two times 16 bytes. Where the
// file could not be written it holds notWritten.
const settingGeneration = "generation"

var notWritten = []byte("not written")

const generationSize = 16

// generation is a random number that stands in the database and in a file outside the account's folder, and changes
// whenever the account is opened and closed. Where they differ, the folder was rolled back or copied, and keys may be used a
// second time.
type generation struct {
	path  string
	store *models.Store
	rand  io.Reader
}

func newGeneration(state, id string, store *models.Store, random io.Reader) *generation {
	if random == nil {
		random = rand.Reader
	}
	return &generation{path: filepath.Join(state, "generations", id), store: store, rand: random}
}

// differs says whether the database is not where it was left. What cannot be read outside counts as not there: a number was
// written there once, so that it may be that the folder was copied to where there is none.
func (g *generation) differs(ctx context.Context) (bool, error) {
	inside, err := g.inside(ctx)
	if err != nil || bytes.Equal(inside, notWritten) {
		return false, err
	}
	outside, err := g.outside()
	switch {
	case len(inside) == 0 && len(outside) == 0:
		return false, nil
	case err != nil, len(outside) == 0, len(inside) != 2*generationSize:
		return true, nil
	}
	return !bytes.Equal(outside, inside[:generationSize]) && !bytes.Equal(outside, inside[generationSize:]), nil
}

// move goes on to the next number. The database names both it and the one before, so that a crash between the two does not
// look like a difference. Where the file cannot be written nothing is claimed: then nothing will be noticed either.
func (g *generation) move(ctx context.Context) error {
	last, err := g.outside()
	if err != nil {
		return errors.Join(err, g.put(ctx, notWritten))
	}
	if len(last) == 0 {
		last = make([]byte, generationSize)
	}
	next := make([]byte, generationSize)
	if _, err := io.ReadFull(g.rand, next); err != nil {
		return fmt.Errorf("randomness for a generation: %w", err)
	}
	if err := g.put(ctx, append(last, next...)); err != nil {
		return err
	}
	if err := g.write(next); err != nil {
		return errors.Join(err, g.put(ctx, notWritten))
	}
	return nil
}

func (g *generation) inside(ctx context.Context) (value []byte, err error) {
	err = g.store.View(ctx, func(tx *models.Tx) error {
		value, _, err = tx.Setting(settingGeneration)
		return err
	})
	return value, err
}

func (g *generation) put(ctx context.Context, value []byte) error {
	return g.store.Update(ctx, func(tx *models.Tx) error { return tx.SetSetting(settingGeneration, value) })
}

// outside is the number in the file; empty where there is no file, or another thing in it.
func (g *generation) outside() ([]byte, error) {
	raw, err := os.ReadFile(g.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read generation: %w", err)
	}
	value, err := hex.DecodeString(string(raw))
	if err != nil || len(value) != generationSize {
		return nil, nil
	}
	return value, nil
}

// write replaces the file as a whole.
func (g *generation) write(value []byte) error {
	if err := os.MkdirAll(filepath.Dir(g.path), 0o700); err != nil {
		return fmt.Errorf("write generation: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(g.path), "new-*")
	if err != nil {
		return fmt.Errorf("write generation: %w", err)
	}
	_, err = temp.WriteString(hex.EncodeToString(value))
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), g.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write generation: %w", err), os.Remove(temp.Name()))
	}
	return syncFolder(filepath.Dir(g.path))
}

// syncFolder makes the names in a folder durable. Windows has no such call and needs none.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("synchronise folder: %w", err)
	}
	return nil
}
