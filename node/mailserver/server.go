package mailserver

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/whisper"
)

// Defaults of [ServerConfig].
const (
	DefaultRetention       = 30 * 24 * time.Hour
	DefaultWorkers         = 16
	DefaultQueueBytes      = 32 << 20
	DefaultRequestsPerPeer = 10 // a second
	DefaultRequestsPerIP   = 40
)

// ServerWhisper is the node that a server answers through. [whisper.Whisper] implements it.
type ServerWhisper interface {
	Now() time.Time
	OnRequest(handle func(from enode.ID, q whisper.Request))
	Peer(id enode.ID) (whisper.PeerInfo, bool)
	SendDirectRaw(to enode.ID, raws [][]byte, batch bool) error
	SendComplete(to enode.ID, c whisper.RequestComplete) error
}

// ServerConfig sets a server up. Archive is needed, and Key where requests may be encrypted to the node.
type ServerConfig struct {
	Archive   Archive
	Key       *ecdsa.PrivateKey // the node's: opens requests that are encrypted to it; nil: only those with the password
	Password  string            // of requests; empty: DefaultPassword
	Allow     []enode.ID        // who may ask; empty: everybody
	Retention time.Duration     // how long envelopes are kept after they were sent; 0: DefaultRetention
	MaxBytes  int64             // of envelopes, beyond which the oldest go before their time; 0: any number

	Workers         int   // requests that are answered at the same time; 0: DefaultWorkers
	QueueBytes      int64 // of envelopes that wait for the archive; 0: DefaultQueueBytes
	RequestsPerPeer int   // a second, bursts of ten seconds; 0: DefaultRequestsPerPeer
	RequestsPerIP   int   // the same for an address but loopback; 0: DefaultRequestsPerIP

	Now func() time.Time // for rate limits; nil: time.Now
	Log *slog.Logger     // nil: nowhere
}

func (c ServerConfig) withDefaults() ServerConfig {
	c.Password = cmp.Or(c.Password, DefaultPassword)
	c.Retention = cmp.Or(c.Retention, DefaultRetention)
	c.Workers = cmp.Or(c.Workers, DefaultWorkers)
	c.QueueBytes = cmp.Or(c.QueueBytes, DefaultQueueBytes)
	c.RequestsPerPeer = cmp.Or(c.RequestsPerPeer, DefaultRequestsPerPeer)
	c.RequestsPerIP = cmp.Or(c.RequestsPerIP, DefaultRequestsPerIP)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Server archives what its node accepts and answers requests for it (Status spec 4/WHISPER-MAILSERVER). It is made by
// NewServer, started once when its node is there, and stopped once, after the node.
type Server struct {
	cfg      ServerConfig
	keys     []whisper.Opener
	whisper  ServerWhisper
	gatherer gatherer
	desk     desk
	stats    serverCounters

	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup
}

// NewServer makes a server. Its method Keep belongs into the [whisper.Config] of its node; what it gets before Start waits.
func NewServer(cfg ServerConfig) (*Server, error) {
	if cfg.Archive == nil {
		return nil, errors.New("mailserver: no archive")
	}
	s := &Server{cfg: cfg.withDefaults()}
	s.keys = append(s.keys, whisper.NewSymOpener(whisper.SymKeyOf(s.cfg.Password)))
	if cfg.Key != nil {
		s.keys = append(s.keys, whisper.NewAsymOpener(cfg.Key))
	}
	s.gatherer.init(s)
	s.desk.init(s)
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Start begins to commit, to answer and to prune.
func (s *Server) Start(w ServerWhisper) {
	s.whisper = w
	s.work.Go(func() { s.gatherer.run(s.ctx) })
	s.work.Go(func() { s.prune(s.ctx) })
	for range s.cfg.Workers {
		s.work.Go(func() { s.desk.serve(s.ctx) })
	}
	w.OnRequest(s.desk.take)
}

// Stop takes no more requests, commits what it was given to keep, and waits for everything that the server started. The
// archive stays open: it belongs to who opened it. Nothing is kept any more: what comes is refused.
func (s *Server) Stop() {
	if s.whisper != nil {
		s.whisper.OnRequest(nil)
	}
	s.stop()
	s.work.Wait()
	s.gatherer.close()
}

// Retention is how long what the server keeps stays: it belongs into the [whisper.Config] of its node.
func (s *Server) Retention() time.Duration { return s.cfg.Retention }
