package secure_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/node/secure/securetest"
	"sotto/node/vectortest"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func private(t testing.TB, s string) secure.Device {
	t.Helper()
	key, err := crypto.ToECDSA(unhex(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return secure.Device{Key: key}
}

func personOf(d secure.Device) identity.PublicKey { return identity.KeyOf(&d.Key.PublicKey) }

// recordedBundle is a bundle of the vectors.
type recordedBundle struct {
	Protobuf  string `json:"bundle_protobuf"`
	Private   string `json:"identity_private"`
	Recovered string `json:"recovered_identity"`
	Name      string
	Prekeys   []struct {
		Installation string `json:"installation_id"`
		Protocol     uint32 `json:"protocol_version"`
		Key          string `json:"signed_pre_key"`
		Version      uint32
	} `json:"signed_pre_keys"`
	Timestamp int64 `json:"timestamp_ns"`
}

func TestVectorBundles(t *testing.T) {
	var cases []recordedBundle
	vectortest.Load(t, "x3dh.json", "bundles", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			raw := unhex(t, c.Protobuf)
			b, err := secure.DecodeBundle(raw)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Verify(); err != nil {
				t.Error(err)
			}
			if got := b.Identity.String(); got != "0x"+c.Recovered || b.Timestamp != c.Timestamp || len(b.Prekeys) != len(c.Prekeys) {
				t.Errorf("read %+v", b)
			}
			ours := secure.Bundle{Timestamp: c.Timestamp, Prekeys: map[string]secure.Prekey{}}
			for _, p := range c.Prekeys {
				ours.Prekeys[p.Installation] = secure.Prekey{Key: secure.Point(unhex(t, p.Key)), Version: p.Version, Protocol: p.Protocol}
			}
			if !maps.Equal(ours.Prekeys, b.Prekeys) {
				t.Errorf("read %v", b.Prekeys)
			}
			encoded, err := ours.Encode(private(t, c.Private).Key)
			if err != nil || !bytes.Equal(encoded, raw) {
				t.Errorf("wrote %x, %v", encoded, err)
			}
		})
	}
}

// The signature covers the version and not the protocol version.
func TestVectorTampering(t *testing.T) {
	var c struct {
		Protocol bool `json:"changed_protocol_version_detected"`
		Version  bool `json:"changed_version_detected"`
	}
	vectortest.Load(t, "x3dh.json", "tampering", &c)
	var bundles []recordedBundle
	vectortest.Load(t, "x3dh.json", "bundles", &bundles)
	for name, change := range map[string]struct {
		how      func(*secure.Prekey)
		detected bool
	}{
		"version":          {func(p *secure.Prekey) { p.Version++ }, c.Version},
		"protocol version": {func(p *secure.Prekey) { p.Protocol++ }, c.Protocol},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := secure.DecodeBundle(unhex(t, bundles[0].Protobuf))
			if err != nil {
				t.Fatal(err)
			}
			for id, p := range b.Prekeys {
				change.how(&p)
				b.Prekeys[id] = p
			}
			if err := b.Verify(); (err != nil) != change.detected {
				t.Errorf("got %v, detected %v", err, change.detected)
			}
		})
	}
}

// A transcript is what two deployed clients sent to each other, with all their keys.
type transcript struct {
	Name  string
	Alice string                                 `json:"alice_identity_private"`
	Bob   string                                 `json:"bob_identity_private"`
	Keys  []struct{ Compressed, Private string } `json:"generated_keys_in_order"`
	Steps []step
}

type step struct {
	Op, Label    string
	From, To, By string
	Agreed       bool   `json:"agreed_secret"`
	Installation string `json:"installation_id"`
	Protobuf     string
	Plaintext    string
	Text         string
	Direct       []recordedEntry `json:"direct_message"`
	After        recordedState   `json:"state_after"`
	SenderAfter  recordedState   `json:"sender_state_after"`
}

type recordedEntry struct {
	Installation string `json:"installation_id"`
	Payload      string
	DR           *struct {
		ID, Key string
		N, PN   uint32
	} `json:"dr_header"`
	DH   *struct{ Key string }     `json:"dh_header"`
	X3DH *struct{ ID, Key string } `json:"x3dh_header"`
}

type recordedState struct {
	Bundles []struct {
		Expired      bool
		Identity     string
		Installation string `json:"installation_id"`
		Private      string `json:"private_key"`
		Key          string `json:"signed_pre_key"`
		Version      uint32
	}
	Sessions []struct {
		ID        string
		Remote    string `json:"dhr"`
		Own       string `json:"dhs_private"`
		OwnPublic string `json:"dhs_public"`
		PN        uint32
		RecvChain string `json:"recv_chain_key"`
		RecvN     uint32 `json:"recv_chain_n"`
		Root      string `json:"root_chain_key"`
		SendChain string `json:"send_chain_key"`
		SendN     uint32 `json:"send_chain_n"`
	}
}

