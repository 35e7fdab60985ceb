package secure

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
)

// What the deployed clients derive with (messaging, section 3.6).
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

// expand is HKDF-SHA256 (RFC 5869) into out. The standard library's allocates an HMAC a block and both are needed for
// each message; this one keys two.
func expand(out, secret, salt []byte, info string) {
	extract := hmac.New(sha256.New, salt)
	extract.Write(secret)
	var buf [sha256.Size]byte
	block := hmac.New(sha256.New, extract.Sum(buf[:0]))
	var counter [1]byte
	for previous := buf[:0]; len(out) > 0; previous = buf[:] {
		counter[0]++
		block.Reset()
		block.Write(previous)
		io.WriteString(block, info)
		block.Write(counter[:])
		block.Sum(buf[:0])
		out = out[copy(out, buf[:]):]
	}
}

// nextRoot is a step of the root chain with a new shared secret.
func nextRoot(root, secret [32]byte) (next, chain [32]byte) {
	var out [96]byte // the last third is a header key that nobody uses
	expand(out[:], secret[:], root[:], infoRoot)
	return [32]byte(out[:32]), [32]byte(out[32:64])
}

// nextChain is a step of a sending or receiving chain.
func nextChain(chain [32]byte) (next, message [32]byte) {
	mac := hmac.New(sha256.New, chain[:])
	label(mac, labelChain, &next)
	label(mac, labelMessage, &message)
	return next, message
}

func label(mac hash.Hash, b byte, out *[32]byte) {
	mac.Reset()
	mac.Write([]byte{b})
	mac.Sum(out[:0])
}

// messageKeys are what one message is encrypted with. The initialisation vector that could be derived as well is not: a
// sender draws it.
type messageKeys struct {
	cipher, mac [32]byte
}

func keysOf(message [32]byte) messageKeys {
	var out [80]byte
	var salt [sha256.Size]byte
	expand(out[:], message[:], salt[:], infoMessage)
	return messageKeys{[32]byte(out[:32]), [32]byte(out[32:64])}
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
