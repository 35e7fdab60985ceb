package chats

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"

	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/node/secure"
	"sotto/node/secure/securetest"
	"sotto/node/whisper"
)

// outsider is somebody with a program of their own: they can put together whatever they like, layer by layer.
type outsider struct {
	t      testing.TB
	key    *ecdsa.PrivateKey
	device secure.Device
	state  *securetest.State
	clock  uint64
}

func newOutsider(t testing.TB, name string) *outsider {
	o := &outsider{t: t, key: newKey(name), state: securetest.New(), clock: uint64(time.Now().UnixMilli())}
	o.device = secure.Device{Key: o.key, Installation: "of " + name, Rand: rand.Reader}
	return o
}

func (o *outsider) who() identity.PublicKey { return identity.KeyOf(&o.key.PublicKey) }

func (o *outsider) self() string { return o.who().String() }

func key(p *person) identity.PublicKey { return identity.KeyOf(&p.key.PublicKey) }

// bundle is somebody's bundle as it is now.
func (p *person) bundle() (bundle []byte) {
	p.t.Helper()
	err := p.store.Update(context.Background(), func(tx *models.Tx) (err error) {
		bundle, err = p.open.Pair.Bundle(tx)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return bundle
}

// bundle is the outsider's own.
func (o *outsider) bundle() []byte {
	o.t.Helper()
	return must(o.device.Bundle(o.state, time.Now()))(o.t)
}

// learns takes a bundle in.
func (o *outsider) learns(from *person) {
	o.t.Helper()
	must(o.device.Learn(o.state, from.bundle(), key(from), time.Now()))(o.t)
}

// tick is a clock for the next message.
func (o *outsider) tick() uint64 {
	o.clock++
	return o.clock
}

// text is a wrapped and signed text to somebody.
func (o *outsider) text(to identity.PublicKey, words string) []byte {
	o.t.Helper()
	said := must(payload.NewPrivateText(to, words, "", o.tick(), time.Now()))(o.t)
	return o.chat(said)
}

// chat wraps and signs a chat message.
func (o *outsider) chat(said payload.Chat) []byte {
	o.t.Helper()
	wrapped, _, err := said.Seal(o.key)
	if err != nil {
		o.t.Fatal(err)
	}
	return wrapped
}

// update is a wrapped and signed contact update.
func (o *outsider) update(name string, clock uint64) []byte {
	o.t.Helper()
	wrapped, _, err := payload.ContactUpdate{Clock: clock, Name: name}.Seal(o.key)
	if err != nil {
		o.t.Fatal(err)
	}
	return wrapped
}

// synced puts wrapped messages to somebody into a payload of data sync.
func (o *outsider) synced(to identity.PublicKey, wrapped ...[]byte) datasync.Payload {
	var p datasync.Payload
	for _, body := range wrapped {
		p.Messages = append(p.Messages, datasync.New(o.who(), to, body, time.Now()))
	}
	return p
}

// encrypt makes a private message of a payload of data sync.
func (o *outsider) encrypt(to identity.PublicKey, p datasync.Payload) []byte {
	o.t.Helper()
	return o.seal(to, must(p.Encode())(o.t))
}

// seal encrypts for somebody whatever it is.
func (o *outsider) seal(to identity.PublicKey, plaintext []byte) []byte {
	o.t.Helper()
	return must(o.device.Seal(o.state, to, plaintext, time.Now(), nil))(o.t).Message
}

// writes is all of it for a text.
func (o *outsider) writes(to identity.PublicKey, words string) []byte {
	o.t.Helper()
	return o.encrypt(to, o.synced(to, o.text(to, words)))
}

var envelopes uint64 // made so far: each has a hash of its own

// envelope is a message in an envelope of its own.
func (o *outsider) envelope(raw []byte) Delivery {
	envelopes++
	hash := sha256.Sum256(binary.BigEndian.AppendUint64(nil, envelopes))
	return Delivery{Hash: hash, Payload: raw, Signer: &o.key.PublicKey, Sent: time.Now(), Peer: "relay"}
}

// to hands a message to somebody on the topic of what is encrypted to their key, and waits until it was looked at.
func (o *outsider) to(p *person, raw []byte) {
	o.t.Helper()
	p.receives(o.envelope(raw))
	settle()
}

// receives takes what came encrypted to the person's key.
func (p *person) receives(d Delivery) {
	p.node.mu.Lock()
	handle := p.node.own[whisper.TopicOf(secure.PartitionedTopic(key(p)))]
	p.node.mu.Unlock()
	handle(d)
}

// forAnother is a message that is encrypted for devices of somebody else alone.
func (o *outsider) forAnother() []byte {
	o.t.Helper()
	zoe, state := newOutsider(o.t, "zoe"), securetest.New()
	must(o.device.Learn(state, zoe.bundle(), zoe.who(), time.Now()))(o.t)
	return must(o.device.Seal(state, zoe.who(), []byte("x"), time.Now(), nil))(o.t).Message
}

// asks is a request to be let into a group.
func (o *outsider) asks(id, text string) []byte {
	o.t.Helper()
	wrapped, _, err := payload.Invitation{Clock: o.tick(), ChatID: id, Text: text, State: payload.InvitationRequest}.Seal(o.key)
	if err != nil {
		o.t.Fatal(err)
	}
	return wrapped
}

// invites is a new group of theirs with somebody in it.
func (o *outsider) invites(who identity.PublicKey) []byte {
	o.t.Helper()
	id := must(group.NewID(rand.Reader, o.who()))(o.t)
	made := must(group.Sign(o.key, id, group.Event{Clock: o.tick(), Type: group.Created, Name: "come in"}))(o.t)
	added := must(group.Sign(o.key, id, group.Event{Clock: o.tick(), Type: group.Added, Members: []identity.PublicKey{who}}))(o.t)
	wrapped, _, err := payload.Membership{ChatID: id, Events: [][]byte{made.Raw, added.Raw}}.Seal(o.key)
	if err != nil {
		o.t.Fatal(err)
	}
	return wrapped
}
