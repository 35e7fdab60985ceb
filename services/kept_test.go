package services

import (
	"bytes"
	"crypto/rand"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/models"
	"sotto/node"
	"sotto/services/fault"
	"sotto/services/network"
)

func openStore(t *testing.T) *models.Store {
	t.Helper()
	store, err := models.Open(filepath.Join(t.TempDir(), databaseName), [32]byte{1})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	return store
}

func TestAccountKeepsItsNode(t *testing.T) {
	store := openStore(t)
	first, err := loadNode(t.Context(), store, rand.Reader)
	must(t, err)
	spent := node.Spent{Day: "2026-11-22", Bytes: 12345, Kinds: node.Kinds{Useful: 1, Out: 2}}
	must(t, saveSpent(t.Context(), store, spent))
	peers := &netStore{store: store, folder: "x", now: time.Now}
	must(t, peers.AddPeer(t.Context(), network.KeptPeer{Enode: "enode://a"}))
	must(t, peers.AddPeer(t.Context(), network.KeptPeer{Enode: "enode://b", Mail: true}))
	must(t, peers.RemovePeer(t.Context(), "enode://a"))
	must(t, peers.SetReceive(t.Context(), network.ReceiveConcerning))
	must(t, peers.SetBudget(t.Context(), 7_000_000))
	again, err := loadNode(t.Context(), store, iotest.ErrReader(errors.New("no randomness is needed")))
	must(t, err)
	if !again.key.Equal(first.key) || again.spent != spent || again.receive != network.ReceiveConcerning || again.budget != 7_000_000 || !slices.Equal(again.peers, []string{"enode://b"}) {
		t.Errorf("got %+v", again)
	}
}

func TestABudgetThatIsNoSettingCountsAsNone(t *testing.T) {
	store := openStore(t)
	for _, wrong := range []string{"", "much", "-1", "999999", "1000000000001", "99999999999999999999"} {
		must(t, store.Update(t.Context(), func(tx *models.Tx) error { return tx.SetSetting(settingBudget, []byte(wrong)) }))
		kept, err := loadNode(t.Context(), store, rand.Reader)
		if err != nil || kept.budget != 0 {
			t.Errorf("%q: %d, %v", wrong, kept.budget, err)
		}
	}
}

func TestReceiveThatIsNoSettingCountsAsNone(t *testing.T) {
	store := openStore(t)
	must(t, store.Update(t.Context(), func(tx *models.Tx) error { return tx.SetSetting(settingReceive, []byte("twice")) }))
	kept, err := loadNode(t.Context(), store, rand.Reader)
	if err != nil || kept.receive != network.ReceiveAutomatic {
		t.Errorf("got %q %v", kept.receive, err)
	}
}

func TestSpentThatCannotBeReadCountsAsNone(t *testing.T) {
	store := openStore(t)
	must(t, store.Update(t.Context(), func(tx *models.Tx) error { return tx.SetSetting(settingSpent, []byte("{")) }))
	kept, err := loadNode(t.Context(), store, rand.Reader)
	if err != nil || kept.spent != (node.Spent{}) {
		t.Errorf("got %+v %v", kept.spent, err)
	}
}

func TestNodeKeyNeedsWorkingRandomness(t *testing.T) {
	if _, err := newKey(iotest.ErrReader(errors.New("broken"))); err == nil {
		t.Error("a key came out of nothing")
	}
	if _, err := newKey(bytes.NewReader(make([]byte, 1000))); err == nil {
		t.Error("zero became a key")
	}
}

func TestStoreErrorsHaveSentences(t *testing.T) {
	for err, want := range map[error]string{
		models.ErrDiskFull: "The disk is full. Free some space and try again; nothing was lost.",
		models.ErrReadOnly: "Sotto may not write to its folder /x. Allow it and try again; nothing was lost.",
		models.ErrNewer:    "A newer Sotto wrote this account's history. Update Sotto to open it.",
		models.ErrNotDatabase: "The history of this account is damaged. Put a copy of the folder /x from a backup in its place, " +
			"or delete the account on this computer and recover it with your phrase, without its messages.",
		errors.New("i/o"): "Sotto could not use its folder /x. Check the disk and try again; nothing was lost.",
	} {
		got := storageFault("/x", err)
		wantCode(t, got, fault.StorageProblem)
		if fault.Sentence(got) != want || !errors.Is(got, err) {
			t.Errorf("%v: %q", err, fault.Sentence(got))
		}
		if text, remedy := storageTrouble(err); text == "" || remedy == "" {
			t.Errorf("%v: no words", err)
		}
	}
	if err := storageFault("/x", t.Context().Err()); err != nil {
		t.Errorf("nil became %v", err)
	}
}

func TestNamesOfPeers(t *testing.T) {
	url := "enode://e8a7c03b58911e98bbd66accb2a55d57683f35b23bf9dfca89e5e244eb5cc3f25018b4112db507faca34fb69ffb44b362f79eda97a669a8df29c72e654416784@192.0.2.1:30303"
	known := enode.MustParseV4(url).ID()
	other := enode.ID{1}
	n := &names{}
	n.learn([]string{url, "garbage"}, nil)
	if n.of(known) != url || n.of(other) != other.String() {
		t.Errorf("got %q and %q", n.of(known), n.of(other))
	}
	n.learn(nil, []node.Peer{{ID: other, Enode: "enode://other"}})
	if n.of(other) != "enode://other" || n.of(known) != known.String() {
		t.Errorf("got %q and %q", n.of(other), n.of(known))
	}
}
