package secure

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"
)

// What the deployed clients derive with (Status spec 5/SECURE-TRANSPORT).
const (
	infoRoot    = "rsZUpEuXUqqwXBvSy3EcievAh4cMj6QL"
	infoMessage = "pcwSByyx2CRdryCffXJwy7xgVZWtW5Sh"

	labelChain   = 0x0f
	labelMessage = 0x10
)

// Sizes of what a message's encryption adds.
const (
	ivSize  = aes.BlockSize
	macSize = sha256.Size
)

// Where HMAC pads its key to (RFC 2104).
const (
	innerPad = 0x36
	outerPad = 0x5c
)

func pad(block []byte, key [32]byte, with byte) {
	for i := range block {
		block[i] = with
	}
	for i, b := range key {
		block[i] ^= b
	}
}

// longest is the most that keys of chains and messages are derived from: a hash, an info and a counter.
const longest = sha256.Size + len(infoRoot) + 1

// hmacOf is HMAC-SHA-256 of up to longest bytes. It allocates nothing, where the standard library's does at every step; a
// message takes seven of them, and one that leaves out many takes thousands.
func hmacOf(key [32]byte, data []byte) [32]byte {
	var buf [sha256.BlockSize + longest]byte
	pad(buf[:sha256.BlockSize], key, innerPad)
	n := copy(buf[sha256.BlockSize:], data)
	sum := sha256.Sum256(buf[:sha256.BlockSize+n])
	pad(buf[:sha256.BlockSize], key, outerPad)
	copy(buf[sha256.BlockSize:], sum[:])
	return sha256.Sum256(buf[:sha256.BlockSize+sha256.Size])
}

// expand is HKDF-SHA256 (RFC 5869) into out, with an info as long as those above.
func expand(out []byte, secret, salt [32]byte, info string) {
	key := hmacOf(salt, secret[:])
	var buf [longest]byte
	previous := buf[:0]
	for counter := byte(1); len(out) > 0; counter++ {
		block := hmacOf(key, append(append(previous, info...), counter))
		previous = append(buf[:0], block[:]...)
		out = out[copy(out, block[:]):]
	}
}

// nextRoot is a step of the root chain with a new shared secret.
func nextRoot(root, secret [32]byte) (next, chain [32]byte) {
	var out [64]byte // a third key would follow, for headers, that nobody uses
	expand(out[:], secret, root, infoRoot)
	return [32]byte(out[:32]), [32]byte(out[32:])
}

// nextChain is a step of a sending or receiving chain.
func nextChain(chain [32]byte) (next, message [32]byte) {
	return hmacOf(chain, []byte{labelChain}), hmacOf(chain, []byte{labelMessage})
}

// messageKeys are what one message is encrypted with. The initialisation vector that could be derived as well is not: a
// sender draws it.
type messageKeys struct {
	cipher, mac [32]byte
}

func keysOf(message [32]byte) messageKeys {
	var out [64]byte
	expand(out[:], message, [32]byte{}, infoMessage)
	return messageKeys{[32]byte(out[:32]), [32]byte(out[32:])}
}

// header is what travels in the open with a message of a ratchet.
type header struct {
	ratchet Point
	n, pn   uint32
}

// associated is what is authenticated beside the ciphertext.
func (h header) associated() (b [8 + len(Point{})]byte) {
	binary.LittleEndian.PutUint32(b[:], h.n)
	binary.LittleEndian.PutUint32(b[4:], h.pn)
	copy(b[8:], h.ratchet[:])
	return b
}

// encrypt is IV, AES-256-CTR, HMAC-SHA-256 over header, IV and ciphertext. The IV is random, so that a chain that was
// rolled back with its database encrypts no second text with the same stream.
func encrypt(random io.Reader, message [32]byte, h header, plaintext []byte) ([]byte, error) {
	out := make([]byte, ivSize+len(plaintext), ivSize+len(plaintext)+macSize)
	if _, err := io.ReadFull(random, out[:ivSize]); err != nil {
		return nil, errRandom
	}
	keys := keysOf(message)
	if err := keys.stream(out[ivSize:], plaintext, out[:ivSize]); err != nil {
		return nil, err
	}
	return keys.sum(out, h, out), nil
}

// decrypt opens what encrypt made; ReasonMAC where it was not made with this key.
func decrypt(message [32]byte, h header, ciphertext []byte) ([]byte, error) {
	if len(ciphertext) < ivSize+macSize {
		return nil, ReasonMalformed
	}
	keys := keysOf(message)
	body := ciphertext[:len(ciphertext)-macSize]
	var sum [macSize]byte
	if !hmac.Equal(keys.sum(sum[:0], h, body), ciphertext[len(body):]) {
		return nil, ReasonMAC
	}
	plaintext := make([]byte, len(body)-ivSize)
	return plaintext, keys.stream(plaintext, body[ivSize:], body[:ivSize])
}

func (k *messageKeys) stream(out, in, iv []byte) error {
	block, err := aes.NewCipher(k.cipher[:])
	if err != nil {
		return err
	}
	cipher.NewCTR(block, iv).XORKeyStream(out, in)
	return nil
}

func (k *messageKeys) sum(to []byte, h header, body []byte) []byte {
	mac := hmac.New(sha256.New, k.mac[:])
	associated := h.associated()
	mac.Write(associated[:])
	mac.Write(body)
	return mac.Sum(to)
}
