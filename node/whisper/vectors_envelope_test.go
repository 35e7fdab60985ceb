package whisper

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
)

type envelopeCase struct {
	Desc, Encryption, MadeBy, Nonce                 string
	Expiry, TTL, Sent                               uint32
	PowLeadingZeros, RLPLen, GethSize               int
	SealTarget                                      float64
	Signed                                          bool
	AESNonce, ECIESEphemeralPriv, ECIESIV, ECIESMAC hexBytes
	Topic, Bloom, Data, Hash, RLP, RLPWithoutNonce  hexBytes
	PowBits, PowHash                                hexBytes
	Payload, Padding, Plaintext                     hexBytes
	PayloadLen                                      int
	Signature, SignatureHash, Src                   hexBytes
	SymKey, PrivKey, Dst                            hexBytes
}

func (c envelopeCase) fixed() bool { return strings.HasPrefix(c.MadeBy, "fixed inputs") }

// payload fills in what the vectors leave out of the longest case.
func (c envelopeCase) payload() []byte {
	if len(c.Payload) == 0 {
		return pattern(c.PayloadLen, 1)
	}
	return c.Payload
}

// envelope is the case's envelope from its fields, not from its RLP.
func (c envelopeCase) envelope(t *testing.T) *Envelope {
	t.Helper()
	nonce, err := strconv.ParseUint(c.Nonce, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	data := []byte(c.Data)
	if len(data) == 0 {
		e, err := DecodeEnvelope(c.RLP)
		if err != nil {
			t.Fatal(err)
		}
		data = e.Data
	}
	return &Envelope{Expiry: c.Expiry, TTL: c.TTL, Topic: Topic(c.Topic), Data: data, Nonce: nonce}
}

func (c envelopeCase) opener(t *testing.T) Opener {
	t.Helper()
	if c.Encryption == "sym" {
		return NewSymOpener(SymKey(c.SymKey))
	}
	return NewAsymOpener(privateKey(t, c.PrivKey))
}

func privateKey(t testing.TB, b []byte) *ecdsa.PrivateKey {
	t.Helper()
	key, err := crypto.ToECDSA(b)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func envelopeName(c envelopeCase) string { return c.Desc }

func TestVectorEnvelopes(t *testing.T) {
	each(t, "envelopes", envelopeName, func(t *testing.T, c envelopeCase) {
		e := c.envelope(t)
		equal(t, "RLP", e.Encode(), c.RLP)
		h := e.Hash()
		equal(t, "hash", h[:], c.Hash)
		head := e.appendHead(nil)
		if len(c.RLPWithoutNonce) > 0 {
			equal(t, "RLP without nonce", head, c.RLPWithoutNonce)
		}
		ph := powHash(head, e.Nonce)
		equal(t, "hash of the work", ph[:], c.PowHash)
		if leadingZeros(ph) != c.PowLeadingZeros || e.Size() != c.GethSize || e.Sent() != c.Sent {
			t.Errorf("zeros %d, size %d, sent %d", leadingZeros(ph), e.Size(), e.Sent())
		}
		pow := e.PoW(time.Unix(int64(c.Sent)+5, 0))
		if math.Float64bits(pow) != binary.BigEndian.Uint64(c.PowBits) {
			t.Errorf("proof of work %v, want bits %x", pow, c.PowBits)
		}
		bloom := e.Topic.Bloom()
		equal(t, "bloom", bloom[:], c.Bloom)
		decoded, err := DecodeEnvelope(c.RLP)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "decoded and encoded", decoded.Encode(), c.RLP)
	})
}

func TestVectorEnvelopesOpen(t *testing.T) {
	each(t, "envelopes", envelopeName, func(t *testing.T, c envelopeCase) {
		p, err := c.opener(t).Open(c.envelope(t))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "payload", p.Payload, c.payload())
		equal(t, "padding", p.Padding, c.Padding)
		if (p.Signer != nil) != c.Signed {
			t.Fatalf("signer %v", p.Signer)
		}
		if c.Signed {
			equal(t, "signer", crypto.FromECDSAPub(p.Signer), c.Src)
		}
	})
}

// TestVectorEnvelopesSeal makes each envelope again from its inputs. The recording stops at the work that its target
// asks for; Seal goes one bit further, so the search is called with the recording's count.
func TestVectorEnvelopesSeal(t *testing.T) {
	each(t, "envelopes", envelopeName, func(t *testing.T, c envelopeCase) {
		if !c.fixed() {
			t.Log("made with randomness that was not recorded: opened only")
			return
		}
		p := c.params(t)
		e, err := encrypt(bytes.NewReader(c.randomness()), time.Unix(int64(c.Sent), 0), p)
		if err != nil {
			t.Fatal(err)
		}
		if c.SealTarget > 0 {
			e.Nonce, err = searchNonce(t.Context(), e.appendHead(nil), powBits(p.PoW, e.Size(), e.TTL))
		}
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "RLP", e.Encode(), c.RLP)
	})
}

// ownPadding tells whether the padding was the application's.
func (c envelopeCase) ownPadding() bool { return strings.Contains(c.Desc, "padding given") }

func (c envelopeCase) params(t *testing.T) SealParams {
	t.Helper()
	p := SealParams{TTL: c.TTL, Topic: Topic(c.Topic), Payload: c.payload(), PoW: c.SealTarget}
	if c.ownPadding() {
		p.Padding = c.Padding
	}
	if c.Signed {
		p.Signer = signerOf(t, c.Src)
	}
	if c.Encryption == "sym" {
		key := SymKey(c.SymKey)
		p.SymKey = &key
		return p
	}
	p.Recipient = &privateKey(t, c.PrivKey).PublicKey
	return p
}

// randomness is what Seal reads, in its order.
func (c envelopeCase) randomness() []byte {
	var r []byte
	if !c.ownPadding() {
		r = append(r, c.Padding...)
	}
	return append(append(append(r, c.AESNonce...), c.ECIESEphemeralPriv...), c.ECIESIV...)
}

// signerOf finds the private key of a public one among the vectors' people.
func signerOf(t *testing.T, public []byte) *ecdsa.PrivateKey {
	t.Helper()
	for _, k := range load[[]keyCase](t, "keys") {
		if bytes.Equal(k.Pub, public) {
			return privateKey(t, k.Priv)
		}
	}
	t.Fatalf("nobody has the key %s", hex.EncodeToString(public))
	return nil
}

func TestVectorEnvelopesSignatures(t *testing.T) {
	each(t, "envelopes", envelopeName, func(t *testing.T, c envelopeCase) {
		if !c.Signed || len(c.Plaintext) == 0 {
			t.Log("no signature recorded apart")
			return
		}
		end := len(c.Plaintext) - signatureLength
		h := HashOf(c.Plaintext[:end])
		equal(t, "hash", h[:], c.SignatureHash)
		equal(t, "signature", c.Plaintext[end:], c.Signature)
	})
}
