package secure

import (
	"crypto/ecdsa"
	"maps"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"

	"sotto/node/identity"
	"sotto/node/secure/wire"
)

// Bounds of bundles.
const (
	MaxBundle    = 2048 // bytes of one bundle
	maxBundles   = 4    // that are looked at in one message
	maxInBundle  = 8    // installations in one bundle; deployed clients put in three
	ownInBundle  = 3    // installations in ours, this one included
	protocolSelf = 1    // protocol version that we state: partitioned and negotiated topics
)

// Prekey is a signed prekey of one installation.
type Prekey struct {
	Key      Point
	Version  uint32 // grows with each new prekey of the installation
	Protocol uint32 // protocol version of the program; not covered by the signature
}

// Bundle is somebody's current prekeys, one for each installation, signed by their identity key.
type Bundle struct {
	Identity  identity.PublicKey
	Timestamp int64 // Unix nanoseconds
	Prekeys   map[string]Prekey
	signature []byte
}

// signed are the bytes that the signature covers: the installations in byte order, each with its prekey and its version in
// decimal digits, and the timestamp in decimal digits unless it is 0. The specification forgets the timestamp.
func (b *Bundle) signed() []byte {
	var data []byte
	for _, id := range slices.Sorted(maps.Keys(b.Prekeys)) {
		p := b.Prekeys[id]
		data = append(append(data, id...), p.Key[:]...)
		data = strconv.AppendUint(data, uint64(p.Version), 10)
	}
	if b.Timestamp != 0 {
		data = strconv.AppendInt(data, b.Timestamp, 10)
	}
	return data
}

// Encode signs the bundle with the identity key and returns its protobuf.
func (b *Bundle) Encode(key *ecdsa.PrivateKey) ([]byte, error) {
	signature, err := identity.Sign(key, b.signed())
	if err != nil {
		return nil, err
	}
	b.Identity, b.signature = identity.KeyOf(&key.PublicKey), signature
	compressed := b.Identity.Compressed()
	m := wire.Bundle{Identity: compressed[:], Timestamp: b.Timestamp, Signature: signature, SignedPreKeys: map[string]*wire.SignedPreKey{}}
	for id, p := range b.Prekeys {
		m.SignedPreKeys[id] = &wire.SignedPreKey{SignedPreKey: p.Key[:], Version: p.Version, ProtocolVersion: p.Protocol}
	}
	return marshal(&m)
}

// DecodeBundle reads a bundle and checks its form, not its signature: that is Verify's, and costs a hundred times as much.
// The errors are ReasonOversized, ReasonMalformed, ReasonKey, ReasonInstallation.
func DecodeBundle(raw []byte) (*Bundle, error) {
	if len(raw) > MaxBundle {
		return nil, ReasonOversized
	}
	var m wire.Bundle
	if err := proto.Unmarshal(raw, &m); err != nil {
		return nil, ReasonMalformed
	}
	who, err := identity.DecodePublicKey(m.GetIdentity())
	if err != nil || len(m.GetIdentity()) != identity.CompressedLength {
		return nil, ReasonKey
	}
	if n := len(m.GetSignedPreKeys()); n == 0 || n > maxInBundle {
		return nil, ReasonMalformed
	}
	b := Bundle{Identity: who, Timestamp: m.GetTimestamp(), Prekeys: map[string]Prekey{}, signature: m.GetSignature()}
	for id, p := range m.GetSignedPreKeys() {
		if id == "" || len(id) > MaxInstallation || id == anyDevice {
			return nil, ReasonInstallation
		}
		key, err := pointOf(p.GetSignedPreKey())
		if err != nil {
			return nil, err
		}
		b.Prekeys[id] = Prekey{Key: key, Version: p.GetVersion(), Protocol: p.GetProtocolVersion()}
	}
	return &b, nil
}

// Verify says ReasonBundleSignature where the identity did not sign the bundle, and ReasonKey where a prekey is no point
// of the curve.
func (b *Bundle) Verify() error {
	signer, err := identity.Recover(b.signed(), b.signature)
	if err != nil || signer != b.Identity {
		return ReasonBundleSignature
	}
	for _, p := range b.Prekeys {
		if _, err := onCurve(p.Key); err != nil {
			return err
		}
	}
	return nil
}

func marshal(m proto.Message) ([]byte, error) {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, ReasonMalformed
	}
	return encoded, nil
}
