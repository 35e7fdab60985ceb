package groups

import (
	"bytes"
	"time"

	"sotto/models"
	"sotto/node/identity"
)

// logEvery is how often the whole log goes to one member at most.
const logEvery = 10 * time.Minute

// UntilCheck is how long no log is to be compared with somebody's, at least a millisecond; 0 where none is.
func (k *Keeper) UntilCheck(tx *models.Tx) (time.Duration, error) {
	at, waits, err := tx.NextGroupCheck()
	if err != nil || !waits {
		return 0, err
	}
	wait := time.UnixMilli(at).Sub(k.now())
	if wait > logEvery { // the clock was set back
		wait = 0
	}
	return max(wait, time.Millisecond), nil
}

// Check compares the logs that are due, up to limit, and sends ours where somebody's is still another.
func (k *Keeper) Check(tx *models.Tx, limit int) error {
	now := k.now()
	due, err := tx.DueGroupChecks(now.UnixMilli(), now.Add(logEvery).UnixMilli(), limit)
	if err != nil {
		return err
	}
	books := make(map[int64]*book)
	for _, p := range due {
		b := books[p.Chat]
		if b == nil {
			chat, _, err := tx.ChatByID(p.Chat)
			if err != nil {
				return err
			}
			if b, err = k.load(tx, chat); err != nil {
				return err
			}
			books[p.Chat] = b
		}
		if err := k.compare(tx, b, p); err != nil {
			return err
		}
	}
	return nil
}

// compare sends our log to somebody whose own is another, if it is time for that. Our own row stands for our other devices.
func (k *Keeper) compare(tx *models.Tx, b *book, p models.GroupPerson) error {
	now := k.now()
	me := b.people[k.self]
	own := p.Key == k.self
	p.CheckAt = 0
	if !b.chat.Active || !me.Joined || !p.Member || !own && bytes.Equal(p.Told, me.Told) {
		return tx.PutGroupPerson(&p)
	}
	if wait := time.UnixMilli(p.LoggedAt).Add(logEvery).Sub(now); wait > 0 && wait <= logEvery {
		p.CheckAt = now.Add(wait).UnixMilli()
		return tx.PutGroupPerson(&p)
	}
	if err := tx.PutGroupPerson(&p); err != nil {
		return err
	}
	whole, err := k.whole(b)
	if err != nil {
		return err
	}
	if !own {
		return k.sendLog(tx, p, whole)
	}
	if err := k.pair.Mirror(tx, whole); err != nil {
		return err
	}
	p.LoggedAt = now.UnixMilli()
	return tx.PutGroupPerson(&p)
}

// Appeared lets the logs go to somebody of whom a new device was heard, which may have none: they are a little later, unless
// that device tells by then that it has them.
func (k *Keeper) Appeared(tx *models.Tx, who identity.PublicKey) error {
	rows, err := tx.Groups(who)
	if err != nil {
		return err
	}
	for _, p := range rows {
		p.CheckAt = k.now().Add(settle).UnixMilli()
		if who != k.self {
			p.Told = nil
		}
		if err := tx.PutGroupPerson(&p); err != nil {
			return err
		}
	}
	return nil
}
