package mailserver

import (
	"context"
	"time"
)

const (
	pruneInterval = time.Hour
	// pruneSlack is how much longer than promised envelopes are kept. They are pruned by the time they were sent, and the
	// promise begins when they came.
	pruneSlack = time.Hour
)

// prune removes what is too old, or too much, at once and every hour.
func (s *Server) prune(ctx context.Context) {
	ticker := time.NewTicker(pruneInterval)
	defer ticker.Stop()
	for {
		s.pruneOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *Server) pruneOnce(ctx context.Context) {
	if size, err := s.cfg.Archive.Size(ctx); err == nil && s.cfg.MaxBytes > 0 && size.Bytes > s.cfg.MaxBytes {
		s.cfg.Log.Warn("the archive is full: the oldest envelopes go, perhaps before their time",
			"bytes", size.Bytes, "most", s.cfg.MaxBytes)
	}
	before := s.whisper.Now().Add(-s.cfg.Retention - pruneSlack).Unix()
	removed, err := s.cfg.Archive.Prune(ctx, uint32(max(0, before)), s.cfg.MaxBytes)
	s.stats.pruned.Add(uint64(removed))
	switch {
	case ctx.Err() != nil:
	case err != nil:
		s.cfg.Log.Error("the archive could not be pruned", "err", err)
	case removed > 0:
		s.cfg.Log.Info("archive pruned", "envelopes", removed)
	}
}
