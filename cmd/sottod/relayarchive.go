package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"sotto/node/mailserver"
)

// archivePatience is how long an archive may take to tell its size before it counts as not answering.
const archivePatience = 5 * time.Second

// watchedArchive is an archive that remembers how it does, for /metrics and /healthz.
type watchedArchive struct {
	mailserver.Archive

	mu      sync.Mutex
	trouble error // of the last call that wrote; nil: it worked
}

// Put implements mailserver.Archive.
func (w *watchedArchive) Put(ctx context.Context, envelopes []mailserver.Stored) error {
	err := w.Archive.Put(ctx, envelopes)
	if !errors.Is(err, context.Canceled) { // the relay ends: that is no trouble of the archive
		w.note(err)
	}
	return err
}

func (w *watchedArchive) note(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble = err
}

// check tells whether envelopes can be kept: the last ones were, and the archive answers.
func (w *watchedArchive) check() error {
	w.mu.Lock()
	trouble := w.trouble
	w.mu.Unlock()
	if trouble != nil {
		return trouble
	}
	_, err := w.size()
	return err
}

func (w *watchedArchive) size() (mailserver.Size, error) {
	ctx, cancel := context.WithTimeout(context.Background(), archivePatience)
	defer cancel()
	return w.Size(ctx)
}
