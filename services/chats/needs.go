package chats

import (
	"context"
	"strings"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services/stored"
)

// How far back what was missed is wanted by itself: of a channel what was said shortly before it was joined, of private topics
// nothing from long before this account was here, unless it was somewhere else before.
const (
	beforeJoining = 24 * time.Hour
	beforeUs      = 48 * time.Hour // what is younger can be answered with a new prekey where the account was recovered
	longestAgo    = 30 * 24 * time.Hour
)

// Need is a topic that is listened to, and from when on what was said there is wanted.
type Need struct {
	Topic [4]byte
	Chat  string // whose it is; empty where it is no single chat's
	Own   bool   // what is encrypted to us alone comes on it, of any private chat
	From  time.Time
	// Reach is from when on it is wanted besides, where mailservers promise to keep things for so long; zero: from From on only.
	Reach time.Time
}

// noteRecovery remembers that the account was made here of a phrase that there was before. Then what mailservers keep from long
// before it was here may be for it: what strangers wrote who knew none of its devices can be read with the chat key alone.
func (a *account) noteRecovery(ctx context.Context) error {
	if !a.Recovered {
		return nil
	}
	return a.Store.Update(ctx, (*models.Tx).NoteRecovery)
}

// Needs lists the topics that are listened to. No key is derived for it, and what is not listened to yet is not in it: what
// came on it would be lost. The code is locked while no account is open.
func (s *Service) Needs(ctx context.Context) (needs []Need, err error) {
	err = s.with(func(a *account) error {
		return a.Store.View(ctx, func(tx *models.Tx) (err error) {
			needs, err = a.needs(tx)
			return err
		})
	})
	return needs, err
}

func (a *account) needs(tx *models.Tx) ([]Need, error) {
	longest := a.Transport.Now().Add(-longestAgo)
	needs, err := a.channelNeeds(tx, longest)
	if err != nil {
		return nil, err
	}
	made, err := tx.Made()
	if err != nil {
		return nil, err
	}
	private := latest(longest, time.UnixMilli(made).Add(-beforeUs))
	if private.After(a.Transport.Now()) { // the clock was wrong when the account was made
		private = longest
	}
	recovered, err := tx.Recovered()
	if err != nil {
		return nil, err
	}
	var reach time.Time
	if recovered && longest.Before(private) {
		reach = longest
	}
	needs = append(needs, Need{Topic: whisper.TopicOf(secure.PartitionedTopic(a.author)), Own: true, From: private, Reach: reach})
	stations, err := a.stations(tx)
	if err != nil {
		return nil, err
	}
	for _, s := range stations {
		stored, found, err := tx.TopicKey(s.label)
		if err != nil {
			return nil, err
		}
		if found && a.hears(s.label) {
			need := needOf(s, channelOf(stored).Topic, private, longest, a.author)
			if need.From.Equal(private) {
				need.Reach = reach
			}
			needs = append(needs, need)
		}
	}
	return needs, nil
}

// needOf is the need of a station. What somebody published of themselves is wanted also from before we were here.
func needOf(s station, topic [4]byte, private, longest time.Time, self identity.PublicKey) Need {
	need := Need{Topic: topic, From: private}
	negotiated := strings.HasPrefix(s.label, labelNegotiated)
	switch {
	case negotiated && s.owner == self: // copies of what other devices of ours wrote, in any chat
		need.Own = true
	case negotiated:
		need.Chat = s.owner.String()
	case s.owner != self:
		need.From = longest
	}
	return need
}

// channelNeeds are those of the public channels that were joined.
func (a *account) channelNeeds(tx *models.Tx, longest time.Time) (needs []Need, err error) {
	list, err := tx.Chats()
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if c.Kind != models.PublicChat {
			continue
		}
		stored, found, err := tx.TopicKey(c.Name)
		if err != nil {
			return nil, err
		}
		if found && a.hears(c.Name) {
			from := latest(longest, time.UnixMilli(c.JoinedAt).Add(-beforeJoining))
			needs = append(needs, Need{Topic: channelOf(stored).Topic, Chat: c.Name, From: from})
		}
	}
	return needs, nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Flush waits until everything that arrived before is stored, and runs fn in that transaction or a later one; see
// [ingest.Ingest.Flush]. The code is locked while no account is open.
func (s *Service) Flush(ctx context.Context, fn func(*models.Tx) error) error {
	s.mu.RLock()
	open := s.open
	s.mu.RUnlock() // not held meanwhile: Detach must be able to end it
	if open == nil {
		return stored.ErrLocked
	}
	return open.ingest.Flush(ctx, fn)
}
