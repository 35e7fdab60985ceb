//go:build e2e

package catchup

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node"
	"sotto/node/mailserver"
	"sotto/node/mailserver/mailtest"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services"
	"sotto/services/account"
)

const password = "swordfish"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mailbox is a mailserver on loopback, whose address is known before it runs.
type mailbox struct {
	key     *ecdsa.PrivateKey
	listen  *net.TCPAddr
	enode   string
	archive *mailtest.Archive
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	key, err := crypto.GenerateKey()
	must(t, err)
	reserved, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer reserved.Close()
	at := reserved.Addr().(*net.TCPAddr)
	return &mailbox{key, at, enode.NewV4(&key.PublicKey, at.IP, at.Port, at.Port).URLv4(), mailtest.NewArchive()}
}

// start runs the mailserver until the end of the test.
func (m *mailbox) start(t *testing.T) {
	t.Helper()
	server, err := mailserver.NewServer(mailserver.ServerConfig{Archive: m.archive, Retention: 30 * 24 * time.Hour})
	must(t, err)
	n, err := node.New(node.Config{
		Key: m.key, Name: "mail", Listen: m.listen.String(), Receive: node.ReceiveEverything,
		Whisper: whisper.Config{Confirmations: true, Keep: server.Keep, Retention: server.Retention()},
	})
	must(t, err)
	server.Start(n.Whisper())
	must(t, n.Start(t.Context()))
	t.Cleanup(func() {
		n.Stop()
		server.Stop()
	})
}

// fill archives texts of one person in a channel, sent over the last hour.
func (m *mailbox) fill(t *testing.T, channel string, n int) {
	t.Helper()
	author, err := crypto.GenerateKey()
	must(t, err)
	key := whisper.SymKeyOf(channel)
	for i := range n {
		at := time.Now().Add(-time.Hour + time.Duration(i)*time.Hour/time.Duration(n+1))
		text, err := payload.NewText(channel, line(i), "", payload.NextClock(at, 0), at)
		must(t, err)
		wrapped, _, err := text.Seal(author)
		must(t, err)
		message, err := secure.WrapPublic("", wrapped)
		must(t, err)
		e, err := whisper.Seal(t.Context(), rand.Reader, at, whisper.SealParams{
			Topic: whisper.TopicOf(channel), Payload: message, SymKey: &key, Signer: author,
		})
		must(t, err)
		m.archive.Add(e)
	}
}

// line is a text that wraps now and then, as what people write does.
func line(i int) string {
	text := fmt.Sprintf("message %d", i)
	if i%5 == 0 {
		text += ": we could meet at the cabin next weekend, there is snow up there already, and somebody has to carry the wood this time"
	}
	return text
}

// open opens a folder; it is closed at the end of the test, if not before.
func open(t *testing.T, dir string) *services.Session {
	t.Helper()
	s, err := services.Open(services.Config{
		Data: dir, State: dir, Listen: "127.0.0.1:0", NAT: "none", KDF: account.KDF{Time: 1, Memory: 64, Threads: 1},
	})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close(context.WithoutCancel(t.Context()))) })
	return s
}

// enter opens a folder, makes an account in it and lets it know the mailserver.
func enter(t *testing.T, dir string, m *mailbox) (*services.Session, account.Created) {
	t.Helper()
	s := open(t, dir)
	made, err := s.Account.Create(t.Context(), account.Options{Name: "Bo", Password: password})
	must(t, err)
	must(t, s.Network.AddMailserver(t.Context(), m.enode))
	return s, made
}

// A contact writes so much at once, and rests then: a mailserver gives what was sent in one second in any order, and more than a
// thousand messages ahead of its turn none is opened (Status spec 5, the ratchet's skipped keys).
const (
	writtenAtOnce = 250
	writingRest   = 500 * time.Millisecond
)

// write lets a contact write to somebody who is away, and waits until everything is archived.
func write(t *testing.T, m *mailbox, from *services.Session, to string, n int) {
	t.Helper()
	id := ""
	rest := time.NewTicker(writingRest)
	defer rest.Stop()
	for i := range n {
		if i%writtenAtOnce == 0 {
			<-rest.C
		}
		said, err := from.Chats.Send(t.Context(), to, line(i), "")
		must(t, err)
		id = said.ID
	}
	events := from.Events.Subscribe(1024)
	defer events.Close()
	for timeout := time.After(time.Minute); ; {
		steps, err := from.Chats.Steps(t.Context(), id)
		must(t, err)
		if len(steps) > 1 {
			return
		}
		select {
		case <-events.C:
		case <-timeout:
			t.Fatalf("%d envelopes are archived", len(m.archive.All()))
		}
	}
}