// replay is the random source of a party of a transcript: keys are those that it generated, initialisation vectors and
// nonces those that stand in what it is about to send.
type replay struct {
	keys   [][]byte
	vector []byte // of 16 or 12 bytes
}

func (r *replay) Read(p []byte) (int, error) {
	if len(p) != 32 {
		return copy(p, r.vector), nil
	}
	if len(r.keys) == 0 {
		return 0, errors.New("more keys than were recorded")
	}
	n := copy(p, r.keys[0])
	r.keys = r.keys[1:]
	return n, nil
}

type party struct {
	device secure.Device
	state  *securetest.State
	random *replay
}

// Whole conversations, byte for byte: first messages with and without a bundle, messages out of order, sessions that cross,
// new prekeys.
func TestVectorTranscripts(t *testing.T) {
	var cases []transcript
	vectortest.Load(t, "doubleratchet.json", "transcripts", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			parties := map[string]*party{"alice": newParty(t, c.Alice), "bob": newParty(t, c.Bob)}
			sent := map[string]step{}
			read := map[string]bool{}
			for _, s := range c.Steps {
				switch s.Op {
				case "send":
					parties[s.From].replaySend(t, c, s, parties[s.To])
					sent[s.Label] = s
				case "receive":
					p, m := parties[s.By], sent[s.Label]
					p.replayReceive(t, c, s, m, personOf(parties[m.From].device), read[s.Label])
					read[s.Label] = true
				default:
					t.Fatalf("unknown step %q", s.Op)
				}
			}
		})
	}
}

func newParty(t *testing.T, key string) *party {
	random := &replay{}
	d := private(t, key)
	d.Rand = random
	return &party{d, securetest.New(), random}
}

// fit gives a party the keys that it will draw in a step: those of its state afterwards, in our order of drawing.
func (p *party) fit(t *testing.T, c transcript, own ...string) {
	p.random.keys = nil
	for _, public := range own {
		for _, k := range c.Keys {
			if k.Compressed == public {
				p.random.keys = append(p.random.keys, unhex(t, k.Private))
			}
		}
	}
}

