package chats

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"sotto/models"
	"sotto/models/modelstest"
)

// powerCuts is how many times the light goes out; more under make prove.
var powerCuts = 4

// cut is a conversation during which the power goes.
type cut struct {
	mu    sync.Mutex
	syncs int
	at    int // the number of the synchronisation before which it goes; 0: never
	gone  bool
	disks map[string]*modelstest.Disk
	paths map[string]string // of the databases, and later of what is left of them
	said  []string
	tap   *tap
}

func (c *cut) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gone
}

// sync counts synchronisations, and takes what is left of both disks when the power goes.
func (c *cut) sync(t *testing.T, r *rand.Rand) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.syncs++; c.syncs != c.at {
		return
	}
	c.gone = true
	for _, name := range []string{"ann", "bo"} {
		if c.paths[name] != "" {
			c.paths[name] = c.disks[name].Cut(t, r, c.paths[name])
		}
	}
}

// talk plays the script on disks of its own until the power goes, and lets that life end.
func (c *cut) talk(t *testing.T, r *rand.Rand, lies bool) {
	t.Helper()
	c.disks, c.paths, c.tap = map[string]*modelstest.Disk{}, map[string]string{}, &tap{closed: c.over}
	k := &talk{t: t, over: c.over}
	at := desktop{number: new(counter), tap: c.tap}
	for name, seat := range map[string]**person{"ann": &k.ann, "bo": &k.bo} {
		d := modelstest.NewDisk()
		c.disks[name], at.dir = d, t.TempDir()
		d.Lies = lies
		d.Before = func() { c.sync(t, r) }
		at.open = func(path string) (*models.Store, error) {
			c.mu.Lock()
			c.paths[name] = path
			c.mu.Unlock()
			return models.OpenOn(d, d.SyncFolder, path, [32]byte{1})
		}
		*seat = must(sit(t, name, at))(t)
	}
	defer k.ann.close()
	defer k.bo.close()
	k.said = func(who *person, text string) {
		if !c.over() {
			c.said = append(c.said, k.nameOf(who)+" "+text)
		}
	}
	k.play()
}

// lost says what is wrong with what a power cut left: it cannot be opened, is damaged, or lacks what was said.
func (c *cut) lost(t *testing.T) (err error) {
	t.Helper()
	for _, name := range []string{"ann", "bo"} {
		s, err := openPlain(c.paths[name])
		if err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
		if err := modelstest.Integrity(c.paths[name], [32]byte{1}); err != nil {
			return err
		}
	}
	k, err := c.next(t)
	if err != nil {
		return err
	}
	defer k.ann.close()
	defer k.bo.close()
	for _, line := range c.said {
		who, with := k.ann, k.bo
		name, text, _ := strings.Cut(line, " ")
		if name == "bo" {
			who, with = k.bo, k.ann
		}
		if !has(who, with, text) {
			return fmt.Errorf("%s has lost %q", name, text)
		}
	}
	return nil
}

// next seats both people at what is left.
func (c *cut) next(t *testing.T) (k *talk, err error) {
	k = &talk{t: t, said: func(*person, string) {}, over: func() bool { return false }}
	at := desktop{open: openPlain, number: new(counter), tap: &tap{}}
	for name, seat := range map[string]**person{"ann": &k.ann, "bo": &k.bo} {
		at.dir = filepath.Dir(c.paths[name])
		if *seat, err = sit(t, name, at); err != nil {
			return nil, err
		}
	}
	at.tap.lines = c.tap.lines
	return k, nil
}

// synchronisations is how many there are in a whole conversation.
func synchronisations(t *testing.T) int {
	t.Helper()
	if raceEnabled {
		t.Skip("the engine is twenty times slower here")
	}
	c := new(cut)
	synctest.Test(t, func(t *testing.T) { c.talk(t, nil, false) })
	return c.syncs
}

// TestPowerCutsInAConversation cuts the power of both people's computers at a random moment of a conversation: any of the
// sectors that were not synchronised may be on their disks or not. Nothing that was said is lost, nothing counts as delivered
// that is not there, the conversation goes on to its end, where both have every text once, and no key encrypts two texts.
func TestPowerCutsInAConversation(t *testing.T) {
	most, cuts := synchronisations(t), powerCuts
	if testing.Short() {
		cuts = 2
	}
	for seed := range uint64(cuts) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 4))
				c := &cut{at: 1 + r.IntN(most)}
				c.talk(t, r, false)
				if !c.gone {
					t.Skip("it took fewer synchronisations this time")
				}
				if c.paths["ann"] == "" || c.paths["bo"] == "" {
					t.Skip("one of them was not there yet")
				}
				if err := c.lost(t); err != nil {
					t.Fatalf("before synchronisation %d of %d: %v", c.at, most, err)
				}
				k := must(c.next(t))(t)
				defer k.ann.close()
				defer k.bo.close()
				k.honest()
				k.play()
				k.complete()
				checkKeys(t, slices.Concat(c.tap.lines, k.tapLines()))
			})
		})
	}
	t.Logf("%d synchronisations in a conversation", most)
}

// tapLines are what was on the wire in a life.
func (k *talk) tapLines() []string { return k.ann.open.Transport.(tapped).lines }

// TestPowerCutsOnDisksThatLie proves that the other test would notice: on disks that synchronise nothing, which is as good
// as an engine that does not ask for it, what was said gets lost.
func TestPowerCutsOnDisksThatLie(t *testing.T) {
	const cuts = 3
	most, lost := synchronisations(t), 0
	for seed := range uint64(cuts) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 5))
				c := &cut{at: most/2 + r.IntN(most/4)}
				c.talk(t, r, true)
				if c.gone && c.lost(t) != nil {
					lost++
				}
			})
		})
	}
	if lost == 0 {
		t.Error("nothing was lost although nothing was synchronised")
	}
}
