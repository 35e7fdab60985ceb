package devices

import (
	"crypto/ecdsa"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/services/pairwise"
)

// Circle is the devices of an account that take part, and what this one tells the others: steps over a transaction, for the
// services in which something changes. Where no other device takes part they only note when it was.
//
// What is told is the state of one thing and a clock, and of two states of the same thing that with the later clock counts on
// every device, in whichever order they come.
type Circle struct {
	key  *ecdsa.PrivateKey
	pair *pairwise.Pair
	now  func() time.Time
	more []Sharer
}

// Sharer hands to give, wrapped, what else a device has to know that takes part from now on.
type Sharer func(tx *models.Tx, give func(wrapped []byte)) error

// NewCircle returns the circle of an account, whose chat key is given. now is the time by which envelopes are judged.
func NewCircle(key *ecdsa.PrivateKey, pair *pairwise.Pair, now func() time.Time, more ...Sharer) *Circle {
	return &Circle{key, pair, now, more}
}

// Self is the account's own key.
func (c *Circle) Self() identity.PublicKey { return c.pair.Self() }

// Alone says whether no other device takes part.
func (c *Circle) Alone(tx *models.Tx) (bool, error) { return c.pair.Alone(tx) }

// next is a clock after another one that the others accept. Theirs are at most payload.MaxAhead before their time; what lies
// further ahead is from a time when this computer's clock was wrong.
func (c *Circle) next(last uint64) uint64 {
	now := c.now()
	most := uint64(max(now.Add(payload.MaxAhead-time.Second).UnixMilli(), 0))
	return min(payload.NextClock(now, min(last, most)), most)
}

// tell sends wrapped messages to the others.
func (c *Circle) tell(tx *models.Tx, wrapped [][]byte) error {
	for _, w := range wrapped {
		if err := c.pair.Mirror(tx, w); err != nil {
			return err
		}
	}
	return nil
}

// letters collects wrapped messages, and the first error.
type letters struct {
	list [][]byte
	err  error
}

// sealer is what can be signed and wrapped.
type sealer interface {
	Seal(*ecdsa.PrivateKey) ([]byte, payload.ID, error)
}

func (l *letters) add(key *ecdsa.PrivateKey, some ...sealer) {
	for _, s := range some {
		wrapped, _, err := s.Seal(key)
		if err != nil {
			l.err = err
			return
		}
		l.list = append(l.list, wrapped)
	}
}
