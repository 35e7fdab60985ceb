package datasync

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"sotto/node/datasync/wire"
)

// Bounds of a payload. The specification has none; a deployed client sends everything that is pending at once, in parts of
// at most 3/4 MiB.
const (
	MaxPayload  = 1 << 20 // bytes
	MaxIDs      = 1000    // acks, offers, requests: of each
	MaxMessages = 256
)

// Payload is what one side tells the other (2/MVDS, "Payloads").
type Payload struct {
	Acks     []ID // were received
	Offers   []ID // could be sent
	Requests []ID // should be sent
	Messages []Message
}

// Encode writes the payload. The error is a Reason: the payload is empty, or beyond a bound.
func (p Payload) Encode() ([]byte, error) {
	if err := (counts{len(p.Acks), len(p.Offers), len(p.Requests), len(p.Messages)}).check(); err != nil {
		return nil, err
	}
	m := wire.Payload{Acks: rawIDs(p.Acks), Offers: rawIDs(p.Offers), Requests: rawIDs(p.Requests)}
	for _, message := range p.Messages {
		m.Messages = append(m.Messages, &wire.Message{GroupId: message.Group[:], Timestamp: message.Timestamp, Body: message.Body})
	}
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(&m)
	switch {
	case err != nil:
		return nil, ReasonMalformed
	case len(encoded) > MaxPayload:
		return nil, ReasonOversized
	}
	return encoded, nil
}

// DecodePayload reads a payload: what has at least one of its fields. Ids that are not 32 bytes long are left out. The error
// is a Reason.
func DecodePayload(raw []byte) (Payload, error) {
	if len(raw) > MaxPayload {
		return Payload{}, ReasonOversized
	}
	n, err := count(raw)
	if err != nil {
		return Payload{}, err
	}
	if err := n.check(); err != nil {
		return Payload{}, err
	}
	var m wire.Payload
	if err := proto.Unmarshal(raw, &m); err != nil {
		return Payload{}, ReasonMalformed
	}
	p := Payload{Acks: ids(m.GetAcks()), Offers: ids(m.GetOffers()), Requests: ids(m.GetRequests())}
	p.Messages, err = messages(m.GetMessages())
	if err != nil {
		return Payload{}, err
	}
	return p, nil
}

func messages(raw []*wire.Message) (list []Message, err error) {
	for _, m := range raw {
		if len(m.GetGroupId()) != len(Message{}.Group) {
			return nil, ReasonGroup
		}
		list = append(list, Message{[32]byte(m.GetGroupId()), m.GetTimestamp(), m.GetBody()})
	}
	return list, nil
}

func ids(raw [][]byte) (list []ID) {
	for _, b := range raw {
		if len(b) == len(ID{}) {
			list = append(list, ID(b))
		}
	}
	return list
}

func rawIDs(list []ID) (raw [][]byte) {
	for i := range list {
		raw = append(raw, list[i][:])
	}
	return raw
}

// counts is how many acks, offers, requests and messages a payload has.
type counts [4]int

const (
	firstField protowire.Number = 5001
	lastField  protowire.Number = 5004
)

// count counts the fields of a payload before any of them is read: a megabyte of empty ones would take a hundred to hold. What
// begins with "[" is an application message of 2019 without any wrapper, which is JSON; no payload can begin so.
func count(raw []byte) (n counts, err error) {
	if len(raw) > 0 && raw[0] == '[' {
		return counts{}, ReasonNotDatasync
	}
	for len(raw) > 0 {
		number, kind, size := protowire.ConsumeField(raw)
		if size < 0 {
			return counts{}, ReasonMalformed
		}
		if kind == protowire.BytesType && number >= firstField && number <= lastField {
			n[number-firstField]++
		}
		raw = raw[size:]
	}
	return n, nil
}

// check refuses what is no payload or has too much in it.
func (n counts) check() error {
	switch {
	case n == counts{}:
		return ReasonNotDatasync
	case max(n[0], n[1], n[2]) > MaxIDs || n[3] > MaxMessages:
		return ReasonTooMany
	}
	return nil
}
