package models

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// memoryLog is a file in memory that counts writes and can refuse them.
type memoryLog struct {
	vfs.File
	data   []byte
	writes int
	refuse error
}

func (m *memoryLog) WriteAt(p []byte, offset int64) (int, error) {
	if m.refuse != nil {
		return 0, m.refuse
	}
	m.writes++
	if more := int(offset) + len(p) - len(m.data); more > 0 {
		m.data = append(m.data, make([]byte, more)...)
	}
	return copy(m.data[offset:], p), nil
}

func (m *memoryLog) ReadAt(p []byte, offset int64) (int, error) {
	if n := copy(p, m.data[min(int(offset), len(m.data)):]); n < len(p) {
		return n, io.EOF
	}
	return len(p), nil
}

func (m *memoryLog) Truncate(size int64) error {
	if m.refuse == nil {
		m.data = m.data[:min(int(size), len(m.data))]
	}
	return m.refuse
}

func (m *memoryLog) Sync(vfs.SyncFlag) error { return m.refuse }
func (m *memoryLog) Size() (int64, error)    { return int64(len(m.data)), nil }

// frame is one of a log, filled with a byte; size is that of the database where the frame commits.
func frame(fill byte, size uint32) []byte {
	f := bytes.Repeat([]byte{fill}, frameSize)
	binary.BigEndian.PutUint32(f[4:], size)
	return f
}

// put writes a part of the frame with that number, as the engine does.
func put(t *testing.T, l vfs.File, number int, f []byte, from, to int) {
	t.Helper()
	if n, err := l.WriteAt(f[from:to], int64(logHead+number*frameSize+from)); n != to-from || err != nil {
		t.Errorf("%d of %d bytes of frame %d, %v", n, to-from, number, err)
	}
}

func putFrame(t *testing.T, l vfs.File, number int, f []byte) {
	t.Helper()
	put(t, l, number, f, 0, frameHead)
	put(t, l, number, f, frameHead, frameSize)
}

func TestLogIsWrittenByTheCommit(t *testing.T) {
	below := &memoryLog{data: make([]byte, logHead)}
	l := &gatheredLog{File: below}
	putFrame(t, l, 0, frame(1, 0))
	putFrame(t, l, 1, frame(2, 0))
	if below.writes != 0 {
		t.Errorf("%d writes before the commit", below.writes)
	}
	putFrame(t, l, 2, frame(3, 9))
	if below.writes != 1 || len(below.data) != logHead+3*frameSize {
		t.Errorf("%d writes, %d bytes", below.writes, len(below.data))
	}
	// The engine repeats the frame that commits, to fill a sector, and synchronises in the middle of it. What follows is not
	// synchronised and is there all the same when the commit is told. Its last part may be as long as a head.
	for number, cut := range []int{1, 23, 24, 25, 2000, frameSize - frameHead} {
		number += 3
		f := frame(byte(10+number), 9)
		for _, part := range [][2]int{{0, min(cut, frameHead)}, {min(cut, frameHead), cut}, {cut, max(cut, frameHead)}, {max(cut, frameHead), frameSize}} {
			if part[0] == part[1] {
				continue
			}
			put(t, l, number, f, part[0], part[1])
			if part[1] == cut {
				if err := l.Sync(0); err != nil {
					t.Error(err)
				}
			}
		}
		if got := below.data[logHead+number*frameSize:]; !bytes.Equal(got, f) {
			t.Errorf("cut after %d: %d bytes of the frame are there", cut, len(got))
		}
	}
}

// TestFramesAreNotHeldForEver writes more frames than are held, and the page of a frame anew, as the engine does where a
// transaction changes it twice.
func TestFramesAreNotHeldForEver(t *testing.T) {
	below := &memoryLog{data: make([]byte, logHead)}
	l := &gatheredLog{File: below}
	for number := range 2 * mostHeld / frameSize {
		putFrame(t, l, number, frame(1, 0))
		if len(l.held) > mostHeld+frameSize {
			t.Fatalf("%d bytes are held", len(l.held))
		}
	}
	put(t, l, 3, frame(2, 0), frameHead, frameSize)
	if got := below.data[logHead+4*frameSize-1]; got != 2 || len(l.held) != 0 {
		t.Errorf("the page ends with %d, %d bytes are held", got, len(l.held))
	}
}

// TestGatheredLogIsTheSameFile compares with a file that is written at once, whatever is written and read.
func TestGatheredLogIsTheSameFile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	below, plain := &memoryLog{}, &memoryLog{}
	l := &gatheredLog{File: below}
	same := func(what string) {
		t.Helper()
		if !bytes.Equal(below.data, plain.data) {
			t.Fatalf("after %s the files differ", what)
		}
	}
	both := []vfs.File{l, plain}
	next := 0
	for range 3000 {
		switch r.IntN(12) {
		default: // a frame that commits nothing
			for _, file := range both {
				putFrame(t, file, next, frame(byte(next), 0))
			}
			next++
		case 0:
			for _, file := range both {
				putFrame(t, file, next, frame(byte(next), 7))
			}
			next++
			same("a commit")
		case 1:
			next = r.IntN(next + 1) // what was written from here on is undone, or the log begins anew
		case 2:
			p := make([]byte, r.IntN(5000))
			offset := r.Int64N(int64(len(plain.data)) + 1)
			for _, file := range both {
				if _, err := file.WriteAt(p, offset); err != nil {
					t.Fatal(err)
				}
			}
		case 3:
			got, want := make([]byte, 5000), make([]byte, 5000)
			offset := r.Int64N(int64(len(plain.data)) + 1)
			n, err := l.ReadAt(got, offset)
			if m, wantErr := plain.ReadAt(want, offset); n != m || !errors.Is(err, wantErr) || !bytes.Equal(got, want) {
				t.Fatalf("read %d and %v, want %d and %v", n, err, m, wantErr)
			}
			same("reading")
		case 4:
			size, err := l.Size()
			if err != nil || size != int64(len(plain.data)) {
				t.Fatalf("size %d, %v; want %d", size, err, len(plain.data))
			}
		case 5:
			half := int64(len(plain.data) / 2)
			for _, file := range both {
				if err := errors.Join(file.Truncate(half), file.Sync(0)); err != nil {
					t.Fatal(err)
				}
			}
			next = min(next, len(plain.data)/frameSize)
			same("cutting")
		}
	}
}

