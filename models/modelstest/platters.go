// Package modelstest has what tests put below a database: a disk that forgets what was not synchronised when its power is
// cut.
package modelstest

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Platters know what a power cut would leave: of each file what was synchronised, and any of the 512-byte sectors written
// since; of each new name nothing until its folder was synchronised. Deleting is durable at once, and what was synchronised is
// never damaged by a write beside it. Whoever stands between an engine and its files tells them what the engine does.
type Platters struct {
	// Before is called before each synchronisation, if set.
	Before func()
	// Lies makes the disk say that it has synchronised when it has not. The engine without synchronisation is as safe.
	Lies bool

	mu    sync.Mutex
	files map[string]*platter
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

// Opened says that a file is there.
func (d *Platters) Opened(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.file(path)
}

// file is called with mu held.
func (d *Platters) file(path string) *platter {
	if d.files[path] == nil {
		if d.files == nil {
			d.files = make(map[string]*platter)
		}
		d.files[path] = new(platter)
	}
	return d.files[path]
}

// Wrote says that data was written.
func (d *Platters) Wrote(path string, data []byte, offset int64) {
	d.change(path, write{offset, append([]byte{}, data...)})
}

// Resized says that a file has another size now.
func (d *Platters) Resized(path string, size int64) { d.change(path, write{offset: size}) }

func (d *Platters) change(path string, w write) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.file(path)
	p.pending = append(p.pending, w)
}

// Sync synchronises a file's contents, but not its name.
func (d *Platters) Sync(path string) {
	if d.Before != nil {
		d.Before()
	}
	if d.Lies {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.file(path)
	p.data = p.after(func() bool { return true })
	p.pending = nil
}

// SyncFolder makes the names of all files durable.
func (d *Platters) SyncFolder(string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.files {
		p.named = true
	}
	return nil
}

// Deleted says that a file is gone.
func (d *Platters) Deleted(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, path)
}

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

// checkSuffix names the file beside an account's database that holds the key check value. It is written without the disk.
const checkSuffix = ".check"

// Cut writes what a power cut leaves now of the database at path into a new folder and returns its path there.
func (d *Platters) Cut(t testing.TB, r *rand.Rand, path string) string {
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
