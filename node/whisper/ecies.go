package whisper

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/crypto/ecies"
)

// ephemeralTries bounds the search for a scalar below the curve's order; one random draw fails with 2^-128.
const ephemeralTries = 4

// encryptAsym is ECIES on secp256k1 as EIP-627 uses it, without shared info: ephemeral key (65 bytes), IV (16),
// AES-128-CTR ciphertext, HMAC-SHA-256 of IV and ciphertext (32). The library's own encryption takes no ephemeral
// key from outside since Go 1.26 ignores the random source that it is given, so only its key agreement serves here.
func encryptAsym(rand io.Reader, recipient *ecdsa.PublicKey, plain []byte) ([]byte, error) {
	ephemeral, err := drawKey(rand)
	if err != nil {
		return nil, err
	}
	iv := make([]byte, aes.BlockSize)
	if _, err := io.ReadFull(rand, iv); err != nil {
		return nil, fmt.Errorf("whisper: randomness for IV: %w", err)
	}
	cipherKey, macKey, err := agree(ephemeral, recipient)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(cipherKey)
	if err != nil {
		return nil, err
	}
	header := crypto.FromECDSAPub(&ephemeral.PublicKey)
	data := make([]byte, 0, len(header)+len(iv)+len(plain)+sha256.Size)
	data = append(append(append(data, header...), iv...), plain...)
	cipher.NewCTR(block, iv).XORKeyStream(data[len(header)+len(iv):], plain)
	mac := hmac.New(sha256.New, macKey)
	mac.Write(data[len(header):])
	return mac.Sum(data), nil
}

// agree derives the keys for cipher and MAC: the first block of NIST's concatenation KDF over the shared secret,
// halved, the second half hashed.
func agree(ephemeral *ecdsa.PrivateKey, recipient *ecdsa.PublicKey) (cipherKey, macKey []byte, err error) {
	const half = 16
	if _, err := crypto.UnmarshalPubkey(crypto.FromECDSAPub(recipient)); err != nil {
		return nil, nil, fmt.Errorf("%w: recipient's key is not on the curve", ErrSealParams)
	}
	secret, err := ecies.ImportECDSA(ephemeral).GenerateShared(ecies.ImportECDSAPublic(recipient), half, half)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrSealParams, err)
	}
	k := sha256.Sum256(append([]byte{0, 0, 0, 1}, secret...))
	m := sha256.Sum256(k[half:])
	return k[:half], m[:], nil
}

func drawKey(rand io.Reader) (*ecdsa.PrivateKey, error) {
	var scalar [32]byte
	for range ephemeralTries {
		if _, err := io.ReadFull(rand, scalar[:]); err != nil {
			return nil, fmt.Errorf("whisper: randomness for ephemeral key: %w", err)
		}
		if key, err := crypto.ToECDSA(scalar[:]); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("whisper: random source gives no usable key")
}
