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

// Envelope is what a subscription opened. Everything in it but Hash, Chat and Peer was chosen by its sender.
type Envelope struct {
	Hash    [32]byte         // of the envelope
	Chat    string           // name of the public channel on which it came
	Payload []byte           // what was sealed
	Signer  *ecdsa.PublicKey // nil if the envelope was not signed
	Sent    time.Time        // expiry minus time to live
	Peer    string           // who handed it over: enode URL or node id; may be empty
}

// Incoming is a message that passed every rule of its layer, and the envelope that brought it.
type Incoming struct {
	Envelope
	Public payload.Public
}

// Effects is what a handler wants done after the commit.
type Effects struct {
	Events []event.Event
}

// Handler files one message. It may fail with a Reason, and what it wrote is then undone.
type Handler func(tx *models.Tx, in Incoming) (Effects, error)

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
	return Incoming{Envelope: e, Public: public}, nil
}