// TestHeldFramesOutliveAFailure fills the disk: everything that would need what is held fails, and it is written once it can be.
func TestHeldFramesOutliveAFailure(t *testing.T) {
	full := errors.New("full")
	below := &memoryLog{data: make([]byte, logHead)}
	l := &gatheredLog{File: below}
	putFrame(t, l, 0, frame(1, 0))
	put(t, l, 1, frame(2, 9), 0, frameHead)
	below.refuse = full
	if n, err := l.WriteAt(frame(2, 9)[frameHead:], logHead+frameSize+frameHead); n != 0 || !errors.Is(err, full) {
		t.Errorf("commit: %d, %v", n, err)
	}
	if n, err := l.WriteAt([]byte{1}, 0); n != 0 || !errors.Is(err, full) {
		t.Errorf("write elsewhere: %d, %v", n, err)
	}
	_, read := l.ReadAt(make([]byte, 1), 0)
	_, size := l.Size()
	for what, err := range map[string]error{"sync": l.Sync(0), "truncate": l.Truncate(1), "read": read, "size": size} {
		if !errors.Is(err, full) {
			t.Errorf("%s: %v", what, err)
		}
	}
	below.refuse = nil
	want := slices.Concat(make([]byte, logHead), frame(1, 0), frame(2, 9))
	if err := l.Sync(0); err != nil || !bytes.Equal(below.data, want) {
		t.Errorf("afterwards %d of %d bytes, %v", len(below.data), len(want), err)
	}
}

// watchedDisk counts what is written to write-ahead logs.
type watchedDisk struct {
	vfs.VFS
	bytes atomic.Int64
}

func (d *watchedDisk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, flags, err := d.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		file = &watchedFile{file, d}
	}
	return file, flags, err
}

type watchedFile struct {
	vfs.File
	disk *watchedDisk
}

func (f *watchedFile) WriteAt(p []byte, offset int64) (int, error) {
	f.disk.bytes.Add(int64(len(p)))
	return f.File.WriteAt(p, offset)
}

func (f *watchedFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }

// TestCommitWritesEachBlockOnce counts below the cipher.
func TestCommitWritesEachBlockOnce(t *testing.T) {
	d := &watchedDisk{VFS: vfs.Find("")}
	s, err := OpenOn(d, syncFolder, filepath.Join(t.TempDir(), "a.db"), testKey)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d.bytes.Store(0)
	const pages = 24
	update(t, s, func(tx *Tx) error { return tx.SetSetting("a", make([]byte, pages*pageSize)) })
	if blocks := d.bytes.Load() / pageSize; blocks < pages || blocks > pages+10 {
		t.Errorf("%d blocks for %d pages", blocks, pages)
	}
}

// TestTransactionsLargerThanTheCache reads back from the log what was not committed yet, beside a reader, and undoes some of it.
func TestTransactionsLargerThanTheCache(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error { return tx.exec("PRAGMA cache_size=10") })
	const rows = 200
	for _, outcome := range []error{errAbandoned, nil} {
		err := s.Update(context.Background(), func(tx *Tx) error {
			if err := fillSettings(t, tx, rows); err != nil {
				return err
			}
			if n := count(t, s); n != 0 {
				t.Errorf("a reader sees %d rows", n)
			}
			err := tx.Savepoint(func() error { return errors.Join(tx.exec("UPDATE settings SET value = x'00'"), errAbandoned) })
			if !errors.Is(err, errAbandoned) {
				return err
			}
			return outcome
		})
		if !errors.Is(err, outcome) {
			t.Fatal(err)
		}
	}
	view(t, s, func(tx *Tx) error {
		var verdict string
		if err := tx.db.Raw("PRAGMA integrity_check").Scan(&verdict).Error; err != nil || verdict != "ok" {
			t.Errorf("integrity: %s, %v", verdict, err)
		}
		return checkSettings(t, tx, rows)
	})
}

func fillSettings(t *testing.T, tx *Tx, rows int) error {
	for i := range rows {
		if err := tx.SetSetting(strconv.Itoa(i), bytes.Repeat([]byte{byte(i)}, 3000)); err != nil {
			return err
		}
	}
	return checkSettings(t, tx, rows)
}

func checkSettings(t *testing.T, tx *Tx, rows int) error {
	t.Helper()
	for i := range rows {
		v, _, err := tx.Setting(strconv.Itoa(i))
		if err != nil {
			return err
		}
		if !bytes.Equal(v, bytes.Repeat([]byte{byte(i)}, 3000)) {
			t.Errorf("setting %d is another", i)
		}
	}
	return nil
}
