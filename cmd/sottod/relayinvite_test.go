package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sotto/node"
	"sotto/node/mailserver"
	"sotto/services/qr"
)

// TestTheInviteFollows: when a router gave the relay another address, the link that is kept leads there.
func TestTheInviteFollows(t *testing.T) {
	f := &relayFlags{data: t.TempDir(), name: "Acme", channel: "lobby"}
	i := newInviter(f, io.Discard, testLog())
	i.follow(node.Status{Enode: enodeB}) // before the start there is no address yet
	if fileExists(filepath.Join(f.data, inviteFile)) {
		t.Error("an invite is kept before the start")
	}
	first, err := i.update(enodeA)
	if err != nil {
		t.Fatal(err)
	}
	i.follow(node.Status{Enode: enodeB})
	kept, err := readInvite(f.data)
	if err != nil || kept.Link() == first || !strings.Contains(kept.Link(), "@192.0.2.2:443") {
		t.Errorf("kept %+v, %v", kept, err)
	}
	picture, err := os.Open(filepath.Join(f.data, invitePicture))
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close()
	if text, err := qr.Decode(picture); err != nil || text != kept.Link() {
		t.Errorf("the picture says %q, %v", text, err)
	}
	if _, err := i.update("enode://x"); err == nil {
		t.Error("a link that leads nowhere was kept")
	}
}

// brokenArchive fails as it is told.
type brokenArchive struct {
	mailserver.Archive
	put, size error
}

func (b *brokenArchive) Put(context.Context, []mailserver.Stored) error { return b.put }

func (b *brokenArchive) Size(context.Context) (mailserver.Size, error) {
	return mailserver.Size{}, b.size
}

// TestAnArchiveThatFails: it counts as failing from the first envelope that it does not take until it takes one, and where it
// does not answer at all.
func TestAnArchiveThatFails(t *testing.T) {
	full := errors.New("disk full")
	b := &brokenArchive{}
	w := &watchedArchive{Archive: b}
	put := func(with error) { b.put = with; _ = w.Put(t.Context(), nil) }
	for _, step := range []struct {
		do   func()
		want bool
	}{
		{func() {}, true},
		{func() { put(full) }, false},
		{func() { put(context.Canceled) }, false}, // the end of the relay says nothing
		{func() { put(nil) }, true},
		{func() { put(context.Canceled) }, true},
		{func() { b.size = full }, false},
	} {
		step.do()
		if got := w.check() == nil; got != step.want {
			t.Errorf("after %v and %v it is well: %v", b.put, b.size, got)
		}
	}
}
