package node_test

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/node/secure/securetest"
	"sotto/node/vectortest"
	"sotto/node/whisper"
)

// recording is what was recorded between a few Status nodes.
type recording struct {
	captures []capture
	filters  map[string][]capturedFilter
	people   map[string]capturedPerson
}

type capture struct {
	Label     string
	From, To  string
	Envelopes []capturedEnvelope
	Before    secretState `json:"receiver_secret_state_before"`
}

type capturedPerson struct {
	PublicKey, Installation string
	Private                 string `json:"identityPrivate"`
}

// secretState is what a recorded node remembered.
type secretState struct {
	Bundles []struct {
		Identity     string
		Installation string `json:"installation_id"`
		Private      string `json:"private_key"`
		Key          string `json:"signed_pre_key"`
		Timestamp    int64
		Version      uint32
	}
	Owners []struct {
		Prekey       string `json:"bundle_id"`
		Identity     string
		Installation string `json:"installation_id"`
	} `json:"ratchet_info_v2"`
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

func loadRecording(t *testing.T) (r recording) {
	t.Helper()
	vectortest.Load(t, "envelopes.json", "captures", &r.captures)
	vectortest.Load(t, "envelopes.json", "filters", &r.filters)
	vectortest.Load(t, "envelopes.json", "identities", &r.people)
	return r
}

// Every recorded envelope that carries something private is opened with the layers of this module and the keys that its
// receiver had, from its bytes to what its author wrote.
func TestVectorPrivateCaptures(t *testing.T) {
	r := loadRecording(t)
	opened := 0
	for _, c := range r.captures {
		for _, e := range c.Envelopes {
			if e.Protocol.Public > 0 {
				continue
			}
			t.Run(c.Label, func(t *testing.T) { opened += r.openPrivate(t, c, e) })
		}
	}
	if opened < 8 {
		t.Errorf("opened %d private captures", opened)
	}
}

// openPrivate goes up the layers, and returns how many application messages it found.
func (r recording) openPrivate(t *testing.T, c capture, e capturedEnvelope) int {
	t.Helper()
	to := r.deviceOf(t, c.To)
	plaintext := r.openEnvelope(t, c.To, e)
	from := identity.KeyOf(plaintext.Signer)
	if from.String() != e.Sender || !bytes.Equal(plaintext.Payload, unhex(t, e.Transport)) {
		t.Fatalf("opened as a message of %v", from)
	}
	now := time.Unix(e.Sent, 0)
	opened, err := to.Open(r.stateOf(t, c.To, c.Before), plaintext.Payload, from, now)
	if e.Protocol.Installation == to.Installation {
		if secure.ReasonOf(err) != secure.ReasonOwn {
			t.Errorf("its own message: %v", err)
		}
		return 0
	}
	if err != nil || opened.Installation != e.Protocol.Installation || !bytes.Equal(opened.Plaintext, unhex(t, e.Plain)) {
		t.Fatalf("transport message %+v, %v", opened, err)
	}
	if e.Summary.Sync == nil { // what is not repeated is not wrapped for data sync
		checkApplication(t, opened.Plaintext, from, e.Summary.App)
		checkTaken(t, opened.Plaintext, e.Summary.App, payload.PrivateArrival{Self: identity.KeyOf(&to.Key.PublicKey), Signer: from, Sent: now})
		return 1
	}
	synced, err := datasync.DecodePayload(opened.Plaintext)
	if err != nil || len(synced.Messages) != len(e.Summary.Sync.Messages) {
		t.Fatalf("data sync %+v, %v", synced, err)
	}
	for i, m := range synced.Messages {
		app := e.Summary.Sync.Messages[i].App
		checkApplication(t, m.Body, from, app)
		checkTaken(t, m.Body, app, payload.PrivateArrival{Self: identity.KeyOf(&to.Key.PublicKey), Signer: from, Sent: now})
	}
	return len(synced.Messages)
}

// capturedApp is what an application message was.
type capturedApp struct{ Payload, Signer, Type string }

// capturedTypes are the types that occur, as the recording calls them.
var capturedTypes = map[string]payload.Type{
	"CHAT_MESSAGE": payload.TypeChat, "MEMBERSHIP_UPDATE_MESSAGE": payload.TypeMembership, "PAIR_INSTALLATION": payload.TypePair,
	"SYNC_INSTALLATION_PUBLIC_CHAT": payload.TypeSyncChat, "CONTACT_UPDATE": payload.TypeContact,
}

func checkApplication(t *testing.T, wrapped []byte, from identity.PublicKey, want capturedApp) {
	t.Helper()
	message, err := payload.Open(wrapped, from)
	if err != nil {
		t.Fatal(err)
	}
	kind, known := capturedTypes[want.Type]
	if !known || message.Type != kind || !bytes.Equal(message.Payload, unhex(t, want.Payload)) {
		t.Errorf("application message %+v, want %+v", message, want)
	}
	if message.Signed != (want.Signer != "") || message.Author != from || message.Signed && message.Author.String() != want.Signer {
		t.Errorf("of %v, signed: %v", message.Author, message.Signed)
	}
}

// openEnvelope opens an envelope with the key of the filter that a node had for its topic, or its identity key.
func (r recording) openEnvelope(t *testing.T, who string, e capturedEnvelope) *whisper.Plaintext {
	t.Helper()
	envelope, err := whisper.DecodeEnvelope(unhex(t, e.RLP))
	if err != nil {
		t.Fatal(err)
	}
	self := r.deviceOf(t, who)
	var opener whisper.Opener = whisper.NewAsymOpener(self.Key)
	for _, f := range r.filters[who] {
		if f.Topic == e.Topic && f.SymKey != "" {
			opener = whisper.NewSymOpener(whisper.SymKey(unhex(t, f.SymKey)))
			r.checkNegotiated(t, self, f)
		}
	}
	plaintext, err := opener.Open(envelope)
	if err != nil || plaintext.Signer == nil {
		t.Fatalf("%+v, %v", plaintext, err)
	}
	return plaintext
}

// checkNegotiated holds that we would have listened to the topic with the same key.
func (r recording) checkNegotiated(t *testing.T, self secure.Device, f capturedFilter) {
	t.Helper()
	with, err := identity.DecodePublicKey(unhex(t, f.Identity))
	if err != nil {
		t.Fatal(err)
	}
	name, err := secure.NegotiatedTopic(self.Key, with)
	if err != nil {
		t.Fatal(err)
	}
	topic := whisper.TopicOf(name)
	if !bytes.Equal(topic[:], unhex(t, f.Topic)) || whisper.SymKeyOf(name) != whisper.SymKey(unhex(t, f.SymKey)) {
		t.Errorf("topic %x", topic)
	}
}

func (r recording) deviceOf(t *testing.T, name string) secure.Device {
	t.Helper()
	key, err := crypto.ToECDSA(unhex(t, r.people[name].Private))
	if err != nil {
		t.Fatal(err)
	}
	return secure.Device{Key: key, Installation: r.people[name].Installation, Rand: rand.Reader}
}

// stateOf is a recorded state as ours. Two things are not in it that ours has: the ephemeral key of a session, which stands
// in the messages, and that a receiving chain has not begun, which shows in the ratchet key.
func (r recording) stateOf(t *testing.T, name string, recorded secretState) *securetest.State {
	t.Helper()
	state, own := securetest.New(), r.people[name].Installation
	var errs []error
	ours := map[secure.Point]bool{}
	for _, b := range recorded.Bundles {
		key, at := secure.Point(unhex(t, b.Key)), time.Unix(0, b.Timestamp).Truncate(time.Millisecond)
		if b.Installation == own {
			ours[key] = true
			errs = append(errs, state.PutOwnPrekey(secure.OwnPrekey{Key: key, Private: [32]byte(unhex(t, b.Private)), Version: b.Version, Created: at}))
			continue
		}
		errs = append(errs, state.PutInstallation(secure.Installation{Identity: keyOf(t, b.Identity), ID: b.Installation, Prekey: key,
			Version: b.Version, Protocol: 1, Timestamp: b.Timestamp, Seen: at, Enabled: true}))
	}
	for _, s := range recorded.Sessions {
		id := unhex(t, s.ID)
		prekey := secure.Point(id[:33])
		session := secure.Session{Prekey: prekey, Installation: string(id[33:]), Ephemeral: r.ephemeralOf(t, prekey),
			Initiated: !ours[prekey], Answered: true, Root: [32]byte(unhex(t, s.Root)), Own: [32]byte(unhex(t, s.Own)),
			OwnPublic: secure.Point(unhex(t, s.OwnPublic)), Remote: secure.Point(unhex(t, s.Remote)),
			SendChain: [32]byte(unhex(t, s.SendChain)), SendN: s.SendN, RecvN: s.RecvN, PN: s.PN}
		if session.Remote != prekey {
			session.RecvChain = [32]byte(unhex(t, s.RecvChain))
		} else {
			session.Answered = false
		}
		for _, o := range recorded.Owners {
			if o.Installation == session.Installation && bytes.Equal(unhex(t, o.Prekey), prekey[:]) {
				session.Identity = keyOf(t, o.Identity)
			}
		}
		errs = append(errs, state.PutSession(&session))
	}
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return state
}

// ephemeralOf is the ephemeral key of the session that was agreed on a prekey.
func (r recording) ephemeralOf(t *testing.T, prekey secure.Point) secure.Point {
	t.Helper()
	for _, c := range r.captures {
		for _, e := range c.Envelopes {
			for _, d := range e.Protocol.Direct {
				if d.X3DH && bytes.Equal(unhex(t, d.Prekey), prekey[:]) {
					return secure.Point(unhex(t, d.Ephemeral))
				}
			}
		}
	}
	return secure.Point{}
}

func keyOf(t *testing.T, s string) identity.PublicKey {
	t.Helper()
	key, err := identity.DecodePublicKey(unhex(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// What the recorded nodes remembered in the end is enough to go on: their sessions with each other fit together, and what
// one writes now the other reads.
func TestVectorFinalStates(t *testing.T) {
	r := loadRecording(t)
	var final map[string]secretState
	vectortest.Load(t, "envelopes.json", "final_secret_state", &final)
	for _, pair := range [][2]string{{"alice", "bob"}, {"bob", "alice"}, {"bob", "carol"}, {"carol", "bob"}, {"alice", "alice2"}, {"alice2", "alice"}} {
		t.Run(strings.Join(pair[:], " to "), func(t *testing.T) {
			one, other := r.deviceOf(t, pair[0]), r.deviceOf(t, pair[1])
			mine, theirs := r.stateOf(t, pair[0], final[pair[0]]), r.stateOf(t, pair[1], final[pair[1]])
			now := time.Unix(r.captures[len(r.captures)-1].Envelopes[0].Sent, 0).Add(time.Minute)
			sessions := len(mine.All())
			for _, text := range []string{"there", "back", "and there"} {
				sealed, err := one.Seal(mine, identity.KeyOf(&other.Key.PublicKey), []byte(text), now, []string{other.Installation})
				if err != nil {
					t.Fatal(err)
				}
				opened, err := other.Open(theirs, sealed.Message, identity.KeyOf(&one.Key.PublicKey), now)
				if err != nil || string(opened.Plaintext) != text || !opened.ForwardSecret {
					t.Fatalf("%q: %+v, %v", text, opened, err)
				}
				one, other, mine, theirs = other, one, theirs, mine
			}
			if n := len(theirs.All()); n != sessions {
				t.Errorf("%d sessions, before %d", n, sessions)
			}
		})
	}
}

// A recorded contact code makes its owner's device known, so that the first message to it is forward secret.
func TestVectorContactCodeCapture(t *testing.T) {
	r := loadRecording(t)
	found := false
	for _, c := range r.captures {
		for _, e := range c.Envelopes {
			if e.Summary.App.Type != "CONTACT_CODE_ADVERTISEMENT" {
				continue
			}
			found = true
			owner := keyOf(t, r.people[c.From].PublicKey)
			f := filterOf(t, r.filters[c.To], e.Topic)
			if f.ChatID != secure.ContactCodeTopic(owner) {
				t.Errorf("on topic %q", f.ChatID)
			}
			transport, err := secure.UnwrapPublic(openCapture(t, e, f).Payload)
			if err != nil || len(transport.Bundles) != 1 {
				t.Fatalf("%+v, %v", transport, err)
			}
			if _, err := payload.OpenContactCode(transport.Payload, owner, owner); err != nil {
				t.Error(err)
			}
			self, state, now := r.deviceOf(t, c.To), securetest.New(), time.Unix(e.Sent, 0)
			learned, err := self.Learn(state, transport.Bundles[0], owner, now)
			if err != nil || len(learned.New) != 1 || learned.New[0].ID != r.people[c.From].Installation {
				t.Fatalf("learned %+v, %v", learned, err)
			}
			if sealed, err := self.Seal(state, owner, []byte("text"), now, nil); err != nil || !sealed.ForwardSecret {
				t.Errorf("%+v, %v", sealed, err)
			}
		}
	}
	if !found {
		t.Error("no contact code was recorded")
	}
}
