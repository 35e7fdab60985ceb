package models

import (
	"errors"
	"io"
	"runtime"
	"syscall"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// mendedFile is one of the operating system's files, as the cipher above needs it.
//
// It says when the disk is full: the engine's own files call that an input or output error like any other, and a person
// could not be told what to do.
//
// And it has no half blocks. The cipher reads whole blocks and fails on a file that ends within one, as a power cut can
// leave a log that was growing; the database could then never be opened again. What is missing reads as zeros: that
// deciphers to noise, which fails the log's checksum, and what was committed before it is found.
type mendedFile struct{ vfs.File }

// ReadAt implements vfs.File. It is asked for whole blocks only.
func (f mendedFile) ReadAt(p []byte, offset int64) (int, error) {
	n, err := f.File.ReadAt(p, offset)
	if n > 0 && n < len(p) && errors.Is(err, io.EOF) {
		clear(p[n:])
		return len(p), nil
	}
	return n, err
}

// WriteAt implements vfs.File.
func (f mendedFile) WriteAt(p []byte, offset int64) (int, error) {
	n, err := f.File.WriteAt(p, offset)
	return n, told(err)
}

// Truncate implements vfs.File.
func (f mendedFile) Truncate(size int64) error { return told(f.File.Truncate(size)) }

// Sync implements vfs.File. A full disk may show only here.
func (f mendedFile) Sync(flags vfs.SyncFlag) error { return told(f.File.Sync(flags)) }

// SizeHint implements vfs.FileSizeHint.
func (f mendedFile) SizeHint(size int64) error { return told(vfsutil.WrapSizeHint(f.File, size)) }

// DeviceCharacteristics implements vfs.File. Batches of atomic writes, which some file systems offer, are not passed on.
func (f mendedFile) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return f.File.DeviceCharacteristics() &^ vfs.IOCAP_BATCH_ATOMIC
}

// SharedMemory implements vfs.FileSharedMemory; without it there is no write-ahead log.
func (f mendedFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }

// LockState implements vfs.FileLockState.
func (f mendedFile) LockState() vfs.LockLevel { return vfsutil.WrapLockState(f.File) }

// HasMoved implements vfs.FileHasMoved.
func (f mendedFile) HasMoved() (bool, error) { return vfsutil.WrapHasMoved(f.File) }

// Unwrap implements vfs.FileUnwrap.
func (f mendedFile) Unwrap() vfs.File { return f.File }

// told gives a full disk its name.
func told(err error) error {
	if isDiskFull(err) {
		return vfs.SystemError(err, sqlite3.FULL)
	}
	return err
}

// Windows' own numbers for a full disk: ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL.
const (
	handleDiskFull = syscall.Errno(39)
	diskFull       = syscall.Errno(112)
)

func isDiskFull(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return true
	}
	return runtime.GOOS == "windows" && (errors.Is(err, handleDiskFull) || errors.Is(err, diskFull))
}
