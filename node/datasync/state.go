package datasync

import (
	"time"

	"sotto/node/identity"
)

// ID is a message's id: sha256("MESSAGE_ID" || group || timestamp as u64 little endian || body) (MVDS, section "Types").
type ID [32]byte

// Message is one unit of data sync. Its bytes never change: sending it again sends the same id.
type Message struct {
	Group     [32]byte // the conversation, GroupOf
	Timestamp int64    // Unix seconds
	Body      []byte
}

// Sending is a message of ours that not every device has acknowledged yet.
type Sending struct {
	Message
	To      identity.PublicKey
	Ref     int64     // what the layer above calls it; 0 for messages that nobody sees
	Created time.Time // whole milliseconds
	Reached bool      // a device of theirs has acknowledged it: whoever is silent may be no more
}

// Record is what is known of a message of ours at one device of the recipient.
type Record struct {
	ID           ID
	Installation string    // id of the device; Anyone where no device was known when the message was sent
	Sends        int       // how often it was sent there, as far as the next wait goes by that: see Heard
	Next         time.Time // when it is due again, whole milliseconds
	Slow         bool      // it waits for longer than it would if no device had the message
}

// Anyone stands for all devices of a recipient of whom no device is known.
const Anyone = ""

// State is what data sync remembers of an account. It gets and puts; the transaction around it belongs to the caller.
type State interface {
	// PutSending stores a message of ours, and Sending returns it and whether there is one.
	PutSending(ID, Sending) error
	Sending(ID) (Sending, bool, error)
	// SendingsTo lists the messages of ours to somebody, the oldest first.
	SendingsTo(identity.PublicKey) ([]ID, error)
	// DropSending forgets a message of ours and its records.
	DropSending(ID) error

	// Records lists the devices that have not acknowledged a message of ours.
	Records(ID) ([]Record, error)
	// PutRecord inserts the record of a message and installation, or replaces it.
	PutRecord(Record) error
	// DropRecord forgets one.
	DropRecord(id ID, installation string) error
	// Due lists up to limit different messages of which a record is due; the one with the earliest record first.
	Due(now time.Time, limit int) ([]ID, error)
	// Slow lists up to limit slow records of a device of somebody, the earliest first.
	Slow(who identity.PublicKey, installation string, limit int) ([]Record, error)

	// MarkReceived remembers that a message came from somebody, and says whether it is new.
	MarkReceived(from identity.PublicKey, id ID, at time.Time) (fresh bool, err error)
	// Received says whether MarkReceived was told of a message.
	Received(from identity.PublicKey, id ID) (bool, error)
}
