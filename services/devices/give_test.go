package devices

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/services/ingest"
)

// TestADeviceThatAnswersIsGivenEverything once, in few envelopes, and the clocks that are missing are made up.
func TestADeviceThatAnswersIsGivenEverything(t *testing.T) {
	const people, channels = 120, 20
	r := newRig(t, false)
	circle := r.circle
	circle.more = []Sharer{func(_ *models.Tx, give func([]byte)) error { give([]byte("a log")); return nil }}
	id := r.meets().pair.Installation()
	r.update(func(tx *models.Tx) error {
		for n := range people {
			seed := sha256.Sum256(fmt.Append(nil, n))
			key, err := crypto.ToECDSA(seed[:])
			if err != nil {
				return err
			}
			who := identity.KeyOf(&key.PublicKey)
			c := models.Contact{Key: who[:], State: models.ContactAdded, AddedAt: 5, Nickname: "nick"}
			if err := tx.PutContact(&c); err != nil {
				return err
			}
			if err := tx.PutChat(&models.Chat{Kind: models.PrivateChat, Name: who.String(), Active: true, ReadTo: 7, ReadTold: 7}); err != nil {
				return err
			}
		}
		for n := range channels {
			if err := tx.PutChat(&models.Chat{Kind: models.PublicChat, Name: fmt.Sprint("channel", n), Active: true, JoinedAt: 9}); err != nil {
				return err
			}
		}
		return r.pair.Enable(tx, id, true)
	})
	heard := func(addressed bool) int {
		r.t.Helper()
		before := r.waiting()
		r.update(func(tx *models.Tx) error {
			_, err := circle.Heard(tx, id, addressed)
			return err
		})
		return r.waiting() - before
	}
	if n := heard(false); n != 0 {
		t.Errorf("%d envelopes to a device that may not listen", n)
	}
	// Two messages for each person and channel, where each was read, our own update, and what others share.
	const messages = 3*people + 2*channels + 2
	if n := heard(true); n == 0 || n > messages/10 {
		t.Errorf("%d envelopes", n)
	}
	r.update(func(tx *models.Tx) error {
		ids, err := tx.SendingsTo(r.pair.Self())
		if len(ids) != messages {
			t.Errorf("%d messages, want %d", len(ids), messages)
		}
		list, _ := tx.Contacts()
		chat, _, _ := tx.ChatNamed(models.PublicChat, "channel0")
		if list[0].Synced != 5 || chat.Synced != 9 {
			t.Errorf("clocks %d, %d", list[0].Synced, chat.Synced)
		}
		return err
	})
	if n := heard(true); n != 0 {
		t.Errorf("%d envelopes the second time", n)
	}
}

// TestPairedRefuses what a device says of another one, and of one that no bundle names.
func TestPairedRefuses(t *testing.T) {
	r := newRig(t, false)
	id := r.meets().pair.Installation()
	for name, c := range map[string]struct {
		in   payload.Pair
		from string
		want ingest.Reason
	}{
		"another": {payload.Pair{Clock: 1, Installation: id}, "x", ReasonOtherDevice},
		"unknown": {payload.Pair{Clock: 1, Installation: "x"}, "x", ReasonNoBundle},
	} {
		err := r.store.Update(t.Context(), func(tx *models.Tx) error {
			_, err := r.circle.Paired(tx, c.in, c.from)
			return err
		})
		if ingest.ReasonOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestClocksStayWithinWhatOthersAccept, also after a clock that was wrong.
func TestClocksStayWithinWhatOthersAccept(t *testing.T) {
	r := newRig(t, false)
	now := uint64(r.now.UnixMilli())
	most := now + uint64(payload.MaxAhead.Milliseconds())
	for last, want := range map[uint64]uint64{0: now, now: now + 1, now + 5: now + 6} {
		if got := r.circle.next(last); got != want {
			t.Errorf("after %d comes %d, want %d", last, got, want)
		}
	}
	for _, last := range []uint64{most - 1, most, 1<<63 - 1} {
		if got := r.circle.next(last); got <= now || got >= most {
			t.Errorf("after %d comes %d", last, got)
		}
	}
}
