package mailserver_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

// descending answers as a server does whose archive is PostgreSQL: the newest first, and behind a cursor what is older. As many
// as were asked for come with a cursor, even if none is left.
func descending(held []*whisper.Envelope) func(*play, whisper.Hash, mailserver.Request) {
	held = slices.Clone(held)
	slices.SortFunc(held, func(a, b *whisper.Envelope) int { return cursorOf(b).Compare(*cursorOf(a)) })
	return func(p *play, id whisper.Hash, q mailserver.Request) {
		var page []*whisper.Envelope
		for _, e := range held {
			if (q.Cursor == nil || cursorOf(e).Compare(*q.Cursor) < 0) && len(page) < int(q.Limit) {
				page = append(page, e)
			}
		}
		if len(page) == 0 {
			p.complete(whisper.RequestComplete{ID: id})
			return
		}
		p.send(page...)
		p.complete(ending(id, page[len(page)-1], len(page) == int(q.Limit)))
	}
}

// TestServersThatGiveTheNewestFirst are followed to the end, also where the last page is empty, or a page is one envelope.
func TestServersThatGiveTheNewestFirst(t *testing.T) {
	for _, c := range []struct{ envelopes, limit, pages int }{{12, 5, 3}, {10, 5, 3}, {4, 5, 1}, {3, 1, 4}, {0, 5, 1}} {
		synctest.Test(t, func(t *testing.T) {
			var held []*whisper.Envelope
			for i := range c.envelopes {
				held = append(held, at(uint32(i/2), topicA)) // two in each second
				held[i].Data = []byte{byte(i)}
			}
			p := newPlay(t, descending(held))
			a := askAll
			a.Limit = c.limit
			var got []*whisper.Envelope
			pages := 0
			for more := true; more; pages++ {
				page, err := p.client.Request(t.Context(), p.id(), a)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.IsSortedFunc(page.Envelopes, func(a, b *whisper.Envelope) int { return cursorOf(a).Compare(*cursorOf(b)) }) {
					t.Error("a page is not the oldest first")
				}
				if len(page.Envelopes) > 1 && page.Next != nil && page.Order != mailserver.OrderDown {
					t.Errorf("order %d", page.Order)
				}
				got = append(got, page.Envelopes...)
				a.After, a.Order, more = page.Next, page.Order, page.Next != nil
			}
			seen := make(map[whisper.Hash]bool)
			for _, e := range got {
				seen[e.Hash()] = true
			}
			if len(seen) != c.envelopes || len(got) != c.envelopes || pages != c.pages {
				t.Errorf("%d of %d in %d pages, not %d", len(seen), c.envelopes, pages, c.pages)
			}
		})
	}
}

// TestOrderStaysTheSame: a server that turns round has us walk for ever.
func TestOrderStaysTheSame(t *testing.T) {
	one, two, three := at(1, topicA), at(2, topicA), at(3, topicA)
	for name, c := range map[string]struct {
		before mailserver.Order
		next   *whisper.Envelope
		order  mailserver.Order // OrderUnknown: it is a lie
	}{
		"up and up":      {mailserver.OrderUp, three, mailserver.OrderUp},
		"up and down":    {mailserver.OrderUp, one, mailserver.OrderUnknown},
		"down and down":  {mailserver.OrderDown, one, mailserver.OrderDown},
		"down and up":    {mailserver.OrderDown, three, mailserver.OrderUnknown},
		"now it goes up": {mailserver.OrderUnknown, three, mailserver.OrderUp},
		"it stands":      {mailserver.OrderUnknown, two, mailserver.OrderUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlay(t, func(p *play, id whisper.Hash, _ mailserver.Request) {
					p.send(c.next)
					p.complete(ending(id, c.next, true))
				})
				a := askAll
				a.After, a.Order = cursorOf(two), c.before
				page, err := p.client.Request(t.Context(), p.id(), a)
				if lied := errors.Is(err, mailserver.ErrLied); lied != (c.order == mailserver.OrderUnknown) || page.Order != c.order {
					t.Errorf("got order %d, %v", page.Order, err)
				}
			})
		})
	}
}
