package chats

import (
	"time"

	"sotto/models"
	"sotto/node/payload"
)

// tellEvery is how often our other devices are told up to where one chat was read: whoever reads along marks each message.
const tellEvery = 5 * time.Second

// noteRead notes that everything in a chat was read. The sender tells our other devices, where there are any.
func (a *account) noteRead(tx *models.Tx, chat models.Chat) error {
	alone, err := a.Circle.Alone(tx)
	if err != nil {
		return err
	}
	most := uint64(max(a.Transport.Now().Add(payload.MaxAhead-time.Second).UnixMilli(), 0)) // else they refuse it
	last, err := tx.LastClock(chat.ID, most)
	switch {
	case err != nil || last <= chat.ReadTo:
		return err
	case alone:
		return tx.SetRead(chat.ID, last, last)
	}
	return tx.SetRead(chat.ID, last, chat.ReadTold)
}

// tellReads queues up to where chats were read, and returns how long nothing more will be due.
func (a *account) tellReads() (next time.Duration, err error) {
	var list, due []models.Chat
	err = a.Store.View(a.ctx, func(tx *models.Tx) (err error) {
		list, err = tx.UntoldReads()
		return err
	})
	if err != nil || len(list) == 0 {
		return 0, err
	}
	now := a.Transport.Now()
	for _, chat := range list {
		ago := now.Sub(a.readTold[chat.ID])
		if ago >= 0 && ago < tellEvery {
			next = soonest(next, tellEvery-ago)
			continue
		}
		due = append(due, chat)
	}
	if len(due) == 0 {
		return next, nil
	}
	err = a.Store.Update(a.ctx, func(tx *models.Tx) error {
		for _, chat := range due {
			is, found, err := tx.ChatByID(chat.ID)
			if err != nil || !found {
				return err
			}
			if err := a.Circle.Read(tx, is); err != nil {
				return err
			}
		}
		return nil
	})
	for _, chat := range due {
		a.readTold[chat.ID] = now
	}
	return next, err
}
