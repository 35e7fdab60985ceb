package chats

import (
	"context"
	"fmt"

	"sotto/models"
	"sotto/node/payload"
	"sotto/node/whisper"
	"sotto/services/event"
	"sotto/services/ingest"
)

// JoinPublic joins a public channel and listens to it. name is taken as typed: case, a leading '#' and white space around
// it do not count. Whoever knows the name can read. Joining twice changes nothing. The code is bad_name where the text is
// no name.
func (s *Service) JoinPublic(ctx context.Context, name string) (chat Chat, err error) {
	name, err = payload.ParsePublicName(name)
	if err != nil {
		return Chat{}, nameRefusal(err)
	}
	err = s.with(func(a *account) error {
		a.membership.Lock()
		defer a.membership.Unlock()
		ch, err := a.channel(ctx, name)
		if err != nil {
			return err
		}
		chat, err = a.join(ctx, name)
		if err != nil {
			return err
		}
		if err := a.listen(name, ch); err != nil {
			return err
		}
		a.publish(event.Event{Kind: event.Chat, Chat: name})
		return nil
	})
	return chat, err
}

func (a *account) join(ctx context.Context, name string) (chat Chat, err error) {
	err = a.Store.Update(ctx, func(tx *models.Tx) error {
		row, found, err := tx.ChatNamed(models.PublicChat, name)
		if err != nil {
			return err
		}
		if !found || !row.Active {
			row.Kind, row.Name, row.Active = models.PublicChat, name, true
			row.JoinedAt = a.Transport.Now().UnixMilli()
			if err := tx.PutChat(&row); err != nil {
				return err
			}
		}
		chat, err = a.chat(tx, row)
		return err
	})
	return chat, err
}

// Leave stops listening to a channel and takes it off the list. What was said stays and is there again after joining
// anew; what was not sent yet is still sent.
func (s *Service) Leave(ctx context.Context, chat string) error {
	return s.with(func(a *account) error {
		a.membership.Lock()
		defer a.membership.Unlock()
		err := a.Store.Update(ctx, func(tx *models.Tx) error {
			row, err := activeChat(tx, chat)
			if err != nil {
				return err
			}
			row.Active = false
			return tx.PutChat(&row)
		})
		if err != nil {
			return err
		}
		a.unlisten(chat)
		a.publish(event.Event{Kind: event.Chat, Chat: chat})
		return nil
	})
}

// channel is where the public channel of that name lives. It is derived once and stored.
func (a *account) channel(ctx context.Context, name string) (Channel, error) {
	var stored models.TopicKey
	var found bool
	err := a.Store.View(ctx, func(tx *models.Tx) (err error) {
		stored, found, err = tx.TopicKey(name)
		return err
	})
	if err != nil {
		return Channel{}, err
	}
	if found && len(stored.Topic) == len(Channel{}.Topic) && len(stored.Key) == len(Channel{}.Key) {
		return Channel{Topic: [4]byte(stored.Topic), Key: [32]byte(stored.Key)}, nil
	}
	ch := Channel{Topic: whisper.TopicOf(name), Key: whisper.SymKeyOf(name)}
	return ch, a.Store.Update(ctx, func(tx *models.Tx) error {
		return tx.PutTopicKey(models.TopicKey{Name: name, Topic: ch.Topic[:], Key: ch.Key[:]})
	})
}

// listen subscribes to a channel, once.
func (a *account) listen(name string, ch Channel) error {
	a.listening.Lock()
	defer a.listening.Unlock()
	if _, already := a.topics[name]; already {
		return nil
	}
	end, err := a.Transport.Subscribe(ch, func(d Delivery) {
		a.ingest.Offer(a.ctx, ingest.Envelope{Hash: d.Hash, Chat: name, Payload: d.Payload, Signer: d.Signer, Sent: d.Sent, Peer: d.Peer})
	})
	if err != nil {
		return fmt.Errorf("listen to a channel: %w", err)
	}
	a.topics[name] = end
	return nil
}

func (a *account) unlisten(name string) {
	a.listening.Lock()
	defer a.listening.Unlock()
	if end, there := a.topics[name]; there {
		end()
		delete(a.topics, name)
	}
}
