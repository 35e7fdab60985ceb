package whisper

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/rlp"
	"golang.org/x/crypto/pbkdf2"

	"sotto/node/vectortest"
)

// hexBytes is a byte string of the vectors: hex without prefix.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// load reads a section of whisper.json.
func load[T any](t testing.TB, section string) (v T) {
	t.Helper()
	vectortest.Load(t, "whisper.json", section, &v)
	return v
}

// each runs a subtest for every case of a section.
func each[T any](t *testing.T, section string, name func(T) string, check func(*testing.T, T)) {
	t.Helper()
	for i, c := range load[[]T](t, section) {
		t.Run(fmt.Sprintf("%02d %s", i, name(c)), func(t *testing.T) { check(t, c) })
	}
}

func equal(t testing.TB, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got %x, want %x", what, abridge(got), abridge(want))
	}
}

func abridge(b []byte) []byte { return b[:min(len(b), 200)] }

type nameCase struct {
	Name      string
	NameHex   hexBytes
	Keccak256 hexBytes
	Topic     hexBytes
	Bloom     hexBytes
	SymKey    hexBytes
}

func TestVectorNames(t *testing.T) {
	each(t, "names", func(c nameCase) string { return c.Name }, func(t *testing.T, c nameCase) {
		topic, h, key := TopicOf(c.Name), HashOf([]byte(c.Name)), SymKeyOf(c.Name)
		b := topic.Bloom()
		equal(t, "name", []byte(c.Name), c.NameHex)
		equal(t, "hash", h[:], c.Keccak256)
		equal(t, "topic", topic[:], c.Topic)
		equal(t, "bloom", b[:], c.Bloom)
		if c.Name != "" { // no key was recorded for the empty name
			equal(t, "key", key[:], c.SymKey)
		}
	})
}

func TestVectorPBKDF2(t *testing.T) {
	v := load[struct {
		Hash, Salt         string
		Iterations, KeyLen int
	}](t, "pbkdf2")
	if v.Hash != "sha256" || v.Iterations != symKeyRounds || v.KeyLen != len(SymKey{}) {
		t.Errorf("derivation differs: %+v", v)
	}
	key := SymKeyOf("salted")
	equal(t, "key", key[:], pbkdf2.Key([]byte("salted"), []byte(v.Salt), v.Iterations, v.KeyLen, sha256.New))
}

type keyCase struct {
	Name, ContactCodeName, PartitionedName, PersonalDiscoveryName string
	ContactCodeSymKey, Priv, Pub, PubCompressed, NodeID, X        hexBytes
	ContactCodeTopic, PartitionedTopic, PersonalDiscoveryTopic    hexBytes
	Partition                                                     int64
}

func TestVectorKeys(t *testing.T) {
	each(t, "keys", func(c keyCase) string { return c.Name }, func(t *testing.T, c keyCase) {
		key, err := crypto.ToECDSA(c.Priv)
		if err != nil {
			t.Fatal(err)
		}
		public := crypto.FromECDSAPub(&key.PublicKey)
		equal(t, "public key", public, c.Pub)
		equal(t, "compressed", crypto.CompressPubkey(&key.PublicKey), c.PubCompressed)
		equal(t, "node ID", enode.PubkeyToIDV4(&key.PublicKey).Bytes(), c.NodeID)
		equal(t, "x", public[1:33], c.X)
		partition := new(big.Int).Mod(new(big.Int).SetBytes(public[1:33]), big.NewInt(5000))
		for _, n := range []struct {
			name, want string
			topic      []byte
		}{
			{fmt.Sprintf("0x%x-contact-code", public), c.ContactCodeName, c.ContactCodeTopic},
			{fmt.Sprintf("contact-discovery-%d", partition), c.PartitionedName, c.PartitionedTopic},
			{fmt.Sprintf("contact-discovery-%x", public), c.PersonalDiscoveryName, c.PersonalDiscoveryTopic},
		} {
			topic := TopicOf(n.name)
			equal(t, "topic name", []byte(n.name), []byte(n.want))
			equal(t, "topic of "+n.name, topic[:], n.topic)
		}
		sym := SymKeyOf(c.ContactCodeName)
		equal(t, "contact code key", sym[:], c.ContactCodeSymKey)
	})
}

type negotiatedCase struct {
	A, B, Password           string
	SharedKey, SymKey, Topic hexBytes
}

func TestVectorNegotiated(t *testing.T) {
	each(t, "negotiated", func(c negotiatedCase) string { return c.A + c.B }, func(t *testing.T, c negotiatedCase) {
		topic, key := TopicOf(c.Password), SymKeyOf(c.Password)
		equal(t, "password", []byte(c.Password), []byte(hex.EncodeToString(c.SharedKey)))
		equal(t, "topic", topic[:], c.Topic)
		equal(t, "key", key[:], c.SymKey)
	})
}

type bloomCase struct {
	Topic, Bloom, BloomByEIP hexBytes
	Differs                  bool
}

func TestVectorBloom(t *testing.T) {
	name := func(c bloomCase) string { return hex.EncodeToString(c.Topic) }
	each(t, "bloom", name, func(t *testing.T, c bloomCase) {
		topic := Topic(c.Topic)
		narrow, wide := topic.Bloom(), topic.WideBloom()
		equal(t, "deployed form", narrow[:], c.Bloom)
		equal(t, "EIP form", wide[:], c.BloomByEIP)
		if (narrow != wide) != c.Differs {
			t.Errorf("forms differ: %v", narrow != wide)
		}
		if !narrow.Contains(topic) || !wide.Contains(topic) {
			t.Error("a filter does not contain its own topic")
		}
	})
}

