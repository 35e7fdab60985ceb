package pairwise

import (
	"crypto/aes"
	"errors"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/node/secure/wire"
)

// tap is what somebody sees who reads along on the wire, and can look at the devices: which key encrypted what, and which
// session a device used last towards another.
type tap struct {
	used map[slot]string
	last map[[2]string]session
}

// slot is what no two texts may be encrypted with: a key of a sending chain; where chains go back, the key and the vector.
type slot struct {
	ratchet string
	n       uint32
	vector  string
}

// session is what both ends of a session know it by.
type session struct{ prekey, ephemeral secure.Point }

func newTap() tap { return tap{map[slot]string{}, map[[2]string]session{}} }

// listen holds that no key encrypts two texts, and notes the sessions in use.
func (d *device) listen(t rapid.TB, tx page, row models.Outgoing) error {
	var m wire.ProtocolMessage
	if err := proto.Unmarshal(row.Payload, &m); err != nil {
		return err
	}
	for _, encoded := range m.GetDirectMessage() {
		var entry wire.DirectEntry
		var direct wire.DirectMessageProtocol
		if err := errors.Join(proto.Unmarshal(encoded, &entry), proto.Unmarshal(entry.GetValue(), &direct)); err != nil {
			return err
		}
		header := direct.GetDrHeader()
		if header == nil {
			continue
		}
		key := slot{ratchet: string(header.GetKey()), n: header.GetN()}
		if d.unnoticed {
			key.vector = string(direct.GetPayload()[:aes.BlockSize])
		}
		if before, again := d.used[key]; again && before != string(direct.GetPayload()) {
			t.Fatalf("%s encrypts a second text with %x, %d", d.name(), key.ratchet, key.n)
		}
		d.used[key] = string(direct.GetPayload())
		to := identity.PublicKey(row.Recipient)
		if err := d.note(tx, to, entry.GetKey(), header); err != nil {
			return err
		}
	}
	return nil
}

func (d *device) note(tx page, to identity.PublicKey, installation string, header *wire.DRHeader) error {
	list, err := tx.Sessions(to, installation, secure.Point(header.GetId()))
	for _, s := range list {
		if string(s.OwnPublic[:]) == string(header.GetKey()) {
			d.last[[2]string{d.installation(), installation}] = session{s.Prekey, s.Ephemeral}
		}
	}
	return err
}
