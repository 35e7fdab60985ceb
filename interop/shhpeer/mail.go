package main

import (
	"encoding/hex"
	"sync"

	"github.com/ethereum/go-ethereum/common"
	shh "github.com/ethereum/go-ethereum/whisper/whisperv6"
)

// mailServer keeps every envelope and answers a request the way EIP-627 allows: packets 127 with one envelope each, no
// completion packet.
type mailServer struct {
	peer     *peer
	mu       sync.Mutex
	archived map[common.Hash]*shh.Envelope
}

// Archive is called by Whisper for every envelope that it accepts.
func (s *mailServer) Archive(env *shh.Envelope) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.archived[env.Hash()] = env
}

// DeliverMail is called by Whisper for every packet 126.
func (s *mailServer) DeliverMail(to *shh.Peer, request *shh.Envelope) {
	o := describe(request)
	o["event"], o["peer"] = "mailRequest", hex.EncodeToString(to.ID())
	s.peer.print(o)
	for _, env := range s.all() {
		if err := s.peer.shh.SendP2PDirect(to, env); err != nil {
			s.peer.print(object{"event": "mailError", "error": err.Error()})
			return
		}
	}
}

func (s *mailServer) all() []*shh.Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*shh.Envelope, 0, len(s.archived))
	for _, env := range s.archived {
		all = append(all, env)
	}
	return all
}
