package message

import (
	"cmp"
	"slices"
	"strings"

	"sotto/services/chats"
)

const (
	pageSize  = 100 // messages asked for at once
	windowMax = 400 // messages kept in memory
	windowMin = 200 // messages kept when the window is cut
)

// beginning is a place before every message: no message has an id of zeros.
var beginning = chats.Cursor{ID: "0x" + strings.Repeat("0", 64)}

// window is the part of a chat that is in memory: consecutive messages in the chat's order.
type window struct {
	items        []chats.Message
	older, newer bool // there is more beyond this end
}

// compare orders places in a chat: by clock, ties by id.
func compare(a, b chats.Cursor) int {
	return cmp.Or(cmp.Compare(a.Clock, b.Clock), strings.Compare(a.ID, b.ID))
}

func byPlace(a, b chats.Message) int { return compare(a.Cursor(), b.Cursor()) }

// index is where the message is, or -1. It looks from the end, where changes happen.
func (w *window) index(id string) int {
	for i := len(w.items) - 1; i >= 0; i-- {
		if w.items[i].ID == id {
			return i
		}
	}
	return -1
}

// outcome is what putting a message did.
type outcome int

const (
	changed  outcome = iota // a message of this id was there
	inserted                // it is new in the window
	earlier                 // it belongs to history that is not loaded
	later                   // it belongs behind the window's end
)

// put adds a message where it belongs or replaces the one with its id.
func (w *window) put(m chats.Message) outcome {
	if i := w.index(m.ID); i >= 0 {
		if w.items[i].Clock == m.Clock {
			w.items[i] = m
			return changed
		}
		w.items = slices.Delete(w.items, i, i+1)
		return min(w.insert(m), changed)
	}
	return w.insert(m)
}

func (w *window) insert(m chats.Message) outcome {
	i, _ := slices.BinarySearchFunc(w.items, m, byPlace)
	switch {
	case i == 0 && w.older:
		return earlier
	case i == len(w.items) && w.newer:
		return later
	}
	w.items = slices.Insert(w.items, i, m)
	return inserted
}

// merge adds a page at either end. Messages that are there already keep their newer state.
func (w *window) merge(page []chats.Message) {
	known := make(map[string]bool, len(w.items))
	for _, m := range w.items {
		known[m.ID] = true
	}
	for _, m := range page {
		if !known[m.ID] {
			known[m.ID] = true
			w.items = append(w.items, m)
		}
	}
	slices.SortFunc(w.items, byPlace)
}

// trim cuts a window that grew over its bound, around the message that is looked at.
func (w *window) trim(keep int) {
	n := len(w.items)
	if n <= windowMax {
		return
	}
	from := min(max(keep-windowMin/2, 0), n-windowMin)
	to := from + windowMin
	w.older = w.older || from > 0
	w.newer = w.newer || to < n
	w.items = slices.Clone(w.items[from:to])
}

// first and last are the ends of the window; it must not be empty.
func (w *window) first() chats.Cursor { return w.items[0].Cursor() }
func (w *window) last() chats.Cursor  { return w.items[len(w.items)-1].Cursor() }
