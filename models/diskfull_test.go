package models

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// smallDisk is a file system on which nothing can be written while it is full.
type smallDisk struct {
	vfs.VFS
	full atomic.Bool
}

func (d *smallDisk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, flags, err := d.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	return &smallFile{file, d}, flags, err
}

type smallFile struct {
	vfs.File
	disk *smallDisk
}

func (f *smallFile) WriteAt(p []byte, offset int64) (int, error) {
	if f.disk.full.Load() {
		return 0, &fs.PathError{Op: "write", Path: "a.db", Err: syscall.ENOSPC}
	}
	return f.File.WriteAt(p, offset)
}

func (f *smallFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }

// TestFullDisk fills the disk for a while: commits fail by the right name, and none that succeeded is lost.
func TestFullDisk(t *testing.T) {
	d := &smallDisk{VFS: vfs.Find("")}
	register(t.Name(), syncedFiles{d, syncFolder})
	path := filepath.Join(t.TempDir(), "a.db")
	s, err := openOn(t.Name(), path, testKey)
	if err != nil {
		t.Fatal(err)
	}
	committed := 0
	for i := range 60 {
		d.full.Store(i%20 >= 10)
		err := s.Update(context.Background(), func(tx *Tx) error { return tx.SetSetting(strconv.Itoa(i), make([]byte, 5000)) })
		switch {
		case err == nil:
			committed++
		case !errors.Is(err, ErrDiskFull) || !Broken(err):
			t.Errorf("commit %d: %v", i, err)
		}
	}
	if committed != 30 || count(t, s) != 30 {
		t.Errorf("%d commits succeeded, %d rows", committed, count(t, s))
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if n := count(t, openAt(t, path)); n != 30 {
		t.Errorf("%d rows after opening again", n)
	}
	d.full.Store(true)
	if _, err := openOn(t.Name(), filepath.Join(t.TempDir(), "new.db"), testKey); !errors.Is(err, ErrDiskFull) {
		t.Errorf("a new store on a full disk: %v", err)
	}
}
