package archive

import (
	"path/filepath"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	sqlite3 "modernc.org/sqlite/lib"

	"sotto/models/modelstest"
)

// disk stands between the engine and the operating system's files while a test runs, and tells its platters of every call that
// writes, resizes, synchronises or deletes. The engine of an account's database has an interface for that. This one, which
// is C in Go's clothes, has tables of functions: what it calls is a copy of its own tables with some entries replaced. All calls
// go through to the real files.
type disk struct {
	modelstest.Platters
	// step is called before each of these calls.
	step func()
}

// fileCalls is what the engine's tables lead to. What the engine reads is in its own memory.
var fileCalls struct {
	sync.Mutex
	disk   *disk
	usual  *sqlite3.Sqlite3_vfs
	paths  map[uintptr]string                           // of open files, by the engine's handle
	copies map[uintptr]uintptr                          // of the tables of an open file, by what they are copied from
	own    map[uintptr]*sqlite3.Sqlite3_io_methods      // the reverse
	folder func(tls *libc.TLS, path, out uintptr) int32 // opens a folder, which the engine does to synchronise it
}

// engineOn lets the engine open its files on a disk until off is called.
func engineOn(t *testing.T, d *disk) (off func()) {
	t.Helper()
	c := &fileCalls
	tls := libc.NewTLS()
	usual := sqlite3.Xsqlite3_vfs_find(tls, 0)
	c.disk, c.usual = d, at[sqlite3.Sqlite3_vfs](usual)
	c.paths, c.copies, c.own = map[uintptr]string{}, map[uintptr]uintptr{}, map[uintptr]*sqlite3.Sqlite3_io_methods{}
	vfs := replica(tls, c.usual, func(v *sqlite3.Sqlite3_vfs) { v.FxOpen, v.FxDelete = address(openFile), address(deleteFile) })
	name, err := libc.CString("openDirectory")
	if err != nil {
		t.Fatal(err)
	}
	get := function[func(tls *libc.TLS, vfs, name uintptr) uintptr](c.usual.FxGetSystemCall)
	set := function[func(tls *libc.TLS, vfs, name, fn uintptr) int32](c.usual.FxSetSystemCall)
	c.folder = function[func(tls *libc.TLS, path, out uintptr) int32](get(tls, usual, name))
	if set(tls, usual, name, address(openFolder))|sqlite3.Xsqlite3_vfs_register(tls, vfs, 1) != 0 {
		t.Fatal("the engine takes no other file system")
	}
	return func() {
		if set(tls, usual, name, 0)|sqlite3.Xsqlite3_vfs_unregister(tls, vfs)|sqlite3.Xsqlite3_vfs_register(tls, usual, 1) != 0 {
			t.Error("the engine's own file system is not back")
		}
		if len(c.paths) > 0 {
			t.Errorf("%d files are still open", len(c.paths))
		}
		for _, p := range c.copies {
			libc.Xfree(tls, p)
		}
		libc.Xfree(tls, vfs)
		libc.Xfree(tls, name)
		tls.Close()
	}
}

// address is a function as the engine's tables have it: only one that is no closure, which the collector would take.
func address[F any](fn F) uintptr { return *(*uintptr)(unsafe.Pointer(&fn)) }

// function is the reverse.
func function[F any](address uintptr) F { return *(*F)(unsafe.Pointer(&address)) }

// at is what stands at a place in the engine's memory.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// replica copies a table in the engine's memory and changes the copy.
func replica[T any](tls *libc.TLS, table *T, change func(*T)) uintptr {
	p := libc.Xmalloc(tls, types.Size_t(unsafe.Sizeof(*table)))
	*at[T](p) = *table
	change(at[T](p))
	return p
}

// next counts a call about an open file, and returns its path and the engine's own table for it.
func next(handle uintptr) (d *disk, path string, own *sqlite3.Sqlite3_io_methods) {
	c := &fileCalls
	c.Lock()
	d, path, own = c.disk, c.paths[handle], c.own[at[sqlite3.Sqlite3_file](handle).FpMethods]
	c.Unlock()
	d.step()
	return d, path, own
}

func openFile(tls *libc.TLS, vfs, name, handle uintptr, flags int32, out uintptr) int32 {
	c := &fileCalls
	open := function[func(tls *libc.TLS, vfs, name, handle uintptr, flags int32, out uintptr) int32](c.usual.FxOpen)
	code := open(tls, vfs, name, handle, flags, out)
	file := at[sqlite3.Sqlite3_file](handle)
	if code != sqlite3.SQLITE_OK || name == 0 {
		return code
	}
	c.Lock()
	defer c.Unlock()
	c.paths[handle] = libc.GoString(name)
	c.disk.Opened(c.paths[handle])
	if c.copies[file.FpMethods] == 0 {
		own := at[sqlite3.Sqlite3_io_methods](file.FpMethods)
		p := replica(tls, own, func(m *sqlite3.Sqlite3_io_methods) {
			m.FxWrite, m.FxTruncate, m.FxSync, m.FxClose = address(writeFile), address(resizeFile), address(syncFile), address(closeFile)
		})
		c.copies[file.FpMethods], c.own[p] = p, own
	}
	file.FpMethods = c.copies[file.FpMethods]
	return code
}

func writeFile(tls *libc.TLS, handle, data uintptr, n int32, offset int64) int32 {
	d, path, own := next(handle)
	code := function[func(tls *libc.TLS, handle, data uintptr, n int32, offset int64) int32](own.FxWrite)(tls, handle, data, n, offset)
	if code == sqlite3.SQLITE_OK {
		d.Wrote(path, unsafe.Slice(at[byte](data), n), offset)
	}
	return code
}

func resizeFile(tls *libc.TLS, handle uintptr, size int64) int32 {
	d, path, own := next(handle)
	code := function[func(tls *libc.TLS, handle uintptr, size int64) int32](own.FxTruncate)(tls, handle, size)
	if code == sqlite3.SQLITE_OK {
		d.Resized(path, size)
	}
	return code
}

func syncFile(tls *libc.TLS, handle uintptr, flags int32) int32 {
	d, path, own := next(handle)
	d.Sync(path)
	return function[func(tls *libc.TLS, handle uintptr, flags int32) int32](own.FxSync)(tls, handle, flags)
}

func closeFile(tls *libc.TLS, handle uintptr) int32 {
	fileCalls.Lock()
	own := fileCalls.own[at[sqlite3.Sqlite3_file](handle).FpMethods]
	delete(fileCalls.paths, handle)
	fileCalls.Unlock()
	return function[func(tls *libc.TLS, handle uintptr) int32](own.FxClose)(tls, handle)
}

func deleteFile(tls *libc.TLS, vfs, name uintptr, flags int32) int32 {
	d := fileCalls.disk
	d.step()
	d.Deleted(libc.GoString(name))
	return function[func(tls *libc.TLS, vfs, name uintptr, flags int32) int32](fileCalls.usual.FxDelete)(tls, vfs, name, flags)
}

// openFolder is called by the engine when it has synchronised a file that it made: what follows is the folder's turn.
func openFolder(tls *libc.TLS, path, out uintptr) int32 {
	d := fileCalls.disk
	d.step()
	_ = d.SyncFolder(filepath.Dir(libc.GoString(path))) // never fails
	return fileCalls.folder(tls, path, out)
}
