package mailserver

import (
	"context"
	"errors"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/whisper"
)

const (
	// pieceBytes is how much of an answer is in memory at a time.
	pieceBytes = 512 << 10
	// answerTime is how long one request may be answered. Who reads slower asks for the rest.
	answerTime = time.Minute
	// mostSkew is how many seconds the time of a request may differ from ours. Clocks that are so wrong are set by their
	// users first.
	mostSkew = 5 * 60
)

// idOf names a request in its completion: the hash of its envelope, or what it says itself in the open.
func idOf(q whisper.Request) whisper.Hash {
	if q.Open != nil {
		return q.Open.ID
	}
	return whisper.HashOf(q.Envelope)
}

// answer answers one request, with envelopes and a completion or with a failure.
func (s *Server) answer(ctx context.Context, to enode.ID, j job) {
	id := idOf(j.request)
	if j.refuse != "" {
		s.sayFailed(to, id, j.refuse.text())
		return
	}
	began := time.Now()
	q, err := s.open(id, j.request)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, answerTime)
		defer cancel()
		err = s.deliver(ctx, to, id, q)
	}
	if err == nil {
		s.stats.delivered(time.Since(began))
		return
	}
	f := failureOf(err)
	s.stats.fail(f.reason)
	s.cfg.Log.Debug("request not answered", "peer", to, "reason", string(f.reason), "err", f.err)
	if f.reason != ReasonReplay && f.reason != ReasonGone {
		s.sayFailed(to, id, f.text())
	}
}

func failureOf(err error) *failure {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, ErrRequest):
		return &failure{reason: ReasonInvalid, err: err}
	}
	return &failure{reason: ReasonGone, err: err}
}

func (s *Server) sayFailed(to enode.ID, id whisper.Hash, text string) {
	_ = s.whisper.SendComplete(to, whisper.RequestComplete{ID: id, Failure: &text}) // a peer that left hears nothing
}

// open decrypts a request and checks what it asks for. Errors are failures.
func (s *Server) open(id whisper.Hash, q whisper.Request) (Request, error) {
	now := uint32(s.whisper.Now().Unix())
	var r Request
	var err error
	if q.Open != nil {
		r, err = openRequest(q.Open)
	} else {
		r, err = s.unseal(q.Envelope, now)
	}
	if err != nil {
		return Request{}, err
	}
	if s.desk.ids.seen(id, now) {
		return Request{}, &failure{reason: ReasonReplay}
	}
	return r.checked(now)
}

// unseal opens a request that came in an envelope: of our time, with the password or for the node's key, and signed.
func (s *Server) unseal(raw []byte, now uint32) (Request, error) {
	e, err := whisper.DecodeEnvelope(raw)
	if err != nil {
		return Request{}, &failure{reason: ReasonMalformed, err: err}
	}
	if skew := int64(e.Sent()) - int64(now); skew < -mostSkew || skew > mostSkew {
		return Request{}, &failure{reason: ReasonStale}
	}
	for _, key := range s.keys {
		plain, err := key.Open(e)
		switch {
		case errors.Is(err, whisper.ErrKey):
			continue
		case err != nil:
			return Request{}, &failure{reason: ReasonMalformed, err: err}
		case plain.Signer == nil:
			return Request{}, &failure{reason: ReasonUnsigned}
		}
		return DecodeRequest(plain.Payload)
	}
	return Request{}, &failure{reason: ReasonPassword}
}

// deliver reads what was asked for from the archive, a piece at a time, writes it, oldest first, and says that it is done.
func (s *Server) deliver(ctx context.Context, to enode.ID, id whisper.Hash, r Request) error {
	done := whisper.RequestComplete{ID: id}
	query := Query{Lower: r.Lower, Upper: r.Upper, Topics: r.Topics, Bloom: r.Bloom, After: r.Cursor, Bytes: pieceBytes}
	for left := int(r.Limit); ; {
		query.Limit = left
		found, more, err := s.cfg.Archive.Find(ctx, query)
		if err != nil {
			return &failure{reason: ReasonArchive, err: err}
		}
		if len(found) == 0 {
			break
		}
		if err := s.send(to, found, r.Batch); err != nil {
			return err
		}
		last := found[len(found)-1].Cursor()
		query.After, done.Last = &last, last.Hash
		if left -= len(found); more && (left == 0 || ctx.Err() != nil) {
			done.Cursor = last.Encode()
		}
		if !more || done.Cursor != nil {
			break
		}
	}
	return s.whisper.SendComplete(to, done)
}

func (s *Server) send(to enode.ID, found []Stored, batch bool) error {
	raws := make([][]byte, len(found))
	for i, f := range found {
		raws[i] = f.Raw
	}
	if err := s.whisper.SendDirectRaw(to, raws, batch); err != nil {
		return err
	}
	s.stats.sent.Add(uint64(len(found)))
	return nil
}
