// Package modelstest has what tests put below an account's database: a disk that forgets what was not synchronised when its
// power is cut.
package modelstest

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// Disk is a file system that knows what a power cut would leave: of each file what was synchronised, and any of the 512-byte
// sectors written since; of each new name nothing until its folder was synchronised. Deleting is durable at once.
type Disk struct {
	vfs.VFS
	// Before is called before each synchronisation, if set.
	Before func()
	// Lies makes the disk say that it has synchronised when it has not. The engine without synchronisation is as safe.
	Lies bool

	mu    sync.Mutex
	files map[string]*platter
}

// NewDisk returns an empty disk above the operating system's files.
func NewDisk() *Disk { return &Disk{VFS: vfs.Find(""), files: make(map[string]*platter)} }

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

// OpenFilename implements vfs.VFSFilename.
func (d *Disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
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

// Delete implements vfs.VFS.
func (d *Disk) Delete(path string, syncDir bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, path)
	return d.VFS.Delete(path, syncDir)
}

// SyncFolder makes the names of all files durable.
func (d *Disk) SyncFolder(string) error {
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
	disk *Disk
	*platter
}

func (f *diskFile) WriteAt(p []byte, offset int64) (int, error) {
	n, err := f.File.WriteAt(p, offset)
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.pending = append(f.pending, write{offset, append([]byte{}, p[:n]...)})
	return n, err
}

func (f *diskFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.pending = append(f.pending, write{offset: size})
	return f.File.Truncate(size)
}

func (f *diskFile) Sync(vfs.SyncFlag) error {
	if f.disk.Before != nil {
		f.disk.Before()
	}
	if f.disk.Lies {
		return nil
	}
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
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

// checkSuffix names the file beside a database that holds the key check value. It is written without the disk.
const checkSuffix = ".check"

// Cut writes what a power cut leaves now of the database at path into a new folder and returns its path there.
func (d *Disk) Cut(t testing.TB, r *rand.Rand, path string) string {
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
