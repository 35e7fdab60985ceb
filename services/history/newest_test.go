package history

import (
	"slices"
	"testing"
	"time"

	"sotto/node/mailserver"
)

// Of a server that gives the newest first nothing can be said before it has given everything.
func TestRestartWithAServerThatGivesTheNewestFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer func() { w.close() }()
		sent := letters(lobbyTopic, time.Now().Add(-20*time.Hour), time.Now().Add(-time.Hour), 3500)
		a.put(sent...)
		a.takes, a.reversed = 10*time.Second, true
		w.attach()
		pass(25 * time.Second)
		if list, _ := w.Coverage(t.Context(), lobby); len(list) != 0 {
			t.Errorf("covered %+v", list)
		}
		w.kill()
		w.sync("")
		if n := w.has(sent); n != len(sent) {
			t.Errorf("%d of %d are here", n, len(sent))
		}
	})
}

// TestTheOldestFirstFromAServerThatGivesTheNewestFirst: its pages are opened in the order in which people wrote, and each
// envelope once, although the last page is empty.
func TestTheOldestFirstFromAServerThatGivesTheNewestFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		a.reversed = true
		w := newWorld(t, a)
		defer w.close()
		sent := letters(lobbyTopic, time.Now().Add(-20*time.Hour), time.Now().Add(-time.Hour), 3000)
		a.put(sent...)
		w.attach()
		w.sync("")
		if n := w.has(sent); n != len(sent) || len(w.order) != len(sent) {
			t.Errorf("%d of %d are here, %d were opened", n, len(sent), len(w.order))
		}
		if !slices.IsSortedFunc(w.order, order) {
			t.Error("they were opened in another order")
		}
		if n := len(a.asked()); n != 4 {
			t.Errorf("%d pages", n)
		}
		if list, _ := w.Coverage(t.Context(), lobby); len(list) != 1 {
			t.Errorf("covered %+v", list)
		}
	})
}

// TestPagesThatWaitAreBounded: what is more than memory is for goes in blocks.
func TestPagesThatWaitAreBounded(t *testing.T) {
	page := Page{Order: mailserver.OrderDown, Cursor: make([]byte, 36)}
	for n := range 16 {
		page.Envelopes = append(page.Envelopes, letter(lobbyTopic, time.Unix(int64(n), 0), n))
		page.Envelopes[n].Data = make([]byte, 1<<20)
	}
	if !waits([]Page{page}) || waits([]Page{page, page}) {
		t.Error("16 MiB wait, 32 do not")
	}
	for _, order := range []Order{mailserver.OrderUp, mailserver.OrderUnknown} {
		if page.Order = order; waits([]Page{page}) {
			t.Errorf("order %d waits", order)
		}
	}
	if page.Order, page.Cursor = mailserver.OrderDown, nil; waits([]Page{page}) {
		t.Error("the last page waits")
	}
}
