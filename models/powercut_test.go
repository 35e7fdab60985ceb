package models

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// disk is a file system that knows what a power cut would leave: of each file what was synchronised, and any of the
// 512-byte sectors written since; of each new name nothing until its folder was synchronised. Deleting is durable at
// once.
type disk struct {
	vfs.VFS
	mu     sync.Mutex
	files  map[string]*platter
	synced func() // called before each synchronisation, if set
}

// platter is one file.
type platter struct {
	named   bool    // its folder was synchronised
	data    []byte  // synchronised
	pending []write // since
}

// write is data at an offset or, without data, the file's new size.
type write struct {
	offset int64
	data   []byte
}

func (d *disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, flags, err := d.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	if err != nil || name.String() == "" {
		return file, flags, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[name.String()] == nil {
		d.files[name.String()] = new(platter)
	}
	return &diskFile{File: file, disk: d, platter: d.files[name.String()]}, flags, nil
}

func (d *disk) Delete(path string, syncDir bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, path)
	return d.VFS.Delete(path, syncDir)
}

func (d *disk) syncFolder(string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.files {
		p.named = true
	}
	return nil
}

// diskFile writes through and keeps account. It leaves out the optional call that lets the engine reserve space.
type diskFile struct {
	vfs.File
	*disk
	*platter
}

func (f *diskFile) WriteAt(p []byte, offset int64) (int, error) {
	n, err := f.File.WriteAt(p, offset)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending = append(f.pending, write{offset, append([]byte{}, p[:n]...)})
	return n, err
}

func (f *diskFile) Truncate(size int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending = append(f.pending, write{offset: size})
	return f.File.Truncate(size)
}

func (f *diskFile) Sync(vfs.SyncFlag) error {
	if f.synced != nil {
		f.synced()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.data = f.after(func() bool { return true })
	f.pending = nil
	return nil
}

func (f *diskFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }

// after is the contents when those sectors of pending writes have reached the disk for which arrived says so.
func (p *platter) after(arrived func() bool) []byte {
	data := append([]byte{}, p.data...)
	grow := func(size int64) {
		if more := size - int64(len(data)); more > 0 {
			data = append(data, make([]byte, more)...)
		}
	}
	for _, w := range p.pending {
		if w.data == nil {
			if arrived() {
				grow(w.offset)
				data = data[:w.offset]
			}
			continue
		}
		for at := 0; at < len(w.data); at += 512 {
			if arrived() {
				end := min(at+512, len(w.data))
				grow(w.offset + int64(end))
				copy(data[w.offset+int64(at):], w.data[at:end])
			}
		}
	}
	return data
}

// cut writes what a power cut leaves now into a new folder and returns the database's path there.
func (d *disk) cut(t *testing.T, r *rand.Rand, path string) string {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	target := filepath.Join(t.TempDir(), filepath.Base(path))
	if check, err := os.ReadFile(path + checkSuffix); err == nil {
		if err := os.WriteFile(target+checkSuffix, check, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, suffix := range []string{"", "-wal", "-journal"} {
		p := d.files[path+suffix]
		if p == nil || !p.named {
			continue
		}
		likelihood := r.Float64()
		left := p.after(func() bool { return r.Float64() < likelihood })
		if err := os.WriteFile(target+suffix, left, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return target
}

// powerCuts is how many times the light goes out; more under make prove.
var powerCuts = 12

func TestPowerCuts(t *testing.T) {
	for round := range powerCuts {
		t.Run(fmt.Sprint(round), func(t *testing.T) { cutOnce(t, uint64(round)) })
	}
}

var errAbandoned = errors.New("abandoned")

// cutOnce commits at random, with checkpoints in between, and cuts the power in the middle of a transaction.
func cutOnce(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	d := &disk{VFS: vfs.Find(""), files: make(map[string]*platter)}
	name := t.Name()
	register(name, syncedFiles{d, d.syncFolder})
	path := filepath.Join(t.TempDir(), "a.db")
	s, err := openOn(name, path, testKey)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	update(t, s, func(tx *Tx) error { return tx.exec("PRAGMA wal_autocheckpoint=30") })
	commits := r.IntN(60)
	for i := range commits {
		update(t, s, func(tx *Tx) error { return tx.SetSetting(strconv.Itoa(i), make([]byte, r.IntN(9000)+1)) })
	}
	var left string
	err = s.Update(context.Background(), func(tx *Tx) error {
		for i := range 10 {
			if err := tx.SetSetting(fmt.Sprint("uncommitted ", i), make([]byte, 60_000)); err != nil {
				return err
			}
		}
		left = d.cut(t, r, path)
		return errAbandoned
	})
	if !errors.Is(err, errAbandoned) {
		t.Fatal(err)
	}
	lookAt(t, left, commits)
}

// TestPowerCutsWhileCreating cuts the power before each synchronisation of the first start: the next one succeeds.
func TestPowerCutsWhileCreating(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	d := &disk{VFS: vfs.Find(""), files: make(map[string]*platter)}
	path := filepath.Join(t.TempDir(), "a.db")
	var left []string
	d.synced = func() { left = append(left, d.cut(t, r, path)) }
	register(t.Name(), syncedFiles{d, d.syncFolder})
	s, err := openOn(t.Name(), path, testKey)
	if err != nil {
		t.Fatal(err)
	}
	left = append(left, d.cut(t, r, path))
	update(t, s, func(tx *Tx) error { return tx.SetSetting("first", []byte("row")) })
	last := d.cut(t, r, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if len(left) < 5 {
		t.Errorf("%d synchronisations while creating", len(left))
	}
	for i, path := range left {
		if s, err := Open(path, testKey); err != nil {
			t.Errorf("after cut %d of %d: %v", i, len(left), err)
		} else if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := count(t, openAt(t, last)); n != 1 {
		t.Errorf("%d rows after the first commit", n)
	}
}

// lookAt opens what a power cut left and expects the commits and nothing else.
func lookAt(t *testing.T, path string, commits int) {
	t.Helper()
	s := openAt(t, path)
	if n := count(t, s); n != commits {
		t.Errorf("%d rows after %d commits", n, commits)
	}
	view(t, s, func(tx *Tx) error {
		for i := range commits {
			if _, found, err := tx.Setting(strconv.Itoa(i)); !found || err != nil {
				t.Errorf("commit %d is lost: %v", i, err)
			}
		}
		var verdict string
		if err := tx.db.Raw("PRAGMA integrity_check").Scan(&verdict).Error; err != nil || verdict != "ok" {
			t.Errorf("integrity: %s, %v", verdict, err)
		}
		return nil
	})
}
