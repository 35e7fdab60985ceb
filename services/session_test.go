package services

import (
	"context"
	"crypto/rand"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/models"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/network"
)

func TestTwoPeopleTalkThroughARelay(t *testing.T) {
	relay := startRelay(t)
	annDir := t.TempDir()
	ann, annAccount := newAccount(t, annDir, "Ann")
	bo, boAccount := newAccount(t, t.TempDir(), "Bo")
	for _, s := range []*Session{ann, bo} {
		connect(t, s, relay)
		_, err := s.Chats.JoinPublic(t.Context(), "lobby")
		must(t, err)
	}
	events := bo.Events.Subscribe(100)
	defer events.Close()

	hello := send(t, ann, "lobby", "hello")
	eventually(t, "hello at Bo", func() bool { return slices.Equal(texts(t, bo, "lobby"), []string{"hello"}) })
	eventually(t, "hello counts as sent", func() bool { return stateOf(t, ann, hello.ID) == chats.Sent })
	got, err := bo.Chats.Message(t.Context(), hello.ID)
	must(t, err)
	if got.Author.Key != annAccount.Key || got.Outgoing || got.Author.Pseudonym != annAccount.Pseudonym {
		t.Errorf("Bo has %+v", got)
	}
	send(t, bo, "lobby", "hi Ann")
	both := []string{"hello", "hi Ann"}
	eventually(t, "hi at Ann", func() bool { return slices.Equal(texts(t, ann, "lobby"), both) })
	wantEvent(t, events, event.Message, hello.ID)

	steps, err := ann.Chats.Steps(t.Context(), hello.ID)
	must(t, err)
	last := steps[len(steps)-1]
	if last.State != chats.Sent || last.Who != relay.Status().Enode {
		t.Errorf("last step %+v, want sent to %s", last, relay.Status().Enode)
	}
	if boAccount.Key == annAccount.Key {
		t.Error("one key for two people")
	}

	must(t, ann.Close(t.Context()))
	send(t, bo, "lobby", "while you were away")
	ann = openSession(t, annDir)
	_, err = ann.Account.Unlock(t.Context(), annAccount.ID, account.Credential{Password: "swordfish"})
	must(t, err)
	if !slices.Contains(texts(t, ann, "lobby"), "hello") || !slices.Contains(texts(t, ann, "lobby"), "hi Ann") {
		t.Errorf("after the restart: %v", texts(t, ann, "lobby"))
	}
	waitOnline(t, ann)
	send(t, bo, "lobby", "welcome back")
	eventually(t, "a message after the restart", func() bool { return slices.Contains(texts(t, ann, "lobby"), "welcome back") })
}

// wantEvent reads until the event comes.
func wantEvent(t *testing.T, events *event.Subscription, kind event.Kind, message string) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case e := <-events.C:
			if e.Kind == kind && e.Message == message {
				return
			}
		case <-deadline:
			t.Fatalf("no event %s of %s", kind, message)
		}
	}
}

func TestWhatIsWrittenOfflineIsSentOncePeersCome(t *testing.T) {
	relay := startRelay(t)
	ann, _ := newAccount(t, t.TempDir(), "Ann")
	bo, _ := newAccount(t, t.TempDir(), "Bo")
	connect(t, bo, relay)
	for _, s := range []*Session{ann, bo} {
		_, err := s.Chats.JoinPublic(t.Context(), "lobby")
		must(t, err)
	}
	early := send(t, ann, "lobby", "written alone")
	if state := stateOf(t, ann, early.ID); state != chats.Queued {
		t.Errorf("alone: %s", state)
	}
	connect(t, ann, relay)
	eventually(t, "arrival", func() bool { return slices.Equal(texts(t, bo, "lobby"), []string{"written alone"}) })
	eventually(t, "sent", func() bool { return stateOf(t, ann, early.ID) == chats.Sent })
}

