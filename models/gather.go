package models

import (
	"encoding/binary"

	"github.com/ncruces/go-sqlite3/vfs"
)

// gatheringFiles is the cipher's files, with a write-ahead log that is written a transaction at a time.
//
// The engine writes a log frame by frame: a head of 24 bytes, then the page. Frames straddle the cipher's blocks, so that
// each of the two writes reads, deciphers, enciphers and writes every block that it touches, which makes it three blocks for a
// page. That was a third of the time that it takes to send a message.
type gatheringFiles struct{ vfs.VFS }

// OpenFilename implements vfs.VFSFilename.
func (g gatheringFiles) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, flags, err := g.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		file = &gatheredLog{File: file}
	}
	return file, flags, err
}

// The write-ahead log's format: a head, then frames of a head and a page.
const (
	logHead   = 32
	frameHead = 24
	pageSize  = 4096
	frameSize = frameHead + pageSize
)

// mostHeld bounds what of a log is held in memory.
const mostHeld = 1 << 17

// gatheredLog is a write-ahead log that holds frames back until the one that commits, and then writes them together. Nobody
// misses what is held: other connections read no frame before the commit is told, which comes after that frame, and whatever
// else the engine does with the file writes first what is held. Synchronising does, so that commits are as durable as ever.
// What is held when the file is closed belongs to no commit.
type gatheredLog struct {
	vfs.File
	held    []byte // until it is written, also where that failed
	at      int64  // where it belongs, if anything is held
	commits bool   // the frame of the last head ends a transaction
}

// WriteAt implements vfs.File.
func (l *gatheredLog) WriteAt(p []byte, offset int64) (int, error) {
	if offset != l.at+int64(len(l.held)) {
		if err := l.write(); err != nil {
			return 0, err
		}
		l.at = offset
	}
	l.held = append(l.held, p...)
	if l.unfinished(len(p), offset) {
		return len(p), nil
	}
	if err := l.write(); err != nil {
		return 0, err
	}
	return len(p), nil
}

// unfinished says whether more is to come after the n bytes for an offset that were held last: after the head of a frame its
// page, after a page the next frame, unless it commits. Whatever looks otherwise waits for nothing.
func (l *gatheredLog) unfinished(n int, offset int64) bool {
	switch place := (offset - logHead) % frameSize; {
	case place == 0 && n == frameHead:
		size := l.held[len(l.held)-frameHead+4:] // of the database after a commit, else 0
		l.commits = binary.BigEndian.Uint32(size) != 0
		return true
	case place == frameHead && n == pageSize && len(l.held) >= frameSize:
		return !l.commits && len(l.held) < mostHeld
	default:
		return false
	}
}

// write writes what is held.
func (l *gatheredLog) write() error {
	if len(l.held) == 0 {
		return nil
	}
	if _, err := l.File.WriteAt(l.held, l.at); err != nil {
		return err
	}
	l.held = l.held[:0]
	return nil
}

// ReadAt implements vfs.File.
func (l *gatheredLog) ReadAt(p []byte, offset int64) (int, error) {
	if err := l.write(); err != nil {
		return 0, err
	}
	return l.File.ReadAt(p, offset)
}

// Truncate implements vfs.File.
func (l *gatheredLog) Truncate(size int64) error {
	if err := l.write(); err != nil {
		return err
	}
	return l.File.Truncate(size)
}

// Sync implements vfs.File.
func (l *gatheredLog) Sync(flags vfs.SyncFlag) error {
	if err := l.write(); err != nil {
		return err
	}
	return l.File.Sync(flags)
}

// Size implements vfs.File.
func (l *gatheredLog) Size() (int64, error) {
	if err := l.write(); err != nil {
		return 0, err
	}
	return l.File.Size()
}

// Unwrap implements vfs.FileUnwrap.
func (l *gatheredLog) Unwrap() vfs.File { return l.File }
