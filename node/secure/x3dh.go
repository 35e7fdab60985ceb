package secure

import (
	"crypto/ecdsa"
	"io"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
)

// agreeAsInitiator is X3DH of whoever begins (Status spec 5/SECURE-TRANSPORT): identity·prekey, ephemeral·identity,
// ephemeral·prekey, hashed together.
func agreeAsInitiator(own *ecdsa.PrivateKey, ephemeral [32]byte, them identity.PublicKey, prekey Point) ([32]byte, error) {
	spk, err := onCurve(prekey)
	if err != nil {
		return [32]byte{}, err
	}
	ik, err := publicOf(them)
	if err != nil {
		return [32]byte{}, err
	}
	return agree(product{scalar(own), spk}, product{ephemeral, ik}, product{ephemeral, spk})
}

// agreeAsResponder is X3DH of the prekey's owner.
func agreeAsResponder(own *ecdsa.PrivateKey, prekey [32]byte, them identity.PublicKey, ephemeral Point) ([32]byte, error) {
	ek, err := onCurve(ephemeral)
	if err != nil {
		return [32]byte{}, err
	}
	ik, err := publicOf(them)
	if err != nil {
		return [32]byte{}, err
	}
	return agree(product{prekey, ik}, product{scalar(own), ek}, product{prekey, ek})
}

type product struct {
	private [32]byte
	public  *ecdsa.PublicKey
}

func agree(products ...product) (shared [32]byte, err error) {
	var all [][]byte
	for _, p := range products {
		secret, err := ecdh(p.private, p.public)
		if err != nil {
			return shared, err
		}
		all = append(all, secret[:])
	}
	return [32]byte(crypto.Keccak256(all...)), nil
}

// begin agrees on a session with an installation of whom we have the prekey.
func (d Device) begin(to Installation) (Session, error) {
	ephemeral, err := newPair(d.Rand)
	if err != nil {
		return Session{}, err
	}
	shared, err := agreeAsInitiator(d.Key, ephemeral.private, to.Identity, to.Prekey)
	if err != nil {
		return Session{}, err
	}
	s := Session{Identity: to.Identity, Installation: to.ID, Prekey: to.Prekey, Ephemeral: ephemeral.public, Initiated: true}
	return s, s.start(d.Rand, shared)
}

// start is the state of whoever begins: a sending chain towards the prekey.
func (s *Session) start(random io.Reader, shared [32]byte) error {
	own, err := newPair(random)
	if err != nil {
		return err
	}
	theirs, err := onCurve(s.Prekey)
	if err != nil {
		return err
	}
	secret, err := ecdh(own.private, theirs)
	if err != nil {
		return err
	}
	s.Own, s.OwnPublic, s.Remote = own.private, own.public, s.Prekey
	s.Root, s.SendChain = nextRoot(shared, secret)
	return nil
}

// answer is the state of the prekey's owner before the first message, which turns the ratchet.
func (d Device) answer(own OwnPrekey, from identity.PublicKey, installation string, ephemeral Point) (Session, error) {
	shared, err := agreeAsResponder(d.Key, own.Private, from, ephemeral)
	if err != nil {
		return Session{}, err
	}
	return Session{Identity: from, Installation: installation, Prekey: own.Key, Ephemeral: ephemeral,
		Root: shared, Own: own.Private, OwnPublic: own.Key}, nil
}
