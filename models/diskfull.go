package models

import (
	"errors"
	"runtime"
	"syscall"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// toldFile is a file that says when the disk is full. The engine's own files call that an input or output error like any
// other, and a person could not be told what to do.
type toldFile struct{ vfs.File }

// WriteAt implements vfs.File.
func (f toldFile) WriteAt(p []byte, offset int64) (int, error) {
	n, err := f.File.WriteAt(p, offset)
	return n, told(err)
}

// Truncate implements vfs.File.
func (f toldFile) Truncate(size int64) error { return told(f.File.Truncate(size)) }

// Sync implements vfs.File. A full disk may show only here.
func (f toldFile) Sync(flags vfs.SyncFlag) error { return told(f.File.Sync(flags)) }

// SizeHint implements vfs.FileSizeHint.
func (f toldFile) SizeHint(size int64) error { return told(vfsutil.WrapSizeHint(f.File, size)) }

// DeviceCharacteristics implements vfs.File. Batches of atomic writes, which some file systems offer, are not passed on.
func (f toldFile) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return f.File.DeviceCharacteristics() &^ vfs.IOCAP_BATCH_ATOMIC
}

// SharedMemory implements vfs.FileSharedMemory; without it there is no write-ahead log.
func (f toldFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }

// LockState implements vfs.FileLockState.
func (f toldFile) LockState() vfs.LockLevel { return vfsutil.WrapLockState(f.File) }

// HasMoved implements vfs.FileHasMoved.
func (f toldFile) HasMoved() (bool, error) { return vfsutil.WrapHasMoved(f.File) }

// Unwrap implements vfs.FileUnwrap.
func (f toldFile) Unwrap() vfs.File { return f.File }

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
