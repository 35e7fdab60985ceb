package main

import (
	"fmt"
	"net/http"
	"strings"
)

// lowDisk is how many free bytes a relay needs: what an archive writes in a busy hour, and a database's own housekeeping.
const lowDisk = 256 << 20

// health tells whether a relay can do what it is there for.
type health struct {
	listening func() bool            // others can connect
	archive   func() error           // how the last envelopes were kept; nil without a mailserver
	folder    string                 // where it writes
	free      func() (uint64, error) // bytes that can still be written there
}

func healthOf(listening func() bool, archive func() error, folder string) *health {
	return &health{listening: listening, archive: archive, folder: folder, free: func() (uint64, error) { return freeSpace(folder) }}
}

// troubles are the reasons why it cannot, each a line; none while it can. What they say may be shown to everybody on this
// computer.
func (h *health) troubles() (list []string) {
	if !h.listening() {
		list = append(list, "not listening: nobody can connect")
	}
	if h.archive != nil && h.archive() != nil {
		list = append(list, "the archive does not take envelopes; the log says why")
	}
	if free, err := h.free(); err != nil {
		list = append(list, "the data folder "+h.folder+" cannot be looked at")
	} else if free < lowDisk {
		list = append(list, fmt.Sprintf("disk low: %s free for %s", inBytes(free), h.folder))
	}
	return list
}

// ServeHTTP answers 200 while all is well, and otherwise 503 with a line for each reason.
func (h *health) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	text := "ok"
	if list := h.troubles(); len(list) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		text = strings.Join(list, "\n")
	}
	fmt.Fprintln(w, text)
}

// inBytes is a number of bytes for a person.
func inBytes(n uint64) string {
	unit := 0
	v := float64(n)
	for v >= 1024 && unit < 4 {
		v /= 1024
		unit++
	}
	if unit == 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f %s", v, []string{"", "KiB", "MiB", "GiB", "TiB"}[unit])
}
