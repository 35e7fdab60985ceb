package payload

import (
	"crypto/ecdsa"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/payload/group"
	"sotto/node/payload/wire"
)

// Invitation is what somebody who has a group's link writes to an admin of the group, and the admin's answer
// (GroupChatInvitation of Status spec 6/PAYLOADS). An admin who lets somebody in adds them to the group, and need not answer.
type Invitation struct {
	Clock  uint64
	ChatID string
	Text   string // with which somebody introduces themselves, at most MaxText code points; may be empty
	State  InvitationState
}

// InvitationState is what an Invitation says.
type InvitationState int32

// The states of an invitation.
const (
	InvitationRequest  InvitationState = 1 // asks to be let in
	InvitationRejected InvitationState = 2 // the admin's answer
	InvitationApproved InvitationState = 3 // the same; deployed clients do not send it
)

// lastInvitationField is the highest number of a field of GroupChatInvitation that is known here.
const lastInvitationField protowire.Number = 4

// DecodeInvitation reads an invitation and refuses what is none: ReasonOversized, ReasonMalformed, ReasonFields. It judges
// no values.
func DecodeInvitation(payload []byte) (Invitation, error) {
	var m wire.GroupChatInvitation
	if err := decode(payload, &m, lastInvitationField); err != nil {
		return Invitation{}, err
	}
	return Invitation{
		Clock: m.GetClock(), ChatID: m.GetChatId(), Text: m.GetIntroductionMessage(), State: InvitationState(m.GetState()),
	}, nil
}

// Encode is the invitation's protobuf. The error is ReasonBadText.
func (i Invitation) Encode() ([]byte, error) {
	return marshal(&wire.GroupChatInvitation{
		Clock: i.Clock, ChatId: i.ChatID, IntroductionMessage: i.Text, State: int32(i.State),
	})
}

// Seal encodes, signs and wraps an outgoing invitation. The id is the one that every receiver will compute.
func (i Invitation) Seal(key *ecdsa.PrivateKey) (wrapped []byte, id ID, err error) {
	return encodeAndSeal(key, TypeInvitation, i.Encode)
}

// Validate judges an invitation that came in a Whisper message sent at the given time. It returns the Reason of the first
// rule that the invitation breaks: ReasonNoClock, ReasonFuture, ReasonGroupID, ReasonState, ReasonTooLong, ReasonBadText.
func (i Invitation) Validate(sent time.Time) error {
	if err := checkClock(i.Clock, sent); err != nil {
		return err
	}
	if _, err := group.Creator(i.ChatID); err != nil {
		return ReasonGroupID
	}
	if i.State < InvitationRequest || i.State > InvitationApproved {
		return ReasonState
	}
	if err := CheckText(i.Text); err != nil && ReasonOf(err) != ReasonBlank {
		return err
	}
	return nil
}
