package interop

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
)

// lowPoW keeps the longest envelopes cheap. Nodes of these tests accept it.
const lowPoW = 0.00002

var lowPoWFlag = fmt.Sprintf("-minpow=%v", lowPoW)

const topic = "5a4ea131"

// sizes of payloads, across the borders of size field and padding.
var sizes = []int{0, 1, 189, 190, 255, 256, 1024, 65535, 65536, 70000}

// person has a key to sign with and to receive by.
type person struct{ private, public string }

func newPerson(t *testing.T) person {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return person{hex.EncodeToString(crypto.FromECDSA(key)), hex.EncodeToString(crypto.FromECDSAPub(&key.PublicKey))}
}

// random is a payload that no other is like.
func random(size int) string {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(rand.IntN(256))
	}
	return hex.EncodeToString(b)
}

// kind is a way to encrypt: what to subscribe with and what to post with.
type kind struct {
	name            string
	subscribe, post object
}

func kinds(recipient person) []kind {
	return []kind{
		{"symmetric", object{"password": "interop"}, object{"password": "interop"}},
		{"asymmetric", object{"privKey": recipient.private}, object{"pubKey": recipient.public}},
	}
}

// ttl in seconds outlives every test, however busy the machine is.
const ttl = 60

func with(o object, more object) object {
	all := object{"topic": topic, "ttl": ttl}
	for _, m := range []object{o, more} {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// exchange posts signed messages of every size and kind at from and expects each once, unchanged and with its signer,
// at to.
func exchange(t *testing.T, from, to *process, sizes []int) {
	t.Helper()
	exchangeOn(t, topic, from, to, sizes)
}

func exchangeOn(t *testing.T, topic string, from, to *process, sizes []int) {
	t.Helper()
	signer, recipient := newPerson(t), newPerson(t)
	for _, k := range kinds(recipient) {
		t.Run(k.name, func(t *testing.T) {
			filter := to.call("subscribe", with(k.subscribe, object{"topic": topic, "src": signer.public, "allowP2P": true})).text("filter")
			payloads := map[string]string{} // by envelope
			for _, size := range sizes {
				payload := random(size)
				posted := from.call("post", with(k.post, object{"topic": topic, "payload": payload, "signKey": signer.private, "pow": lowPoW}))
				payloads[posted.text("hash")] = payload
			}
			for hash, payload := range payloads {
				got := to.await(fmt.Sprintf("%d bytes", len(payload)/2), func(o object) bool {
					return o["event"] == "message" && o["filter"] == filter && o["hash"] == hash
				})
				if got.text("payload") != payload {
					t.Errorf("%d bytes: another payload", len(payload)/2)
				}
				if got.text("src") != signer.public {
					t.Errorf("%d bytes: another signer", len(payload)/2)
				}
			}
			once := to.count(func(o object) bool { return o["event"] == "message" && o["filter"] == filter })
			if once != len(sizes) {
				t.Errorf("%d messages for %d", once, len(sizes))
			}
		})
	}
}

func TestMessagesBothWays(t *testing.T) {
	t.Parallel()
	a, b := ours(t, lowPoWFlag), theirs(t, lowPoWFlag)
	connect(t, a, b)
	t.Run("ours to theirs", func(t *testing.T) { exchange(t, a, b, sizes) })
	t.Run("theirs to ours", func(t *testing.T) { exchange(t, b, a, sizes) })
	noneCut(t, a)
}

// TestTheyDialUs lets the foreign node open the connection.
func TestTheyDialUs(t *testing.T) {
	t.Parallel()
	a, b := ours(t, lowPoWFlag), theirs(t, lowPoWFlag)
	connect(t, b, a)
	exchange(t, a, b, []int{10})
	exchange(t, b, a, []int{10})
	noneCut(t, a)
}

// TestDirectMessages sends an envelope outside the pool (packet 127), as mailservers do, to who trusts the sender.
func TestDirectMessages(t *testing.T) {
	t.Parallel()
	a, b := ours(t, lowPoWFlag), theirs(t, lowPoWFlag)
	connect(t, a, b)
	for name, c := range map[string]struct{ from, to *process }{"ours to theirs": {a, b}, "theirs to ours": {b, a}} {
		t.Run(name, func(t *testing.T) {
			c.to.call("trust", object{"enode": c.from.enode})
			filter := c.to.call("subscribe", object{"topic": topic, "password": name, "allowP2P": true}).text("filter")
			sealed := b.call("seal", with(object{"password": name}, object{"payload": "6869", "pow": lowPoW}))
			c.from.call("sendP2P", object{"enode": c.to.enode, "envelope": sealed["envelope"]})
			got := c.to.await("direct message", func(o object) bool { return o["event"] == "message" && o["filter"] == filter })
			if got.text("payload") != "6869" {
				t.Errorf("got %v", got)
			}
		})
	}
}

// noneCut checks that ours found no reason to cut a line.
func noneCut(t *testing.T, p *process) {
	t.Helper()
	info := p.call("info", nil)
	if cut := fmt.Sprint(info["cut"]); strings.TrimPrefix(cut, "map") != "[]" {
		t.Errorf("cut %v, refused %v", cut, info["refused"])
	}
}
