package payload

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/identity"
	"sotto/node/payload/transit"
)

// Fields of the wrapper that was used in 2019 (StatusProtocolMessage).
const (
	oldSignature protowire.Number = 4001
	oldPayload   protowire.Number = 4002
)

// TypeSeen is no type that wrappers have: it stands for a message of 2019 that says what somebody has read. That means nothing
// any more; it is taken, so that it does not count as a refusal.
const TypeSeen Type = -5

// oldTypes are the types of messages of 2019.
var oldTypes = map[transit.Tag]Type{
	transit.TagText:             TypeChat,
	transit.TagNewText:          TypeChat,
	transit.TagContactRequest:   TypeContact,
	transit.TagContactConfirmed: TypeContact,
	transit.TagContactUpdate:    TypeContact,
	transit.TagSeen:             TypeSeen,
	transit.TagMembership:       TypeMembership,
	transit.TagSync:             TypeSync,
	transit.TagPair:             TypePair,
}

// oldOpeners open what is said in the format of 2019. The groups of that time are signed over another form, and nobody can
// write to them any more in ours; a device of that time could be told nothing. So what makes them up is refused, each under a
// name of its own.
var oldOpeners = map[Type]opener{
	TypeChat:       openOldChat,
	TypeContact:    openOldContact,
	TypeSeen:       openSeen,
	TypeMembership: refuseOldGroup,
	TypeSync:       func(Opened, PrivateArrival) (Private, error) { return Private{}, ReasonOldSync },
	TypePair:       func(Opened, PrivateArrival) (Private, error) { return Private{}, ReasonOldPair },
}

// isBareOld tells that a message of 2019 came without any wrapper, as the oldest clients sent them. No protobuf of ours begins
// like an array of JSON.
func isBareOld(wrapped []byte) bool { return len(wrapped) > 0 && wrapped[0] == '[' }

// unwrapOld reads the fields of a wrapper that has none of today's: that of 2019, or ReasonMalformed.
func unwrapOld(fields []byte) (o Opened, signature []byte, err error) {
	var content []byte
	for len(fields) > 0 {
		number, kind, head := protowire.ConsumeTag(fields)
		size := protowire.ConsumeFieldValue(number, kind, fields[max(head, 0):])
		if head < 0 || size < 0 {
			return Opened{}, nil, ReasonMalformed
		}
		value := fields[head : head+size]
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(value)
		}
		switch {
		case kind != protowire.BytesType:
		case number == oldSignature:
			signature = value
		case number == oldPayload:
			content = value
		}
		fields = fields[head+size:]
	}
	if len(content) == 0 {
		return Opened{}, nil, ReasonMalformed
	}
	o, err = decodeOld(content)
	return o, signature, err
}

// decodeOld reads a message of 2019 without its wrapper: ReasonMalformed, or ReasonTransit for a kind that is not known.
func decodeOld(content []byte) (Opened, error) {
	m, err := transit.Decode(content)
	switch {
	case errors.Is(err, transit.ErrTag):
		return Opened{}, ReasonTransit
	case err != nil:
		return Opened{}, ReasonMalformed
	}
	return Opened{Type: oldTypes[m.Tag], Payload: content, old: &m}, nil
}

func openOldChat(opened Opened, at PrivateArrival) (Private, error) {
	if opened.Author == at.Self {
		return Private{}, fmt.Errorf("%w: of 2019, from ourselves", ReasonType)
	}
	return openPrivateChat(opened, at)
}

// openOldContact opens a contact request, its confirmation, or an update: all three say who somebody is. They have no clock, so
// the time of sending stands for it.
func openOldContact(opened Opened, at PrivateArrival) (Private, error) {
	if opened.Author == at.Self {
		return Private{}, fmt.Errorf("%w: of 2019, from ourselves", ReasonType)
	}
	said := opened.old.Contact
	update := ContactUpdate{Clock: millis(at.Sent), Name: said.Name, Image: said.Image}
	if err := update.Validate(at.Sent); err != nil {
		return Private{}, err
	}
	return Private{Opened: opened, Update: update.trusting()}, nil
}

func openSeen(opened Opened, _ PrivateArrival) (Private, error) { return Private{Opened: opened}, nil }

// refuseOldGroup checks an update of a group before it is refused, so that what is counted are groups, and no forgeries.
func refuseOldGroup(opened Opened, _ PrivateArrival) (Private, error) {
	switch err := opened.old.Membership.Verify(); {
	case errors.Is(err, identity.ErrSignature):
		return Private{}, fmt.Errorf("%w: %w", ReasonSignature, err)
	case err != nil:
		return Private{}, ReasonMalformed
	}
	return Private{}, ReasonOldGroup
}
