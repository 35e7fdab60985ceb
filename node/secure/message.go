package secure

import (
	"google.golang.org/protobuf/proto"

	"sotto/node/secure/wire"
)

// anyDevice is the key of the one entry that every device of the recipient can read.
const anyDevice = "none"

// maxEntries bounds how many entries of a message are looked through; deployed clients write at most four.
const maxEntries = 64

// direct is one entry of a private message: how it was encrypted for one device.
type direct struct {
	x3dh    *initiation // sent along until the other side has answered
	ratchet *header     // nil: encrypted by Diffie-Hellman alone
	prekey  Point       // on which the session was agreed
	dh      *Point      // ephemeral key of a message without a session
	payload []byte
}

// initiation is the header of X3DH.
type initiation struct {
	ephemeral, prekey Point
}

// message is a transport message taken apart, with its entries still encoded.
type message struct {
	installation string
	bundles      [][]byte
	entries      [][]byte
	public       []byte
}

// decodeMessage reads a transport message; ReasonOversized, ReasonMalformed, ReasonInstallation.
func decodeMessage(raw []byte) (message, error) {
	if len(raw) > MaxMessage {
		return message{}, ReasonOversized
	}
	var m wire.ProtocolMessage
	if err := proto.Unmarshal(raw, &m); err != nil {
		return message{}, ReasonMalformed
	}
	if len(m.GetInstallationId()) > MaxInstallation {
		return message{}, ReasonInstallation
	}
	return message{m.GetInstallationId(), m.GetBundles(), m.GetDirectMessage(), m.GetPublicMessage()}, nil
}

// encodeMessage writes a transport message.
func encodeMessage(m message) ([]byte, error) {
	encoded, err := marshal(&wire.ProtocolMessage{
		InstallationId: m.installation, Bundles: m.bundles, DirectMessage: m.entries, PublicMessage: m.public,
	})
	if err == nil && len(encoded) > MaxMessage {
		err = ReasonOversized
	}
	return encoded, err
}

// entryFor finds the entry of an installation, or else the one for any device, and says whether there is one.
func (m message) entryFor(installation string) (direct, bool, error) {
	var open []byte
	for _, raw := range m.entries[:min(len(m.entries), maxEntries)] {
		var e wire.DirectEntry
		if err := proto.Unmarshal(raw, &e); err != nil {
			return direct{}, false, ReasonMalformed
		}
		switch e.GetKey() {
		case installation:
			d, err := decodeDirect(e.GetValue())
			return d, true, err
		case anyDevice:
			open = e.GetValue()
		}
	}
	if open == nil {
		return direct{}, false, nil
	}
	d, err := decodeDirect(open)
	return d, true, err
}

// decodeDirect reads an entry. It has a ratchet header or a Diffie-Hellman one.
func decodeDirect(raw []byte) (direct, error) {
	var m wire.DirectMessageProtocol
	if err := proto.Unmarshal(raw, &m); err != nil {
		return direct{}, ReasonMalformed
	}
	d := direct{payload: m.GetPayload()}
	if h := m.GetX3DhHeader(); h != nil {
		ephemeral, err1 := pointOf(h.GetKey())
		prekey, err2 := pointOf(h.GetId())
		if err1 != nil || err2 != nil {
			return direct{}, ReasonKey
		}
		d.x3dh = &initiation{ephemeral, prekey}
	}
	switch {
	case m.GetDrHeader() != nil:
		h := m.GetDrHeader()
		ratchet, err1 := pointOf(h.GetKey())
		prekey, err2 := pointOf(h.GetId())
		if err1 != nil || err2 != nil {
			return direct{}, ReasonKey
		}
		d.ratchet, d.prekey = &header{ratchet, h.GetN(), h.GetPn()}, prekey
	case m.GetDhHeader() != nil:
		key, err := pointOf(m.GetDhHeader().GetKey())
		if err != nil {
			return direct{}, err
		}
		d.dh = &key
	default:
		return direct{}, ReasonMalformed
	}
	return d, nil
}

// encodeDirect writes the entry of an installation.
func encodeDirect(installation string, d direct) ([]byte, error) {
	m := wire.DirectMessageProtocol{Payload: d.payload}
	if d.x3dh != nil {
		m.X3DhHeader = &wire.X3DHHeader{Key: d.x3dh.ephemeral[:], Id: d.x3dh.prekey[:]}
	}
	if d.ratchet != nil {
		m.DrHeader = &wire.DRHeader{Key: d.ratchet.ratchet[:], N: d.ratchet.n, Pn: d.ratchet.pn, Id: d.prekey[:]}
	}
	if d.dh != nil {
		m.DhHeader = &wire.DHHeader{Key: d.dh[:]}
	}
	value, err := marshal(&m)
	if err != nil {
		return nil, err
	}
	return marshal(&wire.DirectEntry{Key: installation, Value: value})
}
