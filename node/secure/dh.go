package secure

import (
	"crypto/aes"
	"crypto/cipher"
	"io"

	"sotto/node/identity"
)

const (
	nonceSize = 12
	tagSize   = 16
)

// sealDH encrypts for somebody of whom no device is known (Status spec 5/SECURE-TRANSPORT): an ephemeral key agrees with the
// identity key. There is no forward secrecy in it: whoever gets the identity key later reads it.
func (d Device) sealDH(to identity.PublicKey, plaintext []byte) (direct, error) {
	ephemeral, err := newPair(d.Rand)
	if err != nil {
		return direct{}, err
	}
	theirs, err := publicOf(to)
	if err != nil {
		return direct{}, err
	}
	secret, err := ecdh(ephemeral.private, theirs)
	if err != nil {
		return direct{}, err
	}
	aead, err := gcm(secret)
	if err != nil {
		return direct{}, err
	}
	var nonce [nonceSize]byte
	if _, err := io.ReadFull(d.Rand, nonce[:]); err != nil {
		return direct{}, errRandom
	}
	sealed := aead.Seal(nil, nonce[:], plaintext, nil)
	return direct{dh: &ephemeral.public, payload: append(sealed, nonce[:]...)}, nil
}

// openDH decrypts what sealDH made; ReasonMAC where it was not made for us.
func (d Device) openDH(e direct) ([]byte, error) {
	if len(e.payload) < nonceSize+tagSize {
		return nil, ReasonMalformed
	}
	theirs, err := onCurve(*e.dh)
	if err != nil {
		return nil, err
	}
	secret, err := ecdh(scalar(d.Key), theirs)
	if err != nil {
		return nil, err
	}
	aead, err := gcm(secret)
	if err != nil {
		return nil, err
	}
	sealed, nonce := e.payload[:len(e.payload)-nonceSize], e.payload[len(e.payload)-nonceSize:]
	plaintext, err := aead.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, ReasonMAC
	}
	return plaintext, nil
}

func gcm(key [32]byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
