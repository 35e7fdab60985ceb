package whisper

import (
	"net"
	"net/netip"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// origin is whom the envelopes of a peer count for: its address, as [networkOf] sees one, or the peer itself where
// addresses have no limit.
type origin struct {
	network netip.Prefix
	node    enode.ID
}

func originOf(addr net.Addr, id enode.ID) origin {
	if network, limited := networkOf(addr); limited {
		return origin{network: network}
	}
	return origin{node: id}
}

// share is what came from one origin and still takes room in the pool. It outlives the connection, so that dialling
// again does not start anew.
type share struct {
	of    origin
	bytes int64
	peers int // connected ones
}

// shares are those of whoever is connected or has something in the pool. They are guarded by pool.mu.
type shares map[origin]*share

func (s shares) enter(of origin) *share {
	mine := s[of]
	if mine == nil {
		mine = &share{of: of}
		s[of] = mine
	}
	mine.peers++
	return mine
}

func (s shares) leave(mine *share) {
	mine.peers--
	s.forget(mine)
}

// count adds bytes that came, or with less than zero went. nil stands for ourselves, who have no limit.
func (s shares) count(mine *share, bytes int64) {
	if mine == nil {
		return
	}
	mine.bytes += bytes
	s.forget(mine)
}

func (s shares) forget(mine *share) {
	if mine.peers == 0 && mine.bytes == 0 {
		delete(s, mine.of)
	}
}
