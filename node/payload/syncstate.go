package payload

import (
	"crypto/ecdsa"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/identity"
	"sotto/node/payload/group"
	"sotto/node/payload/wire"
)

// SyncState is what one device of a person tells the others where the specification has nothing for it: how things stand
// with a chat, or with somebody. It is ours; deployed clients skip its type. Of two about the same thing that with the later
// clock counts.
type SyncState struct {
	Clock uint64
	Chat  string // id of a chat: a public chat's name, a person's key, a group's id. Empty where Person is there
	Read  uint64 // clock of the last message of the chat that was read, 0 for none
	Left  bool   // the chat is not on the list any more
	Muted bool   // its messages make no noise
	// Person is nil where Chat is not empty.
	Person *Standing
}

// Standing is how somebody stands with us.
type Standing struct {
	Key      identity.PublicKey
	State    StandingState
	Nickname string // that we gave them, may be empty
	Verified bool   // their code was compared with ours
}

// StandingState is what we did about somebody.
type StandingState int32

// The states of somebody.
const (
	Stranger        StandingState = 0
	ContactAdded    StandingState = 1
	ContactIgnored  StandingState = 2
	ContactBlocked  StandingState = 3
	highestStanding               = ContactBlocked
)

// lastStateField is the highest number of a field of SyncState, and lastStandingField of Standing, that is known here.
const (
	lastStateField    protowire.Number = 6
	lastStandingField protowire.Number = 4
)

// DecodeSyncState reads a state and refuses what is none: ReasonOversized, ReasonMalformed, ReasonFields, ReasonKey. It
// judges no other values.
func DecodeSyncState(payload []byte) (SyncState, error) {
	var m wire.SyncState
	if err := decode(payload, &m, lastStateField); err != nil {
		return SyncState{}, err
	}
	s := SyncState{Clock: m.GetClock(), Chat: m.GetChat(), Read: m.GetRead().GetClock(), Left: m.GetLeft(), Muted: m.GetMuted()}
	if standing := m.GetStanding(); standing != nil {
		if hasFieldUpTo(standing, lastStandingField) {
			return SyncState{}, ReasonFields
		}
		key, err := longKey(standing.GetKey())
		if err != nil {
			return SyncState{}, err
		}
		s.Person = &Standing{key, StandingState(standing.GetState()), standing.GetNickname(), standing.GetVerified()}
	}
	return s, nil
}

// Encode is the state's protobuf. The error is ReasonBadText.
func (s SyncState) Encode() ([]byte, error) {
	m := wire.SyncState{Clock: s.Clock, Chat: s.Chat, Left: s.Left, Muted: s.Muted}
	if s.Read != 0 {
		m.Read = &wire.ReadPosition{Clock: s.Read}
	}
	if p := s.Person; p != nil {
		m.Standing = &wire.Standing{Key: p.Key.String(), State: int32(p.State), Nickname: p.Nickname, Verified: p.Verified}
	}
	return marshal(&m)
}

// Seal encodes, signs and wraps an outgoing state.
func (s SyncState) Seal(key *ecdsa.PrivateKey) (wrapped []byte, id ID, err error) {
	return encodeAndSeal(key, TypeSyncState, s.Encode)
}

// Validate judges a state that came in a Whisper message sent at the given time: ReasonNoClock, ReasonFuture, and
// ReasonState where it is not about one chat or one person, or says what is not known here.
func (s SyncState) Validate(sent time.Time) error {
	if err := checkClock(s.Clock, sent); err != nil {
		return err
	}
	switch {
	case s.Read > millis(sent.Add(MaxAhead)):
		return ReasonFuture
	case (s.Chat != "") == (s.Person != nil):
		return ReasonState
	case s.Person != nil && (s.Person.State < Stranger || s.Person.State > highestStanding):
		return ReasonState
	case s.Chat != "" && !isChatID(s.Chat):
		return ReasonState
	}
	return nil
}

// isChatID tells whether a text can be the id of a chat: a public chat's name, a person's key, or a group's id.
func isChatID(id string) bool {
	if _, err := longKey(id); err == nil {
		return true
	}
	if _, err := group.Creator(id); err == nil {
		return true
	}
	name, err := ParsePublicName(id)
	return err == nil && name == id
}

// trusting drops a nickname that cannot be shown on a line.
func (s SyncState) trusting() SyncState {
	if s.Person != nil {
		person := *s.Person
		person.Nickname = shown(person.Nickname, MaxNickname)
		s.Person = &person
	}
	return s
}
