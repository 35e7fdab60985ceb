package groups

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"sotto/models"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/ingest"
)

// BenchmarkCreate makes a group of 200 people, until it is stored what goes out to each.
func BenchmarkCreate(b *testing.B) {
	w := worldOf(b, "ann")
	var keys []string
	for i := range 199 {
		keys = append(keys, worldKey(i).String())
	}
	for b.Loop() {
		_, err := w.people[0].Create(context.Background(), "team", keys)
		w.must(err)
		b.StopTimer()
		w.people[0].forget()
		b.StartTimer()
	}
}

// forget empties the outbox.
func (p *person) forget() {
	p.do(func(tx *models.Tx) error {
		rows, err := tx.DueOutgoing(1<<62, 1<<62, 10_000)
		for _, row := range rows {
			if err := tx.RemoveOutgoingByID(row.ID); err != nil {
				return err
			}
		}
		return err
	})
}

// BenchmarkText writes a text to a group, until it is on disk, sealed for each member.
func BenchmarkText(b *testing.B) {
	for _, members := range []int{20, 200} {
		b.Run(fmt.Sprint("members=", members), func(b *testing.B) {
			w := worldOf(b, "ann", "bo")
			ann := w.people[0]
			id := w.team("team")
			w.crowd(id, members-2, ann)
			ann.forget()
			for b.Loop() {
				w.must(ann.say(id, "See you at the station at ten, and bring the map."))
				b.StopTimer()
				ann.forget()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkReceive takes in 1,000 texts of 199 people in a group of 200, in transactions of 250.
func BenchmarkReceive(b *testing.B) {
	w := worldOf(b, "ann", "bo")
	ann := w.people[0]
	id := w.team("team")
	w.crowd(id, 198, ann)
	_, events := ann.state(id)
	for b.Loop() {
		b.StopTimer()
		letters := w.thousand(id, events)
		b.StartTimer()
		for some := range slices.Chunk(letters, 250) {
			ann.do(func(tx *models.Tx) error {
				for _, l := range some {
					effects, err := ann.keeper.membership(tx, l)
					if err != nil || len(effects.Refused) > 0 {
						b.Fatal(effects.Refused, err)
					}
				}
				return nil
			})
		}
	}
}

// thousand is a thousand texts of many people, as they come out of their envelopes.
func (w *world) thousand(id string, events []group.Event) (list []ingest.Letter) {
	abridged := make(map[int][]group.Event)
	digest := group.Digest(id, events)
	for n := range 1000 {
		i := n % 198
		key := newKeyOf(fmt.Sprint("somebody ", i))
		if abridged[i] == nil {
			abridged[i] = group.Abridged(id, events, worldKey(i))
		}
		w.now = w.now.Add(1_000_000)
		said, err := payload.NewGroupText(id, "See you at the station at ten.", "", uint64(w.now.UnixMilli()), w.now)
		w.must(err)
		u := payload.Membership{ChatID: id, Events: payload.RawEvents(abridged[i]), Text: &said, Digest: digest[:]}
		wrapped, mid, err := u.Seal(key)
		w.must(err)
		list = append(list, ingest.Letter{From: worldKey(i), Known: true, Sent: w.now, Wrapped: wrapped,
			Private: payload.Private{Opened: payload.Opened{ID: mid, Author: worldKey(i), Type: payload.TypeMembership}, Membership: u}})
	}
	return list
}
