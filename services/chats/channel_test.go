package chats

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
	"sotto/services/event"
	"sotto/services/fault"
)

func TestJoinAndLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		defer d.close()
		chat := d.join("  #Lobby-2 ")
		if chat.ID != "lobby-2" || chat.Kind != Public || chat.Name != "lobby-2" || chat.Last != nil {
			t.Errorf("joined %+v", chat)
		}
		d.join("lobby-2")
		pass(time.Second)
		d.join("other")
		list := must(d.List(t.Context()))(t)
		if len(list) != 2 || list[0].ID != "other" || list[1].ID != "lobby-2" {
			t.Errorf("list %+v", list)
		}
		if len(d.node.channels()) != 2 {
			t.Errorf("%d subscriptions", len(d.node.channels()))
		}
		if err := d.Leave(t.Context(), "lobby-2"); err != nil {
			t.Error(err)
		}
		_, err := d.Get(t.Context(), "lobby-2")
		wantCode(t, err, fault.NoSuchChat)
		wantCode(t, d.Leave(t.Context(), "lobby-2"), fault.NoSuchChat)
		if len(d.node.channels()) != 1 {
			t.Errorf("%d subscriptions after leaving", len(d.node.channels()))
		}
		if kinds := d.log.kinds(); len(kinds) != 4 || kinds[0] != event.Chat {
			t.Errorf("events %v", kinds)
		}
	})
}

func TestBadNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		defer d.close()
		sentences := make(map[string]bool)
		for _, name := range []string{"", "two words", "ünder", strings.Repeat("a", 101), "0x04" + strings.Repeat("ab", 64)} {
			_, err := d.JoinPublic(t.Context(), name)
			wantCode(t, err, fault.BadName)
			sentences[fault.Sentence(err)] = true
		}
		if len(sentences) != 4 {
			t.Errorf("sentences: %v", sentences)
		}
	})
}

func TestHistoryOutlivesLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		d.say("lobby", "before")
		if err := d.Leave(t.Context(), "lobby"); err != nil {
			t.Fatal(err)
		}
		_, err := d.Messages(t.Context(), "lobby", Page{})
		wantCode(t, err, fault.NoSuchChat)
		d.join("lobby")
		if got := d.texts("lobby"); !slices.Equal(got, []string{"before"}) {
			t.Errorf("after joining again: %q", got)
		}
	})
}

func TestTopicKeysAreDerivedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		defer func() { d.close() }()
		d.join("lobby")
		mark := models.TopicKey{Name: "lobby", Topic: []byte{1, 2, 3, 4}, Key: make([]byte, 32)}
		if err := d.store.Update(t.Context(), func(tx *models.Tx) error { return tx.PutTopicKey(mark) }); err != nil {
			t.Fatal(err)
		}
		d.restart(0)
		if !slices.Contains(d.node.channels(), Channel{Topic: [4]byte{1, 2, 3, 4}}) {
			t.Error("the stored topic is not what is listened to")
		}
	})
}

func TestChannelsAreListenedToAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		defer func() { d.close() }()
		d.join("lobby")
		d.join("left")
		if err := d.Leave(t.Context(), "left"); err != nil {
			t.Fatal(err)
		}
		d.restart(0)
		if len(d.node.channels()) != 1 {
			t.Errorf("%d subscriptions", len(d.node.channels()))
		}
	})
}

func TestLocked(t *testing.T) {
	s := New(Config{Events: new(log)})
	ctx := context.Background()
	calls := map[string]func() error{
		"join":     func() error { _, err := s.JoinPublic(ctx, "lobby"); return err },
		"leave":    func() error { return s.Leave(ctx, "lobby") },
		"list":     func() error { _, err := s.List(ctx); return err },
		"get":      func() error { _, err := s.Get(ctx, "lobby"); return err },
		"send":     func() error { _, err := s.Send(ctx, "lobby", "hello", ""); return err },
		"messages": func() error { _, err := s.Messages(ctx, "lobby", Page{}); return err },
		"message":  func() error { _, err := s.Message(ctx, "0x"); return err },
		"unread":   func() error { _, _, err := s.FirstUnread(ctx, "lobby"); return err },
		"read":     func() error { return s.MarkRead(ctx, "lobby") },
		"draft":    func() error { return s.SetDraft(ctx, "lobby", "x") },
		"retry":    func() error { _, err := s.Retry(ctx, "0x"); return err },
		"steps":    func() error { _, err := s.Steps(ctx, "0x"); return err },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) { wantCode(t, call(), fault.Locked) })
	}
	s.Detach()
	s.NetworkChanged()
}

func TestDrafts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		defer func() { d.close() }()
		d.join("lobby")
		if err := d.SetDraft(t.Context(), "lobby", "half a sentence"); err != nil {
			t.Fatal(err)
		}
		d.say("lobby", "something else")
		d.restart(0)
		if c := must(d.Get(t.Context(), "lobby"))(t); c.Draft != "half a sentence" {
			t.Errorf("draft %q", c.Draft)
		}
		d.say("lobby", "half a sentence")
		if c := must(d.Get(t.Context(), "lobby"))(t); c.Draft != "" {
			t.Errorf("the draft that was sent is still there: %q", c.Draft)
		}
		wantCode(t, d.SetDraft(t.Context(), "other", "x"), fault.NoSuchChat)
	})
}

func TestStorageProblemsAreRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		d.join("lobby")
		if err := d.store.Close(); err != nil {
			t.Fatal(err)
		}
		defer d.close()
		_, err := d.Send(t.Context(), "lobby", "hello", "")
		wantCode(t, err, fault.StorageProblem)
		for cause, part := range map[error]string{models.ErrDiskFull: "full", models.ErrReadOnly: "folder", models.ErrNotDatabase: "damaged"} {
			if s := fault.Sentence(refusal(cause)); !strings.Contains(s, part) {
				t.Errorf("%v: %q", cause, s)
			}
		}
		if err := refusal(context.Canceled); fault.CodeOf(err) != "" || !errors.Is(err, context.Canceled) {
			t.Error("a cancelled call is called a storage problem")
		}
	})
}

func TestKindOf(t *testing.T) {
	for id, want := range map[string]Kind{
		"lobby": Public, "0x04": Public, "0x04" + strings.Repeat("a", 90): Public, "0x04" + strings.Repeat("a", 128): Private,
	} {
		if got := KindOf(id); got != want {
			t.Errorf("%.12s… of %d is %s", id, len(id), got)
		}
	}
}
