package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"
)

// cipherFiles is the file system that databases are opened on: gatheringFiles above the cipher above syncedFiles. Nothing
// above the cipher may claim that overwriting is safe against power cuts: pages of the log straddle the cipher's blocks, and
// the engine pads them only because the cipher denies it.
const cipherFiles = "sotto"

func init() { register(cipherFiles, syncedFiles{vfs.Find(""), syncFolder}) }

func register(name string, below syncedFiles) {
	vfs.Register(name, gatheringFiles{adiantum.Wrap(below, nil)})
}

// syncedFiles is the operating system's files with some promises more. A file that was created is in its folder for
// good: the engine's own file system never synchronises the folder, so that a power cut could drop a write-ahead log
// that was synchronised itself. Files belong to their owner alone, and are mendedFiles.
type syncedFiles struct {
	vfs.VFS
	syncFolder func(dir string) error
}

// OpenFilename implements vfs.VFSFilename.
func (s syncedFiles) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	path := name.String()
	fresh := path != "" && flags&vfs.OPEN_CREATE != 0 && missing(path)
	file, flags, err := s.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	if err != nil {
		return nil, flags, told(err)
	}
	file = mendedFile{file}
	if !fresh {
		return file, flags, nil
	}
	if err := errors.Join(os.Chmod(path, 0o600), s.syncFolder(filepath.Dir(path))); err != nil {
		file.Close()
		return nil, flags, told(err)
	}
	return file, flags, nil
}

func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// makeFolder creates dir for its owner alone and makes its entry durable. An existing folder is only narrowed.
func makeFolder(dir string) error {
	fresh := missing(dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create folder: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("narrow folder: %w", err)
	}
	if !fresh {
		return nil
	}
	return syncFolder(filepath.Dir(dir))
}

// syncFolder makes the names in dir durable. Windows has no such call and needs none: its file creation is journalled.
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