// A burst comes in while the account is locked. What its node acknowledged nobody sends again, so all of it must be there
// afterwards.
func TestLockingInABurstLosesNothingThatWasAcknowledged(t *testing.T) {
	ann, made := newAccount(t, t.TempDir(), "Ann")
	_, err := ann.Chats.JoinPublic(t.Context(), "lobby")
	must(t, err)
	relay := startRelay(t)
	const n, enough = 400, 200
	acked := make(chan string, n)
	for text, e := range burst(t, relay.Whisper(), "lobby", n) {
		must(t, relay.Whisper().Post(e, func(ev whisper.PostEvent) {
			if ev.Kind == whisper.PostAcked {
				acked <- text
			}
		}))
	}
	must(t, ann.Network.AddPeer(t.Context(), relay.Status().Enode))
	eventually(t, "acknowledgements", func() bool { return len(acked) >= enough })
	must(t, ann.Account.Lock(t.Context()))
	relay.Stop() // or it would send what is missing again
	close(acked)
	_, err = ann.Account.Unlock(t.Context(), made.ID, account.Credential{Phrase: made.Phrase})
	must(t, err)
	list, err := ann.Chats.Messages(t.Context(), "lobby", chats.Page{Limit: n})
	must(t, err)
	stored := make(map[string]bool, n)
	for _, m := range list {
		stored[m.Text] = true
	}
	lost := 0
	for text := range acked {
		if !stored[text] {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d acknowledged messages are lost, %d are stored", lost, len(stored))
	}
}

// burst is so many texts of one author in a channel, each in its envelope.
func burst(t *testing.T, w *whisper.Whisper, channel string, n int) map[string]*whisper.Envelope {
	t.Helper()
	author, err := crypto.GenerateKey()
	must(t, err)
	key, now := whisper.SymKeyOf(channel), w.Now()
	all := make(map[string]*whisper.Envelope, n)
	for i := range n {
		text := strconv.Itoa(i)
		said, err := payload.NewText(channel, text, "", payload.NextClock(now, 0), now)
		must(t, err)
		wrapped, _, err := said.Seal(author)
		must(t, err)
		message, err := secure.WrapPublic("", wrapped)
		must(t, err)
		all[text], err = whisper.Seal(t.Context(), rand.Reader, now, whisper.SealParams{
			TTL: 120, Topic: whisper.TopicOf(channel), Payload: message, SymKey: &key,
			Signer: author, PoW: w.SealTarget(),
		})
		must(t, err)
	}
	return all
}

func TestEverythingIsLockedWithoutAnAccount(t *testing.T) {
	s := openSession(t, t.TempDir())
	_, err := s.Chats.List(t.Context())
	wantCode(t, err, fault.Locked)
	wantCode(t, s.Network.AddPeer(t.Context(), "enode://x"), fault.BadEnode)
	if state := s.Network.Status(t.Context()).State; state != network.Offline {
		t.Errorf("state %s", state)
	}
}

func TestSwitchingAccountsSharesNothing(t *testing.T) {
	dir := t.TempDir()
	s, first := newAccount(t, dir, "first")
	_, err := s.Chats.JoinPublic(t.Context(), "lobby")
	must(t, err)
	firstNode := s.Network.Status(t.Context()).Enode
	_, err = s.Account.Create(t.Context(), account.Options{Name: "second", Password: "p"})
	must(t, err)
	list, err := s.Chats.List(t.Context())
	must(t, err)
	if len(list) != 0 || nodeID(s.Network.Status(t.Context()).Enode) == nodeID(firstNode) {
		t.Errorf("the second account has chats %v of the first, or its node", list)
	}
	_, err = s.Account.Unlock(t.Context(), first.ID, account.Credential{Password: "swordfish"})
	must(t, err)
	list, err = s.Chats.List(t.Context())
	must(t, err)
	if len(list) != 1 || nodeID(s.Network.Status(t.Context()).Enode) != nodeID(firstNode) {
		t.Errorf("back in the first account: chats %v", list)
	}
}

// nodeID is the key in an enode URL.
func nodeID(enode string) string {
	id, _, _ := strings.Cut(enode, "@")
	return id
}

func TestHowMuchIsReceivedOutlivesLocking(t *testing.T) {
	s, made := newAccount(t, t.TempDir(), "Ann")
	want := func(when string, want network.Receive) {
		t.Helper()
		if got, err := s.Network.Receive(t.Context()); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", when, got, err, want)
		}
	}
	want("at first", network.ReceiveAutomatic)
	must(t, s.Network.SetReceive(t.Context(), network.ReceiveConcerning))
	want("set", network.ReceiveConcerning)
	must(t, s.Account.Lock(t.Context()))
	_, err := s.Account.Unlock(t.Context(), made.ID, account.Credential{Phrase: made.Phrase})
	must(t, err)
	want("unlocked again", network.ReceiveConcerning)
}

