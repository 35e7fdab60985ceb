package groups

import (
	"slices"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/node/secure"
	"sotto/services/pairwise"
)

// Wrap signs a text of ours to a group, beside the events that show that we may write there. The bytes are the same for
// everybody, since the id of the message follows from them.
func (k *Keeper) Wrap(tx *models.Tx, chat models.Chat, said payload.Chat) (wrapped []byte, id payload.ID, err error) {
	b, err := k.load(tx, chat)
	if err != nil {
		return nil, payload.ID{}, err
	}
	return b.update(group.Abridged(chat.Name, b.events, k.self), &said).Seal(k.key)
}

func (b *book) update(events []group.Event, text *payload.Chat) payload.Membership {
	return payload.Membership{ChatID: b.chat.Name, Events: payload.RawEvents(events), Text: text, Digest: b.digest()}
}

// Sent is how a text was sent: to how many people, and whether a key that leaks later opens it nowhere.
type Sent struct {
	To            int
	ForwardSecret bool
}

// Deliver sends a text of ours to everybody who joined, but for us and whom we blocked, and to our own devices. It notes to
// whom, and keeps the bytes: somebody new may be handed them.
func (k *Keeper) Deliver(tx *models.Tx, chat models.Chat, wrapped []byte, message int64) (Sent, error) {
	people, err := tx.GroupPeople(chat.ID)
	if err != nil {
		return Sent{}, err
	}
	sent := Sent{ForwardSecret: true}
	for _, p := range people {
		if !p.Joined || p.Key == k.self {
			continue
		}
		sealed, some, err := k.send(tx, p.Key, wrapped, pairwise.Ref{Message: message, Chat: chat.ID})
		if err != nil {
			return Sent{}, err
		}
		if !some {
			continue
		}
		if err := tx.AddGroupRecipient(message, p.ID); err != nil {
			return Sent{}, err
		}
		sent.To++
		sent.ForwardSecret = sent.ForwardSecret && sealed.ForwardSecret
	}
	if err := tx.PutWrapped(message, wrapped); err != nil {
		return Sent{}, err
	}
	return sent, k.pair.Mirror(tx, wrapped)
}

// send sends a message to somebody and says false where we blocked them. Who cannot be written to keeps nobody from getting
// it.
func (k *Keeper) send(tx *models.Tx, to identity.PublicKey, wrapped []byte, ref pairwise.Ref) (sealed secure.Sealed, some bool, err error) {
	blocked, err := tx.Blocked(to)
	if err != nil || blocked {
		return secure.Sealed{}, false, err
	}
	sealed, err = k.pair.Send(tx, to, wrapped, ref)
	if secure.ReasonOf(err) != "" {
		return secure.Sealed{}, false, nil
	}
	return sealed, err == nil, err
}

// announce sends events of ours, which are in the log, to everybody who was in the group before or is now. Who is new in it
// gets the whole log; so does whose program tells nothing of its own, unless we only joined. To the others goes what the
// events need, and what they lack beside that is found out by the digests.
func (k *Keeper) announce(tx *models.Tx, b *book, before group.State, fresh []group.Event) error {
	whole, err := k.whole(b)
	if err != nil {
		return err
	}
	short, _, err := b.update(group.Abridged(b.chat.Name, b.events, k.self, fresh...), nil).Seal(k.key)
	if err != nil {
		return err
	}
	joins := !slices.ContainsFunc(fresh, func(e group.Event) bool { return e.Type != group.Joined })
	for _, key := range b.everybody() {
		p := b.people[key]
		if key == k.self || !p.Member && !before.People[key].Member {
			continue
		}
		newcomer := slices.ContainsFunc(fresh, func(e group.Event) bool { return e.Type == group.Added && slices.Contains(e.Members, key) })
		if newcomer || p.Member && len(p.Told) == 0 && !joins {
			err = k.sendLog(tx, p, whole)
		} else {
			_, _, err = k.send(tx, key, short, pairwise.Ref{})
		}
		if err != nil {
			return err
		}
	}
	return k.pair.Mirror(tx, whole)
}

// whole is the log as every client takes it, signed. What is kept of a group fits into one update.
func (k *Keeper) whole(b *book) ([]byte, error) {
	wrapped, _, err := b.update(group.Clean(b.chat.Name, b.events), nil).Seal(k.key)
	return wrapped, err
}

// sendLog sends the whole log to somebody and notes when.
func (k *Keeper) sendLog(tx *models.Tx, p models.GroupPerson, whole []byte) error {
	if _, some, err := k.send(tx, p.Key, whole, pairwise.Ref{}); err != nil || !some {
		return err
	}
	p.LoggedAt = k.now().UnixMilli()
	return tx.PutGroupPerson(&p)
}
