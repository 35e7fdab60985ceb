package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"sotto/services/invite"
)

// comfortableDisk is how many free bytes are no reason for a word.
const comfortableDisk = 1 << 30

// folder looks at the data folder. It tells what the relay's last start left there, if it is there.
func (d *doctor) folder() (relayState, bool) {
	info, err := os.Stat(d.data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.wrong("data folder", d.data+" is not there", "name the folder of the relay with --data, or start the relay once: it makes the folder")
		return relayState{}, false
	case err != nil:
		d.wrong("data folder", d.data+" cannot be looked at: "+reason(err), asRoot())
		return relayState{}, false
	case !info.IsDir():
		d.wrong("data folder", d.data+" is a file", "name a folder with --data")
		return relayState{}, false
	}
	if d.rights(info) {
		d.good("data folder", d.data+" can be written, and by nobody else")
	}
	d.nodeKey()
	d.space()
	state, err := readState(d.data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.wrong("last start", "the relay was never started with this folder", "start it: sottod relay --data "+d.data)
	case err != nil:
		d.wrong("last start", reason(err), "start the relay again")
	}
	return state, err == nil
}

// rights tells whether this user may write the folder, and others may not look into it.
func (d *doctor) rights(info fs.FileInfo) bool {
	f, err := os.CreateTemp(d.data, ".doctor-*")
	if err != nil {
		d.wrong("data folder", d.data+" cannot be written: "+reason(err), asRoot())
		return false
	}
	f.Close()
	os.Remove(f.Name())
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		d.wrong("data folder", fmt.Sprintf("%s is open to other users (mode %04o)", d.data, info.Mode().Perm()), "chmod 700 "+d.data)
		return false
	}
	return true
}

func (d *doctor) nodeKey() {
	file := filepath.Join(d.data, keyFile)
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.wrong("node key", "there is none", "put the copy of "+keyFile+" back; without a copy the next start makes a new one, and links that were given out no longer lead here")
	case err != nil:
		d.wrong("node key", file+" cannot be looked at: "+reason(err), asRoot())
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		d.wrong("node key", fmt.Sprintf("%s is open to other users (mode %04o)", file, info.Mode().Perm()), "chmod 600 "+file)
	default:
		d.good("node key", "it is there, and private; keep a copy of "+file+" in a safe place")
	}
}

func (d *doctor) space() {
	free, err := d.free(d.data)
	switch {
	case err != nil:
		d.wrong("disk", "the free space cannot be read: "+reason(err), "look at the disk with df -h "+d.data)
	case free < lowDisk:
		d.wrong("disk", inBytes(free)+" free", "make room, or keep less: --retention 7d, --archive-bytes 5G")
	case free < comfortableDisk:
		d.note("disk", inBytes(free)+" free; below "+inBytes(lowDisk)+" the relay reports trouble")
	default:
		d.good("disk", inBytes(free)+" free")
	}
}

// known are the nodes that the relay's invite link names and those that it stays connected to.
func (d *doctor) known(state relayState) (nodes []invite.Node) {
	link, err := readInvite(d.data)
	switch {
	case err == nil:
		nodes = link.Nodes
	case !errors.Is(err, fs.ErrNotExist):
		d.wrong("invite link", reason(err), "start the relay again: it writes the link anew")
	}
	for _, url := range state.Peers {
		nodes = append(nodes, invite.Node{Enode: url})
	}
	return nodes
}

// reason is an error without the operation and the path, which the line says already.
func reason(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return plain(err)
}
