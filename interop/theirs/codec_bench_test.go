package theirs

import (
	"crypto/ecdsa"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rlp"
	shh "github.com/ethereum/go-ethereum/whisper/whisperv6"
)

// What both sides measure with: 1 KiB, signed, TTL 10, proof of work 0.002.
const (
	payloadSize = 1024
	ttl         = 10
	pow         = 0.002
)

var (
	topic  = shh.TopicType{1, 2, 3, 4}
	symKey = []byte("0123456789abcdef0123456789abcdef")
)

func generate(b *testing.B) *ecdsa.PrivateKey {
	b.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		b.Fatal(err)
	}
	return key
}

func params(signer *ecdsa.PrivateKey) *shh.MessageParams {
	return &shh.MessageParams{
		TTL: ttl, Src: signer, KeySym: symKey, Topic: topic, WorkTime: 5, PoW: pow, Payload: make([]byte, payloadSize),
	}
}

func seal(b *testing.B, p *shh.MessageParams) *shh.Envelope {
	b.Helper()
	msg, err := shh.NewSentMessage(p)
	if err != nil {
		b.Fatal(err)
	}
	env, err := msg.Wrap(p)
	if err != nil {
		b.Fatal(err)
	}
	return env
}

func BenchmarkSeal1KiB(b *testing.B) {
	key := generate(b)
	defer measure(b)()
	for b.Loop() {
		seal(b, params(key))
	}
}

func BenchmarkPoWSearch1KiB(b *testing.B) {
	p := params(generate(b))
	env := seal(b, p)
	defer measure(b)()
	for b.Loop() {
		env.Expiry++ // another search each time
		if err := env.Seal(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenSymSigned(b *testing.B) {
	env := seal(b, params(generate(b)))
	defer measure(b)()
	for b.Loop() {
		msg, err := env.OpenSymmetric(symKey)
		if err != nil || !msg.ValidateAndParse() {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenSymWrongKey(b *testing.B) {
	env, wrong := seal(b, params(generate(b))), []byte("fedcba9876543210fedcba9876543210")
	defer measure(b)()
	for b.Loop() {
		if _, err := env.OpenSymmetric(wrong); err == nil {
			b.Fatal("opened")
		}
	}
}

func BenchmarkOpenAsymSigned(b *testing.B) {
	key := generate(b)
	p := params(key)
	p.KeySym, p.Dst = nil, &key.PublicKey
	env := seal(b, p)
	defer measure(b)()
	for b.Loop() {
		msg, err := env.OpenAsymmetric(key)
		if err != nil || !msg.ValidateAndParse() {
			b.Fatal(err)
		}
	}
}

func encoded(b *testing.B) []byte {
	b.Helper()
	raw, err := rlp.EncodeToBytes(seal(b, params(generate(b))))
	if err != nil {
		b.Fatal(err)
	}
	return raw
}

func BenchmarkDecodeEnvelope(b *testing.B) {
	raw := encoded(b)
	defer measure(b)()
	for b.Loop() {
		env := new(shh.Envelope)
		if err := rlp.DecodeBytes(raw, env); err != nil || env.Hash() == (common.Hash{}) {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeEnvelopePoW(b *testing.B) {
	raw := encoded(b)
	defer measure(b)()
	for b.Loop() {
		env := new(shh.Envelope)
		if err := rlp.DecodeBytes(raw, env); err != nil || env.Hash() == (common.Hash{}) || env.PoW() < 0 {
			b.Fatal(err)
		}
	}
}

// BenchmarkThousandKeys is one signed envelope that fits one of 1,000 keys on its topic. go-ethereum tries them in random
// order until one opens it, so 500 on average.
func BenchmarkThousandKeys(b *testing.B) {
	filters := shh.NewFilters(shh.StandaloneWhisperService(&shh.DefaultConfig))
	for i := range 1000 {
		key := append([]byte{byte(i), byte(i >> 8)}, symKey[2:]...)
		f := &shh.Filter{KeySym: key, Topics: [][]byte{topic[:]}, Messages: map[common.Hash]*shh.ReceivedMessage{}}
		if _, err := filters.Install(f); err != nil {
			b.Fatal(err)
		}
	}
	p := params(generate(b))
	p.KeySym = append([]byte{500 & 0xff, 500 >> 8}, symKey[2:]...)
	env := seal(b, p)
	defer measure(b)()
	for b.Loop() {
		filters.NotifyWatchers(env, false)
	}
}
