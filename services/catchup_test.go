package services

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node"
	"sotto/node/mailserver"
	"sotto/node/mailserver/mailtest"
	"sotto/node/whisper"
	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/history"
)

const kept = 30 * 24 * time.Hour

// startMailserver runs a relay on loopback that archives what it relays.
func startMailserver(t testing.TB) (*node.Node, *mailtest.Archive) {
	t.Helper()
	archive := mailtest.NewArchive()
	server, err := mailserver.NewServer(mailserver.ServerConfig{Archive: archive, Retention: kept})
	must(t, err)
	key, err := crypto.GenerateKey()
	must(t, err)
	n, err := node.New(node.Config{
		Key: key, Name: "mail", Listen: "127.0.0.1:0", Receive: node.ReceiveEverything,
		Whisper: whisper.Config{Confirmations: true, Keep: server.Keep, Retention: server.Retention()},
	})
	must(t, err)
	server.Start(n.Whisper())
	must(t, n.Start(t.Context()))
	t.Cleanup(func() {
		n.Stop()
		server.Stop()
	})
	return n, archive
}

// firstStep waits until the ledger of a message says more than that it waits.
func firstStep(t testing.TB, s *Session, id string) chats.Step {
	t.Helper()
	events := s.Events.Subscribe(1000)
	defer events.Close()
	for timeout := time.After(10 * time.Second); ; {
		steps, err := s.Chats.Steps(t.Context(), id)
		must(t, err)
		if len(steps) > 1 {
			return steps[1]
		}
		select {
		case <-events.C:
		case <-timeout:
			t.Fatal("nobody took the message")
		}
	}
}

// Whoever is away gets what was said, from a mailserver that was added; and the sender could see that it waits there.
func TestNeverOnlineTogether(t *testing.T) {
	mail, archive := startMailserver(t)
	ann, _ := newAccount(t, t.TempDir(), "Ann")
	must(t, ann.Network.AddMailserver(t.Context(), mail.Status().Enode))
	_, err := ann.Chats.JoinPublic(t.Context(), "lobby")
	must(t, err)
	var said []string
	for i := range 20 {
		said = append(said, send(t, ann, "lobby", fmt.Sprint("message ", i)).ID)
	}
	if step := firstStep(t, ann, said[19]); step.State != chats.Stored || step.Until.Sub(step.At) != kept {
		t.Errorf("at the sender: %+v", step)
	}
	must(t, ann.Close(t.Context()))
	if n := len(archive.All()); n < 20 {
		t.Fatalf("%d envelopes are archived", n)
	}

	bo, _ := newAccount(t, t.TempDir(), "Bo")
	_, err = bo.Chats.JoinPublic(t.Context(), "lobby")
	must(t, err)
	if _, err := bo.History.Sync(t.Context(), ""); err == nil {
		t.Error("synchronised without a mailserver")
	}
	must(t, bo.Network.AddMailserver(t.Context(), mail.Status().Enode))
	_, err = bo.History.Sync(t.Context(), "lobby")
	must(t, err)
	for _, id := range said {
		_, err := bo.Chats.Message(t.Context(), id)
		must(t, err)
	}
	list, err := bo.History.Coverage(t.Context(), "lobby")
	if err != nil || len(list) != 1 || list[0].Server != mail.Status().Enode {
		t.Errorf("coverage %+v %v", list, err)
	}
}

// A node that only says of itself that it stores does not count as one that does.
func TestPromisesOfStrangersDoNotCount(t *testing.T) {
	mail, _ := startMailserver(t)
	ann, _ := newAccount(t, t.TempDir(), "Ann")
	connect(t, ann, mail)
	_, err := ann.Chats.JoinPublic(t.Context(), "lobby")
	must(t, err)
	m := send(t, ann, "lobby", "hello")
	if step := firstStep(t, ann, m.ID); step.State != chats.Sent || !step.Until.IsZero() {
		t.Errorf("got %+v", step)
	}
	_, err = ann.History.Sync(t.Context(), "") // it is a node that was added, so it may know what is read
	must(t, err)
}

func TestFaultsOfTheClient(t *testing.T) {
	for cause, want := range map[error]history.Fault{
		mailserver.ErrTimeout: history.Silent, mailserver.ErrBusy: history.Busy, mailserver.ErrFlood: history.Flood,
		mailserver.ErrLarge: history.Large,
		mailserver.ErrLied:  history.Lied, mailserver.ErrRefused: history.Refused, mailserver.ErrNotConnected: history.Gone,
	} {
		if err := blame(fmt.Errorf("wrapped: %w", cause)); !errors.Is(err, want) || !errors.Is(err, cause) {
			t.Errorf("%v became %v", cause, err)
		}
	}
	if err := blame(context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestARecoveredAccountAsksForAMonth, in windows, also after it was closed and opened again; one that is new asks for two days.
func TestARecoveredAccountAsksForAMonth(t *testing.T) {
	mail, archive := startMailserver(t)
	var questions atomic.Int32
	archive.SetHooks(mailtest.Hooks{Find: func(context.Context) error { questions.Add(1); return nil }})
	ann, made := newAccount(t, t.TempDir(), "Ann")
	must(t, ann.Network.AddMailserver(t.Context(), mail.Status().Enode))
	_, err := ann.History.Sync(t.Context(), "")
	must(t, err)
	must(t, ann.Close(t.Context()))
	if n := questions.Load(); n > 3 {
		t.Errorf("the new account asked %d times", n)
	}

	dir := t.TempDir()
	again := openSession(t, dir)
	recovered, err := again.Account.Recover(t.Context(), made.Phrase, account.Options{Password: "swordfish"})
	must(t, err)
	must(t, again.Close(t.Context()))
	again = openSession(t, dir)
	_, err = again.Account.Unlock(t.Context(), recovered.ID, account.Credential{Password: "swordfish"})
	must(t, err)
	questions.Store(0)
	must(t, again.Network.AddMailserver(t.Context(), mail.Status().Enode))
	_, err = again.History.Sync(t.Context(), "")
	must(t, err)
	// Two days, and ten windows for the other 28; each once more for topics that are listened to a moment later.
	if n := questions.Load(); n < 11 || n > 3*11 {
		t.Errorf("the recovered account asked %d times", n)
	}
}