// know gives a party the prekeys that the reference had by then; it makes them at other moments than we do.
func (p *party) know(t *testing.T, state recordedState, bundle []byte) {
	t.Helper()
	if err := p.state.PutOwnBundle(bundle); err != nil {
		t.Fatal(err)
	}
	for _, b := range state.Bundles {
		if b.Private == "" || b.Installation != p.device.Installation {
			continue
		}
		key := secure.Point(unhex(t, b.Key))
		if _, known, _ := p.state.OwnPrekeyOf(key); known {
			continue
		}
		err := p.state.PutOwnPrekey(secure.OwnPrekey{Key: key, Private: [32]byte(unhex(t, b.Private)), Version: b.Version, Created: then})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// then is when the recordings were made.
var then = time.Unix(1605787200, 0)

func (p *party) replaySend(t *testing.T, c transcript, s step, to *party) {
	t.Helper()
	p.device.Installation = s.Installation
	raw := unhex(t, s.Protobuf)
	p.know(t, s.SenderAfter, bundleOf(t, raw))
	e := s.Direct[0]
	var draws []string
	payload := unhex(t, e.Payload)
	switch {
	case e.DH != nil:
		draws, p.random.vector = []string{e.DH.Key}, payload[len(payload)-12:]
	case e.X3DH != nil:
		draws, p.random.vector = []string{e.X3DH.Key, e.DR.Key}, payload[:16]
	default:
		p.random.vector = payload[:16]
	}
	p.fit(t, c, draws...)
	if s.Agreed != p.agreed(t, to) {
		t.Errorf("%s: negotiated topic %v", s.Label, !s.Agreed)
	}
	// A first message comes with the bundle of the one it is for: the reference had read it elsewhere.
	p.learnFor(t, c, s, to)
	defer p.follow(t, e, to)()
	sealed, err := p.device.Seal(p.state, personOf(to.device), []byte(s.Text), then, nil)
	if err != nil {
		t.Fatalf("%s: %v", s.Label, err)
	}
	if !bytes.Equal(sealed.Message, raw) {
		t.Errorf("%s: wrote\n%x\nwant\n%x", s.Label, sealed.Message, raw)
	}
	p.compare(t, s.Label, s.SenderAfter)
}

// follow makes a party send on the session that the reference took. Where two cross, the reference stays with the one that it
// stored first, for ever; we take the one on the smaller prekey (TestCrossingSessionsConverge).
func (p *party) follow(t *testing.T, e recordedEntry, to *party) (undo func()) {
	t.Helper()
	if e.DR == nil {
		return func() {}
	}
	var retired []secure.Session
	for _, session := range p.state.All() {
		if hex.EncodeToString(session.Prekey[:]) != e.DR.ID {
			retired = append(retired, session)
			session.Retired = true
			if err := p.state.PutSession(&session); err != nil {
				t.Fatal(err)
			}
		}
	}
	return func() {
		for _, session := range retired {
			if err := p.state.PutSession(&session); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (p *party) agreed(t *testing.T, to *party) bool {
	list, err := p.state.Installations(personOf(to.device))
	if err != nil {
		t.Fatal(err)
	}
	return len(list) > 0 && !slices.ContainsFunc(list, func(i secure.Installation) bool { return !i.Answered })
}

// learnFor tells a party of the prekeys that stand in its recorded state, signed by their owner.
func (p *party) learnFor(t *testing.T, c transcript, s step, to *party) {
	t.Helper()
	who := personOf(to.device)
	compressed := who.Compressed()
	b := secure.Bundle{Timestamp: then.UnixNano(), Prekeys: map[string]secure.Prekey{}}
	for _, known := range s.SenderAfter.Bundles {
		if known.Identity == hex.EncodeToString(compressed[:]) && !known.Expired {
			b.Prekeys[known.Installation] = secure.Prekey{Key: secure.Point(unhex(t, known.Key)), Version: known.Version, Protocol: 1}
		}
	}
	if len(b.Prekeys) == 0 {
		return
	}
	raw, err := b.Encode(to.device.Key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.device.Learn(p.state, raw, who, then); err != nil {
		t.Fatal(err)
	}
}

func (p *party) replayReceive(t *testing.T, c transcript, s, m step, from identity.PublicKey, again bool) {
	t.Helper()
	if p.device.Installation == "" {
		p.device.Installation = s.By + "-dev-1"
	}
	p.know(t, s.After, nil)
	p.fit(t, c, turned(s.After)...)
	p.random.keys = p.fresh(p.random.keys)
	before := p.state.Clone()
	opened, err := p.device.Open(p.state, unhex(t, m.Protobuf), from, then)
	if again { // the reference keeps the keys of what it read and reads it twice; we do not
		if secure.ReasonOf(err) == "" {
			t.Errorf("%s again: %v", s.Label, err)
		}
		p.state = before
		return
	}
	if err != nil || hex.EncodeToString(opened.Plaintext) != s.Plaintext {
		t.Fatalf("%s: %q, %v", s.Label, opened.Plaintext, err)
	}
	p.compare(t, s.Label, s.After)
}

// turned are the ratchet keys that a state holds.
func turned(s recordedState) (keys []string) {
	for _, session := range s.Sessions {
		keys = append(keys, session.OwnPublic)
	}
	return keys
}

// fresh leaves out the keys that a session has already.
func (p *party) fresh(keys [][]byte) [][]byte {
	return slices.DeleteFunc(keys, func(k []byte) bool {
		return slices.ContainsFunc(p.state.All(), func(s secure.Session) bool { return bytes.Equal(s.Own[:], k) })
	})
}

// compare holds our sessions against the recorded ones.
func (p *party) compare(t *testing.T, label string, want recordedState) {
	t.Helper()
	all := p.state.All()
	if len(all) != len(want.Sessions) {
		t.Errorf("%s: %d sessions, want %d", label, len(all), len(want.Sessions))
	}
	for _, w := range want.Sessions {
		at := slices.IndexFunc(all, func(s secure.Session) bool {
			return hex.EncodeToString(s.Prekey[:])+hex.EncodeToString([]byte(s.Installation)) == w.ID
		})
		if at < 0 {
			t.Errorf("%s: no session %s", label, w.ID)
			continue
		}
		s := all[at]
		for name, pair := range map[string][2]string{
			"root": {hex.EncodeToString(s.Root[:]), w.Root}, "sending chain": {hex.EncodeToString(s.SendChain[:]), w.SendChain},
			"own": {hex.EncodeToString(s.Own[:]), w.Own}, "remote": {hex.EncodeToString(s.Remote[:]), w.Remote},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s %s, want %s", label, name, pair[0], pair[1])
			}
		}
		// Before anything came the reference has the agreed key in this place, and uses it for nothing.
		if s.RecvChain != [32]byte{} && hex.EncodeToString(s.RecvChain[:]) != w.RecvChain {
			t.Errorf("%s: receiving chain %x, want %s", label, s.RecvChain, w.RecvChain)
		}
		if s.SendN != w.SendN || s.RecvN != w.RecvN || s.PN != w.PN {
			t.Errorf("%s: counters %d %d %d, want %d %d %d", label, s.SendN, s.RecvN, s.PN, w.SendN, w.RecvN, w.PN)
		}
	}
}

// bundleOf is the bundle that rides on a recorded message.
func bundleOf(t *testing.T, raw []byte) []byte {
	t.Helper()
	bundles, err := secure.BundlesOf(raw)
	if err != nil || len(bundles) != 1 {
		t.Fatalf("%d bundles, %v", len(bundles), err)
	}
	return bundles[0]
}
