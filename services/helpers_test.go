package services

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"sotto/node"
	"sotto/node/whisper"
	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/fault"
	"sotto/services/network"
)

// states is the folder for what a session keeps outside its own. It is one for all tests: the ids of accounts differ.
var states string

func TestMain(m *testing.M) {
	keyring.MockInit()
	var err error
	if states, err = os.MkdirTemp("", "sotto-states-"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m,
		goleak.Cleanup(func(code int) { _ = os.RemoveAll(states); os.Exit(code) }),
		// go-ethereum starts one for the whole process.
		goleak.IgnoreTopFunction("github.com/ethereum/go-ethereum/metrics.(*meterTicker).loop"),
		// p2p's node database ends this by itself, half a minute after it was closed.
		goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"))
}

var lightKDF = account.KDF{Time: 1, Memory: 64, Threads: 1}

// startRelay runs a node on loopback that knows nobody's keys.
func startRelay(t testing.TB) *node.Node {
	t.Helper()
	key, err := crypto.GenerateKey()
	must(t, err)
	n, err := node.New(node.Config{
		Key: key, Name: "relay", Listen: "127.0.0.1:0", Receive: node.ReceiveEverything,
		Whisper: whisper.Config{Confirmations: true},
	})
	must(t, err)
	must(t, n.Start(t.Context()))
	t.Cleanup(n.Stop)
	return n
}

// openSession opens a folder; it is closed at the end of the test, if not before.
func openSession(t testing.TB, dir string) *Session {
	t.Helper()
	return openWith(t, dir, states)
}

// openWith opens a folder on a computer that keeps what stands outside it in another.
func openWith(t testing.TB, dir, state string) *Session {
	t.Helper()
	s, err := Open(Config{Data: dir, State: state, Listen: "127.0.0.1:0", KDF: lightKDF, Version: "test"})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close(context.WithoutCancel(t.Context()))) })
	return s
}

// newAccount opens a folder and creates an account in it.
func newAccount(t testing.TB, dir, name string) (*Session, account.Created) {
	t.Helper()
	s := openSession(t, dir)
	made, err := s.Account.Create(t.Context(), account.Options{Name: name, Password: "swordfish"})
	must(t, err)
	return s, made
}

func connect(t testing.TB, s *Session, relay *node.Node) {
	t.Helper()
	must(t, s.Network.AddPeer(t.Context(), relay.Status().Enode))
	waitOnline(t, s)
}

func waitOnline(t testing.TB, s *Session) {
	t.Helper()
	eventually(t, "online", func() bool { return s.Network.Status(t.Context()).State == network.Online })
}

func send(t testing.TB, s *Session, chat, text string) chats.Message {
	t.Helper()
	m, err := s.Chats.Send(t.Context(), chat, text, "")
	must(t, err)
	return m
}

// texts are a chat's messages, the oldest first.
func texts(t testing.TB, s *Session, chat string) (list []string) {
	t.Helper()
	messages, err := s.Chats.Messages(t.Context(), chat, chats.Page{})
	must(t, err)
	for _, m := range messages {
		list = append([]string{m.Text}, list...)
	}
	return list
}

func stateOf(t testing.TB, s *Session, id string) chats.State {
	t.Helper()
	m, err := s.Chats.Message(t.Context(), id)
	must(t, err)
	return m.State
}

// eventually polls until ok or for a minute.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !ok() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("never came: %s", what)
		}
	}
}

func wantCode(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("got %v, want code %s", err, code)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