type aggregateCase struct {
	Names   []string
	Bloom   hexBytes
	Matches map[string]bool
}

func TestVectorBloomAggregate(t *testing.T) {
	name := func(c aggregateCase) string { return fmt.Sprint(c.Names) }
	each(t, "bloomAggregate", name, func(t *testing.T, c aggregateCase) {
		var b Bloom
		for _, n := range c.Names {
			b.Add(TopicOf(n))
		}
		equal(t, "bloom", b[:], c.Bloom)
		for n, want := range c.Matches {
			if b.Contains(TopicOf(n)) != want {
				t.Errorf("%s: matches %v, want %v", n, !want, want)
			}
		}
	})
}

type decodingCase struct {
	Accepted bool
	Desc     string
	RLP      hexBytes
}

func TestVectorEnvelopeDecoding(t *testing.T) {
	name := func(c decodingCase) string { return c.Desc }
	each(t, "envelopeDecoding", name, func(t *testing.T, c decodingCase) {
		e, err := DecodeEnvelope(c.RLP)
		if (err == nil) != c.Accepted {
			t.Fatalf("error %v, want accepted %v", err, c.Accepted)
		}
		if c.Accepted {
			equal(t, "encoded again", e.Encode(), c.RLP)
		}
	})
}

type plaintextCase struct {
	Desc, Geth                  string
	Plaintext, Payload, Padding hexBytes
}

func TestVectorPlaintextParsing(t *testing.T) {
	name := func(c plaintextCase) string { return c.Desc }
	each(t, "plaintextParsing", name, func(t *testing.T, c plaintextCase) {
		p, err := ParsePlaintext(c.Plaintext)
		if (err == nil) != (c.Geth == "accepts") {
			t.Fatalf("error %v; geth %s", err, c.Geth)
		}
		if err == nil {
			equal(t, "payload", p.Payload, c.Payload)
			equal(t, "padding", p.Padding, c.Padding)
		}
	})
}

type powCase struct {
	DataLen, LeadingZeros, RLPWithoutNonceLen, SecondsAhead int
	DataSeed                                                byte
	Nonce                                                   string
	PoW, SealTarget                                         float64
	TTL                                                     uint32
}

func TestVectorPoW(t *testing.T) {
	name := func(c powCase) string { return fmt.Sprintf("%d bytes %d ahead", c.DataLen, c.SecondsAhead) }
	each(t, "pow", name, func(t *testing.T, c powCase) {
		e := &Envelope{Expiry: 1590000010, TTL: c.TTL, Topic: TopicOf("status"), Data: pattern(c.DataLen, c.DataSeed)}
		head := e.appendHead(nil)
		if len(head) != c.RLPWithoutNonceLen {
			t.Errorf("%d bytes without nonce, want %d", len(head), c.RLPWithoutNonceLen)
		}
		nonce, err := searchNonce(t.Context(), head, powBits(c.SealTarget, e.Size(), e.TTL))
		if err != nil || strconv.FormatUint(nonce, 10) != c.Nonce {
			t.Fatalf("nonce %d (%v), want %s", nonce, err, c.Nonce)
		}
		if zeros := leadingZeros(powHash(head, nonce)); zeros != c.LeadingZeros {
			t.Errorf("%d leading zeros, want %d", zeros, c.LeadingZeros)
		}
		if got := powOf(c.LeadingZeros, len(head), int64(e.TTL)+int64(c.SecondsAhead)); got != c.PoW {
			t.Errorf("proof of work %v, want %v", got, c.PoW)
		}
		e.Nonce = nonce
		ahead := max(c.SecondsAhead-1, 0) // the vector counts sent - now + 1
		if got := e.PoW(time.Unix(int64(e.Sent())-int64(ahead), 0)); c.SecondsAhead != 1 && got != c.PoW {
			t.Errorf("the envelope measures %v, want %v", got, c.PoW)
		}
	})
}

type targetCase struct {
	DataLen, LeadingZeros int
	Target                float64
	TTL                   uint32
}

func TestVectorPoWTargetBits(t *testing.T) {
	name := func(c targetCase) string { return fmt.Sprintf("%d bytes for %g", c.DataLen, c.Target) }
	each(t, "powTargetBits", name, func(t *testing.T, c targetCase) {
		e := Envelope{Data: make([]byte, c.DataLen)}
		if got := powBits(c.Target, e.Size(), c.TTL); got != c.LeadingZeros {
			t.Errorf("%d bits, want %d", got, c.LeadingZeros)
		}
	})
}

// TestVectorDevp2pHello pins the capability under which the protocol is announced.
func TestVectorDevp2pHello(t *testing.T) {
	v := load[struct {
		Code    int
		Payload hexBytes
	}](t, "devp2pHello")
	var hello struct {
		Version    uint64
		Name       string
		Caps       []p2p.Cap
		ListenPort uint64
		Key        []byte
	}
	if err := rlp.DecodeBytes(v.Payload, &hello); err != nil {
		t.Fatal(err)
	}
	if len(hello.Caps) != 1 || hello.Caps[0] != (p2p.Cap{Name: "shh", Version: ProtocolVersion}) {
		t.Errorf("capabilities %v", hello.Caps)
	}
	again, err := rlp.EncodeToBytes(&hello)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "hello", again, v.Payload)
}

// pattern is the vectors' filler for long data.
func pattern(n int, seed byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)*7 + seed
	}
	return b
}
