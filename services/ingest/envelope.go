package ingest

import (
	"crypto/ecdsa"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/event"
)

// Route is what kind of topic an envelope came on.
type Route int

// The routes.
const (
	Public      Route = iota // a public channel's
	Private                  // partitioned or negotiated
	ContactCode              // on which somebody publishes their bundles
)

// Envelope is what a subscription opened. Everything in it but Hash, Route, Chat, Owner and Peer was chosen by its sender.
type Envelope struct {
	Hash    [32]byte // of the envelope
	Route   Route
	Chat    string             // of Public: name of the channel
	Owner   identity.PublicKey // of ContactCode: whose topic it is
	Payload []byte             // what was sealed
	Signer  *ecdsa.PublicKey   // nil if the envelope was not signed
	Sent    time.Time          // expiry minus time to live
	Peer    string             // who handed it over: enode URL or node id; may be empty
}

// Incoming is a message that passed every rule of its layer, and the envelope that brought it.
type Incoming struct {
	Envelope
	Public  payload.Public
	Bundles [][]byte // that came beside it, not verified
}

// Effects is what a handler wants done beside what it stored.
type Effects struct {
	Events  []event.Event // published after the commit
	Acks    []Ack         // for Finish, within the transaction
	Heal    []identity.PublicKey
	Refused []Reason // of messages in it, although the envelope was taken in
	Listen  bool     // the topics that follow from the database may be others now
	Send    bool     // something waits to be sent
}

// Ack is a data sync message that somebody is told of that it came.
type Ack struct {
	To identity.PublicKey
	ID [32]byte
}

func (e *Effects) add(more Effects) {
	e.Events, e.Acks, e.Heal = append(e.Events, more.Events...), append(e.Acks, more.Acks...), append(e.Heal, more.Heal...)
	e.Refused = append(e.Refused, more.Refused...)
	e.Listen, e.Send = e.Listen || more.Listen, e.Send || more.Send
}

// Handler files one message. It may fail with a Reason, and what it wrote is then undone.
type Handler func(tx *models.Tx, in Incoming) (Effects, error)

// Opener takes in an envelope of a route of its own. It may fail with a Reason: what it wrote is then undone, and of its
// effects only Heal holds.
type Opener func(tx *models.Tx, e Envelope) (Effects, error)

// Table says who handles which type of message. What is not in it is refused as UnknownType.
type Table map[payload.Type]Handler

// open takes the layers off an envelope: the transport message, then the application wrapper. It touches no state.
func open(e Envelope) (Incoming, error) {
	if e.Signer == nil {
		return Incoming{}, Unsigned
	}
	message, err := secure.UnwrapPublic(e.Payload)
	if err != nil {
		return Incoming{}, err
	}
	at := payload.Arrival{Chat: e.Chat, Signer: identity.KeyOf(e.Signer), Sent: e.Sent}
	public, err := payload.OpenPublic(message.Payload, at)
	if err != nil {
		return Incoming{}, err
	}
	return Incoming{Envelope: e, Public: public, Bundles: message.Bundles}, nil
}
