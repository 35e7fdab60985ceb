package whisper

import (
	"crypto/ecdsa"
)

// benchParams seal 1 KiB, signed, for a symmetric key.
func benchParams(signer *ecdsa.PrivateKey) SealParams {
	key := SymKeyOf("bench")
	return SealParams{TTL: benchTTL, Topic: TopicOf("bench"), Payload: pattern(1024, 0), SymKey: &key, Signer: signer, PoW: benchPoW}
}
