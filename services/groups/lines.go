package groups

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/event"
)

// line is what is stored of an event that a chat shows. It is turned into words when it is shown, so that it has the names
// that people have then.
type line struct {
	Did  string   `json:"did"`
	Whom []string `json:"whom,omitempty"` // keys, 0x04…
	More int      `json:"more,omitempty"` // how many there are beside those
	Name string   `json:"name,omitempty"` // of the group
}

// What a line tells.
const (
	didCreate  = "created"
	didRename  = "renamed"
	didAdd     = "added"
	didJoin    = "joined"
	didLeave   = "left"
	didDecline = "declined"
	didRemove  = "removed"
	didPromote = "promoted"
	didResign  = "resigned"
)

// mostNamed is how many people a line names.
const mostNamed = 5

// lines adds a line to the chat for each event that counts now. Of a group that was not known before only the last one is
// told that brought us in.
func (k *Keeper) lines(tx *models.Tx, b *book, c change, isNew bool) (told []event.Event, err error) {
	effects := c.effects
	if isNew {
		effects = k.ours(effects)
	}
	for _, e := range effects {
		if e.Clock <= b.chat.DeletedAt {
			continue
		}
		text, err := json.Marshal(lineOf(e, c.before))
		if err != nil {
			return nil, err
		}
		id := payload.ID(e.LineID())
		row := models.Message{ID: id[:], Chat: b.chat.ID, Clock: e.Clock, Timestamp: int64(e.Clock), Sent: k.now().UnixMilli(),
			Author: e.Author[:], ContentType: int(payload.ContentSystem), Text: string(text), Seen: true}
		fresh, err := tx.AddMessage(&row)
		if err != nil {
			return nil, err
		}
		if fresh {
			told = append(told, event.Event{Kind: event.Message, Chat: b.chat.Name, Message: id.String()})
		}
	}
	return told, nil
}

// unsaid takes the lines of events out that count for nothing any more. With other words below it a signature is somebody else's,
// or of another group: such an event takes nothing out. Resync is for readers that do not expect a line to vanish.
func unsaid(tx *models.Tx, chat models.Chat, void []group.Event) (told []event.Event, err error) {
	for _, e := range void {
		id := e.LineID()
		row, found, err := tx.Message(id[:])
		if err != nil {
			return nil, err
		}
		if !found || row.Chat != chat.ID || !bytes.Equal(row.Author, e.Author[:]) {
			continue
		}
		if err := tx.RemoveMessage(row.Row); err != nil {
			return nil, err
		}
		told = []event.Event{{Kind: event.Resync}}
	}
	return told, nil
}

// ours is the last event that named us, or that we made the group.
func (k *Keeper) ours(effects []group.Event) []group.Event {
	for _, e := range slices.Backward(effects) {
		if e.Type == group.Added && slices.Contains(e.Members, k.self) || e.Type == group.Created && e.Author == k.self {
			return []group.Event{e}
		}
	}
	return nil
}

// lineOf is what is stored of an event, which came about when the group was as it was before.
func lineOf(e group.Event, before group.State) line {
	l := line{Did: map[group.Type]string{group.Created: didCreate, group.Renamed: didRename, group.Added: didAdd,
		group.Joined: didJoin, group.Removed: didRemove, group.AdminsAdded: didPromote, group.AdminRemoved: didResign}[e.Type]}
	if e.Type == group.Removed && slices.Contains(e.Members, e.Author) {
		l.Did = didLeave
		if p, known := before.People[e.Author]; known && !p.Joined {
			l.Did = didDecline
		}
	}
	switch l.Did {
	case didCreate, didRename:
		l.Name = group.Title(e.Name)
	case didAdd, didRemove, didPromote:
		named := min(len(e.Members), mostNamed)
		for _, who := range e.Members[:named] {
			l.Whom = append(l.Whom, who.String())
		}
		l.More = len(e.Members) - named
	}
	return l
}

// Words is the sentence, without a full stop, for what is stored of an event that by brought about; name says what somebody is
// called, by their key. What is not stored by this package is returned as it stands.
func Words(text string, by, self identity.PublicKey, name func(key identity.PublicKey) (string, error)) (string, error) {
	var l line
	if !strings.HasPrefix(text, "{") || json.Unmarshal([]byte(text), &l) != nil {
		return text, nil
	}
	who, whom := "You", ""
	var err error
	if by != self {
		if who, err = name(by); err != nil {
			return "", err
		}
	}
	if whom, err = l.whom(self, name); err != nil {
		return "", err
	}
	switch {
	case l.Did == didAdd && slices.Contains(l.Whom, self.String()) && by != self:
		return "You were added by " + who, nil
	case l.Did == didRename:
		return "The group is now called " + l.Name, nil
	case l.Did == didResign && by == self:
		return "You are no admin any more", nil
	}
	words, known := map[string]string{didCreate: who + " made the group", didAdd: who + " invited " + whom, didJoin: who + " joined",
		didLeave: who + " left", didDecline: who + " declined the invitation", didRemove: who + " removed " + whom,
		didPromote: who + " made " + whom + " an admin", didResign: who + " is no admin any more"}[l.Did]
	if !known {
		return text, nil
	}
	return words, nil
}

// whom names the people whom a line is about.
func (l line) whom(self identity.PublicKey, name func(identity.PublicKey) (string, error)) (string, error) {
	var names []string
	for _, text := range l.Whom {
		key, err := identity.ParsePublicKey(text)
		if err != nil {
			continue
		}
		called := "you"
		if key != self {
			if called, err = name(key); err != nil {
				return "", err
			}
		}
		names = append(names, called)
	}
	switch last := len(names) - 1; {
	case last < 0:
		return "", nil
	case l.More > 0:
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), l.More), nil
	case last == 0:
		return names[0], nil
	default:
		return strings.Join(names[:last], ", ") + " and " + names[last], nil
	}
}

// timeOf is the time that a clock stands for.
func timeOf(clock uint64) time.Time { return time.UnixMilli(int64(min(clock, 1<<63-1))) }
