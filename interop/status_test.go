package interop

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/rlp"
)

// packet is what came from the node under test.
type packet struct {
	code    uint64
	payload []byte
}

// script is a peer that speaks packet by packet: it sends the status payload that it is given and then what the test
// tells it to.
type script struct {
	t      *testing.T
	status []byte
	link   chan p2p.MsgReadWriter
	got    chan packet
	ended  chan struct{}
}

// scripted connects a script to a node.
func scripted(t *testing.T, to *process, status []byte) *script {
	t.Helper()
	s := &script{t: t, status: status, link: make(chan p2p.MsgReadWriter, 1), got: make(chan packet, 100), ended: make(chan struct{})}
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	server := &p2p.Server{Config: p2p.Config{
		PrivateKey: key, MaxPeers: 10, NoDiscovery: true, Name: "script",
		Protocols: []p2p.Protocol{{Name: "shh", Version: 6, Length: 128, Run: s.run}},
	}}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	server.AddPeer(enode.MustParseV4(to.enode))
	return s
}

func (s *script) run(_ *p2p.Peer, rw p2p.MsgReadWriter) error {
	defer close(s.ended)
	if err := send(rw, 0, s.status); err != nil {
		return err
	}
	s.link <- rw
	for {
		msg, err := rw.ReadMsg()
		if err != nil {
			return err
		}
		payload, err := io.ReadAll(msg.Payload)
		if err != nil {
			return err
		}
		s.got <- packet{msg.Code, payload}
	}
}

func send(rw p2p.MsgWriter, code uint64, payload []byte) error {
	return rw.WriteMsg(p2p.Msg{Code: code, Size: uint32(len(payload)), Payload: bytes.NewReader(payload)})
}

// expect waits for a packet with the code and skips others.
func (s *script) expect(code uint64) []byte {
	s.t.Helper()
	for {
		select {
		case p := <-s.got:
			if p.code == code {
				return p.payload
			}
		case <-s.ended:
			s.t.Fatalf("packet %d: the line was cut", code)
		case <-after(s.t):
			s.t.Fatalf("packet %d did not come", code)
		}
	}
}

func encode(t *testing.T, items ...any) []byte {
	t.Helper()
	b, err := rlp.EncodeToBytes(items)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// statusForms are the legal forms of the status packet: version only, then one item more each time.
func statusForms(t *testing.T) map[string][]byte {
	bloom := bytes.Repeat([]byte{0xff}, 64)
	pow := math.Float64bits(lowPoW)
	limits := []uint64{10, 5, 0}
	return map[string][]byte{
		"1 version only":           encode(t, uint(6)),
		"2 and proof of work":      encode(t, uint(6), pow),
		"3 and bloom":              encode(t, uint(6), pow, bloom),
		"4 and light node":         encode(t, uint(6), pow, bloom, false),
		"4 with empty bloom":       encode(t, uint(6), pow, []byte{}, false),
		"5 and confirmations":      encode(t, uint(6), pow, []byte{}, false, true),
		"6 and rate limits":        encode(t, uint(6), pow, []byte{}, false, true, limits),
		"7 and Sotto's clock":      encode(t, uint(6), pow, []byte{}, false, true, limits, uint64(1590000000123)),
		"8 and somebody's list":    encode(t, uint(6), pow, []byte{}, false, true, limits, uint64(1590000000123), []uint{1}),
		"7 with somebody's string": encode(t, uint(6), pow, []byte{}, false, true, limits, "an addition"),
	}
}

// TestStatusForms sends every legal form to a node of each side and then exchanges an envelope with it.
func TestStatusForms(t *testing.T) {
	t.Parallel()
	for name, launch := range map[string]func(*testing.T, ...string) *process{"ours": ours, "theirs": theirs} {
		t.Run(name, func(t *testing.T) {
			node := launch(t, lowPoWFlag)
			filter := node.call("subscribe", object{"topic": topic, "password": "status"}).text("filter")
			maker := theirs(t, lowPoWFlag)
			for form, status := range statusForms(t) {
				t.Run(form, func(t *testing.T) {
					envelope := maker.call("seal", with(object{"password": "status"}, object{"payload": random(8), "pow": lowPoW}))
					s := scripted(t, node, status)
					s.deliver(node, filter, envelope)
					s.receive(node)
				})
			}
		})
	}
}

// deliver sends the envelope and expects its message.
func (s *script) deliver(node *process, filter string, envelope object) {
	s.t.Helper()
	raw, err := hex.DecodeString(envelope.text("envelope"))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := send(<-s.link, 1, encode(s.t, rlp.RawValue(raw))); err != nil {
		s.t.Fatal(err)
	}
	node.await("message", func(o object) bool {
		return o["event"] == "message" && o["filter"] == filter && o["hash"] == envelope["hash"]
	})
}

// receive posts at the node and expects the envelope.
func (s *script) receive(node *process) {
	s.t.Helper()
	posted := node.call("post", with(object{"password": "other"}, object{"payload": random(8), "pow": lowPoW}))
	raw, err := hex.DecodeString(posted.text("envelope"))
	if err != nil {
		s.t.Fatal(err)
	}
	for !bytes.Contains(s.expect(1), raw) {
	}
}

// TestOurStatus looks at what ours sends: seven items that begin like Status's six.
func TestOurStatus(t *testing.T) {
	t.Parallel()
	s := scripted(t, ours(t, lowPoWFlag), encode(t, uint(6)))
	var items []rlp.RawValue
	if err := rlp.DecodeBytes(s.expect(0), &items); err != nil {
		t.Fatal(err)
	}
	if len(items) != 7 {
		t.Fatalf("%d items", len(items))
	}
	for i, want := range []any{uint(6), math.Float64bits(lowPoW), []byte{}, false, true} {
		b, err := rlp.EncodeToBytes(want)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(items[i], b) {
			t.Errorf("item %d is %x, want %x", i, items[i], b)
		}
	}
}

// TestRefusedStatus: neither side goes on with a peer whose status is wrong.
func TestRefusedStatus(t *testing.T) {
	t.Parallel()
	nan, infinite, negative := math.Float64bits(math.NaN()), math.Float64bits(math.Inf(1)), math.Float64bits(-1)
	for name, launch := range map[string]func(*testing.T, ...string) *process{"ours": ours, "theirs": theirs} {
		node := launch(t, lowPoWFlag)
		for what, status := range map[string][]byte{
			"version 5": encode(t, uint(5)), "version 7": encode(t, uint(7)), "no version": encode(t), "a list": encode(t, []uint{6}),
			"no number": encode(t, uint(6), nan), "infinite": encode(t, uint(6), infinite), "negative": encode(t, uint(6), negative),
			"short bloom": encode(t, uint(6), uint(0), []byte{1, 2, 3}),
		} {
			t.Run(fmt.Sprintf("%s %s", name, what), func(t *testing.T) {
				select {
				case <-scripted(t, node, status).ended:
				case <-after(t):
					t.Error("the line was kept")
				}
			})
		}
	}
}