// A crash must not give the day's budget back.
func TestTrafficIsStoredWhileRunning(t *testing.T) {
	before := spentEvery
	spentEvery = 5 * time.Millisecond
	defer func() { spentEvery = before }()
	s := openSession(t, t.TempDir())
	cfg, err := Config{Data: t.TempDir(), State: states, Listen: "127.0.0.1:0"}.withDefaults()
	must(t, err)
	r := &runner{cfg: cfg, session: s}
	chat, err := crypto.GenerateKey()
	must(t, err)
	must(t, r.Open(t.Context(), account.Keys{ID: "a", Folder: cfg.Data, Chat: chat}))
	defer func() { must(t, r.Close(t.Context())) }()
	connect(t, s, startRelay(t))
	eventually(t, "the day's traffic in the store", func() bool {
		kept, err := loadNode(t.Context(), r.store, cfg.Rand)
		must(t, err)
		return kept.spent.Bytes > 0
	})
}

func TestKnownPeersOutliveLocking(t *testing.T) {
	relay := startRelay(t)
	s, made := newAccount(t, t.TempDir(), "Ann")
	connect(t, s, relay)
	must(t, s.Account.Lock(t.Context()))
	if state := s.Network.Status(t.Context()).State; state != network.Offline {
		t.Errorf("locked: %s", state)
	}
	_, err := s.Account.Unlock(t.Context(), made.ID, account.Credential{Phrase: made.Phrase})
	must(t, err)
	waitOnline(t, s)
	must(t, s.Network.RemovePeer(t.Context(), relay.Status().Enode))
	eventually(t, "no peers", func() bool { return len(s.Network.Status(t.Context()).Peers) == 0 })
}

// A crash leaves a write-ahead log. A wrong password must not cost it.
func TestWrongPasswordAfterACrashLosesNothing(t *testing.T) {
	dir := t.TempDir()
	s, made := newAccount(t, dir, "Ann")
	_, err := s.Chats.JoinPublic(t.Context(), "lobby")
	must(t, err)
	for range 10 {
		send(t, s, "lobby", "kept")
	}
	crashed := filepath.Join(t.TempDir(), "copy")
	must(t, os.CopyFS(crashed, os.DirFS(dir))) // the files as they are now, nothing closed
	if info, err := os.Stat(filepath.Join(crashed, "accounts", made.ID, databaseName+"-wal")); err != nil || info.Size() == 0 {
		t.Fatalf("no write-ahead log to lose: %v", err)
	}
	after := openSession(t, crashed)
	for range 3 {
		_, err := after.Account.Unlock(t.Context(), made.ID, account.Credential{Password: "wrong"})
		wantCode(t, err, fault.WrongPassword)
	}
	_, err = after.Account.Unlock(t.Context(), made.ID, account.Credential{Password: "swordfish"})
	must(t, err)
	if n := len(texts(t, after, "lobby")); n != 10 {
		t.Errorf("%d of 10 messages are left", n)
	}
}

func TestAddressThatCannotBeListenedOn(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	dir := t.TempDir()
	s, err := Open(Config{Data: dir, State: states, Listen: taken.Addr().String(), KDF: lightKDF})
	must(t, err)
	defer func() { must(t, s.Close(context.WithoutCancel(t.Context()))) }()
	_, err = s.Account.Create(t.Context(), account.Options{Password: "p"})
	wantCode(t, err, fault.NotAllowed)
	if !strings.Contains(fault.Sentence(err), taken.Addr().String()) {
		t.Errorf("sentence: %s", fault.Sentence(err))
	}
	list, err := s.Account.List(t.Context())
	if err != nil || len(list) != 0 {
		t.Errorf("left %v, %v", list, err)
	}
}

func TestDamagedHistoryIsExplainedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s, made := newAccount(t, dir, "Ann")
	must(t, s.Account.Lock(t.Context()))
	path := filepath.Join(dir, "accounts", made.ID, databaseName)
	must(t, os.WriteFile(path, []byte(strings.Repeat("garbage ", 1024)), 0o600))
	_, err := s.Account.Unlock(t.Context(), made.ID, account.Credential{Password: "swordfish"})
	wantCode(t, err, fault.StorageProblem)
	if !strings.Contains(fault.Sentence(err), "from a backup") {
		t.Errorf("sentence: %s", fault.Sentence(err))
	}
	if data, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(data), "garbage") {
		t.Error("the file was changed")
	}
}

func TestTroubleOfTheStoreIsADegradedState(t *testing.T) {
	s := openSession(t, t.TempDir())
	s.trouble(models.ErrDiskFull)
	list := s.Network.Degraded()
	if len(list) != 1 || list[0].Name != network.DegradedStorage || !strings.Contains(list[0].Text, "disk is full") {
		t.Errorf("got %+v", list)
	}
	s.trouble(nil)
	if list := s.Network.Degraded(); len(list) != 0 {
		t.Errorf("got %+v", list)
	}
}
