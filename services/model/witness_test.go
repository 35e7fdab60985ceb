package model_test

import (
	"context"
	"slices"
	"sync"

	"sotto/models"
	"sotto/services/event"
)

// witness sees in which order a device learns who is in its groups and files texts. What happened later has a higher number,
// on whichever device.
type witness struct {
	count *counter
	store *models.Store

	mu     sync.Mutex
	sights map[string][]sight // by group
	filed  map[string]int     // texts by id, and when they were filed; those that were handed over are not told
	err    error
}

// counter numbers what happens.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

// sight is the log of a group as a device has it from a moment on.
type sight struct {
	number int
	*roll
}

func newWitness(count *counter) *witness {
	return &witness{count: count, sights: map[string][]sight{}, filed: map[string]int{}}
}

// Publish implements the publishers of all services. They tell of what is committed, in the order in which it was done.
func (w *witness) Publish(e event.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e.Kind {
	case event.Group:
		if err := w.look(e.Chat); err != nil {
			w.err = err
		}
	case event.Message:
		if _, before := w.filed[e.Message]; !before {
			w.filed[e.Message] = w.count.next()
		}
	}
}

func (w *witness) look(group string) error {
	number, deeds := w.count.next(), []deed(nil)
	err := w.store.View(context.Background(), func(tx *models.Tx) error {
		chat, found, err := tx.ChatNamed(models.GroupChat, group)
		if err != nil || !found {
			return err
		}
		deeds, err = deedsOf(tx, chat)
		return err
	})
	w.sights[group] = append(w.sights[group], sight{number, rollOf(group, deeds)})
	return err
}

// deedsOf reads the log of a group.
func deedsOf(tx *models.Tx, chat models.Chat) (list []deed, err error) {
	stored, err := tx.GroupEvents(chat.ID)
	for _, s := range stored {
		one, err := deedOf(s)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, err
}

// since is how a group looked from a number on: what was in force then, and everything later.
func (w *witness) since(group string, number int) (before *sight, later []sight) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, s := range slices.Backward(w.sights[group]) {
		if s.number <= number {
			return &w.sights[group][i], slices.Clone(w.sights[group][i+1:])
		}
	}
	return nil, slices.Clone(w.sights[group])
}

// filedAt is when a text was filed that came from its author, and whether it was.
func (w *witness) filedAt(id string) (int, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	number, is := w.filed[id]
	return number, is
}
