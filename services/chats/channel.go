package chats

import (
	"context"

	"sotto/models"
	"sotto/node/identity"
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
		a.wake()
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
			if err := a.Circle.Listed(tx, &row); err != nil {
				return err
			}
		}
		chat, err = a.chat(tx, row)
		return err
	})
	return chat, err
}

// Leave stops listening to a channel and takes it off the list. What was said stays and is there again after joining
// anew; what was not sent yet is still sent. A private chat is left only with somebody who is no contact; what they write
// then is a request. Of a group it takes only one off the list of which we are no member any more. The codes are no_such_chat and not_allowed.
func (s *Service) Leave(ctx context.Context, chat string) error {
	return s.with(func(a *account) error {
		a.membership.Lock()
		defer a.membership.Unlock()
		err := a.Store.Update(ctx, func(tx *models.Tx) error {
			row, err := activeChat(tx, chat)
			if err != nil {
				return err
			}
			if err := a.mayLeave(tx, row); err != nil {
				return err
			}
			row.Active = false
			return a.Circle.Listed(tx, &row)
		})
		if err != nil {
			return err
		}
		a.unlisten(chat)
		a.retune()
		a.wake()
		a.publish(event.Event{Kind: event.Chat, Chat: chat})
		return nil
	})
}

// mayLeave says why a chat cannot be taken off the list by itself, if so.
func (a *account) mayLeave(tx *models.Tx, row models.Chat) error {
	if row.Kind != models.GroupChat {
		return leavePrivate(tx, row)
	}
	me, _, err := tx.GroupPerson(row.ID, a.author)
	if err == nil && me.Member {
		err = errLeaveGroup
	}
	return err
}

// leavePrivate says why a private chat cannot be taken off the list by itself, if so. What the other has not acknowledged is
// not sent again: nobody reads the acknowledgements of strangers.
func leavePrivate(tx *models.Tx, row models.Chat) error {
	if row.Kind != models.PrivateChat {
		return nil
	}
	if row.Request {
		return errLeaveRequest
	}
	who, err := identity.ParsePublicKey(row.Name)
	if err != nil {
		return err
	}
	contact, _, err := tx.Contact(who)
	switch {
	case err != nil:
		return err
	case contact.State == models.ContactAdded:
		return errLeaveContact
	}
	if mate, err := tx.SharesGroup(who); err != nil || mate { // whose acknowledgements are read
		return err
	}
	return tx.ForgetSendings(who)
}

// channel is where the public channel of that name lives.
func (a *account) channel(ctx context.Context, name string) (Channel, error) {
	return a.derived(ctx, name, func() (string, error) { return name, nil })
}

// derived is where the topic lives that is kept under a label. It is derived from its name, once, and stored.
func (a *account) derived(ctx context.Context, label string, name func() (string, error)) (Channel, error) {
	var stored models.TopicKey
	var found bool
	err := a.Store.View(ctx, func(tx *models.Tx) (err error) {
		stored, found, err = tx.TopicKey(label)
		return err
	})
	if err != nil {
		return Channel{}, err
	}
	if found && len(stored.Topic) == len(Channel{}.Topic) && len(stored.Key) == len(Channel{}.Key) {
		return channelOf(stored), nil
	}
	from, err := name()
	if err != nil {
		return Channel{}, err
	}
	ch := Channel{Topic: whisper.TopicOf(from), Key: a.cfg.Derive(from)}
	return ch, a.Store.Update(ctx, func(tx *models.Tx) error {
		return tx.PutTopicKey(models.TopicKey{Name: label, Topic: ch.Topic[:], Key: ch.Key[:]})
	})
}

func channelOf(stored models.TopicKey) Channel {
	return Channel{Topic: [4]byte(stored.Topic), Key: [32]byte(stored.Key)}
}

// listen subscribes to a public channel, once.
func (a *account) listen(name string, ch Channel) error {
	return a.subscribe(name, func(handle func(Delivery)) (func(), error) { return a.Transport.Subscribe(ch, handle) },
		ingest.Envelope{Route: ingest.Public, Chat: name})
}

// unlisten ends a subscription. That waits for what it hands over now, which may wait for ingest.
func (a *account) unlisten(label string) {
	a.listening.Lock()
	end, there := a.topics[label]
	delete(a.topics, label)
	a.listening.Unlock()
	if there {
		end()
		a.cfg.Topics()
	}
}
