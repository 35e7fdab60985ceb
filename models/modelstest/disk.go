package modelstest

import (
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// Disk is a file system of an account's engine that tells its platters what happens.
type Disk struct {
	vfs.VFS
	Platters
}

// NewDisk returns an empty disk above the operating system's files.
func NewDisk() *Disk { return &Disk{VFS: vfs.Find("")} }

// OpenFilename implements vfs.VFSFilename.
func (d *Disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, flags, err := d.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	if err != nil || name.String() == "" {
		return file, flags, err
	}
	d.Opened(name.String())
	return &diskFile{File: file, disk: d, path: name.String()}, flags, nil
}

// Delete implements vfs.VFS.
func (d *Disk) Delete(path string, syncDir bool) error {
	d.Deleted(path)
	return d.VFS.Delete(path, syncDir)
}

// diskFile writes through and keeps account. It leaves out the optional call that lets the engine reserve space.
type diskFile struct {
	vfs.File
	disk *Disk
	path string
}

func (f *diskFile) WriteAt(p []byte, offset int64) (int, error) {
	n, err := f.File.WriteAt(p, offset)
	f.disk.Wrote(f.path, p[:n], offset)
	return n, err
}

func (f *diskFile) Truncate(size int64) error {
	f.disk.Resized(f.path, size)
	return f.File.Truncate(size)
}

func (f *diskFile) Sync(vfs.SyncFlag) error {
	f.disk.Sync(f.path)
	return nil
}

func (f *diskFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }
