package main

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/mailserver"
	"sotto/node/overlay"
	"sotto/node/whisper"
	"sotto/services/archive"
)

// mailbox is a relay's mailserver with its archive. Without the role it is nil, and its methods do nothing.
type mailbox struct {
	archive *watchedArchive
	server  *mailserver.Server
}

// wrapArchive is changed by tests alone, which try archives that forget.
var wrapArchive = func(a mailserver.Archive) mailserver.Archive { return a }

// openMailbox opens the archive and makes the server, unless the relay keeps nothing.
func openMailbox(ctx context.Context, flags relayFlags, key *ecdsa.PrivateKey, log *slog.Logger) (*mailbox, error) {
	if flags.noMail {
		return nil, nil
	}
	where, err := flags.mail.where(flags.data)
	if err != nil {
		return nil, err
	}
	password, err := flags.mail.password()
	if err != nil {
		return nil, err
	}
	if openPassword(flags.mail.archive) {
		log.Warn("the archive's password stands in the list of processes: give it with --archive-file or " + archiveVariable)
	}
	opened, err := archive.Open(ctx, where)
	if err != nil {
		log.Error("the archive did not open", "err", err) // with the cause, which the sentence leaves out
		return nil, err
	}
	b := &mailbox{archive: &watchedArchive{Archive: wrapArchive(opened)}}
	b.server, err = mailserver.NewServer(mailserver.ServerConfig{
		Archive: b.archive, Key: key, Password: password, Allow: ids(flags.mail.allow),
		Retention: time.Duration(flags.mail.retention), MaxBytes: int64(flags.mail.bytes), Log: log,
	})
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return b, nil
}

// ids are those of enode URLs that were checked.
func ids(urls []string) (list []enode.ID) {
	for _, url := range urls {
		if n, err := overlay.ParseEnode(url); err == nil {
			list = append(list, n.ID())
		}
	}
	return list
}

// configure makes the node give what it accepts to the archive, and promise so.
func (b *mailbox) configure(w *whisper.Config) {
	if b != nil {
		w.Keep, w.Retention = b.server.Keep, b.server.Retention()
	}
}

// serve begins to keep and to answer.
func (b *mailbox) serve(w *whisper.Whisper) {
	if b != nil {
		b.server.Start(w)
	}
}

// check is how health looks at the archive.
func (b *mailbox) check() func() error {
	if b == nil {
		return nil
	}
	return b.archive.check
}

// close comes after the end of the node: what that gave the server is committed first.
func (b *mailbox) close() error {
	if b == nil {
		return nil
	}
	b.server.Stop()
	if err := b.archive.Close(); err != nil {
		return fmt.Errorf("close the archive: %w", err)
	}
	return nil
}
