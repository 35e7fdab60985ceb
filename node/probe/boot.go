package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/ethereum/go-ethereum/log"
	"github.com/ethereum/go-ethereum/p2p/discover"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// bootTries is how often a node is asked over UDP, which loses packets, and bootPatience how long each answer may take.
const (
	bootTries    = 3
	bootPatience = 2 * time.Second
)

// Boot asks a node over UDP whether it answers in discovery v5, and returns how long that took. No other node is asked: no
// other address may be sent to. The error is a *Failure of the step Resolve or Connect.
func Boot(ctx context.Context, n *enode.Node, cfg Config) (time.Duration, error) {
	cfg = cfg.withDefaults()
	ip, err := resolve(ctx, n)
	if err != nil {
		return 0, &Failure{Resolve, err}
	}
	to := enode.NewV4(n.Pubkey(), ip, n.TCP(), n.UDP())
	disc, end, err := listenFor(to, cfg)
	if err != nil {
		return 0, &Failure{Connect, err}
	}
	defer end()
	defer context.AfterFunc(ctx, disc.Close)()
	for range bootTries {
		start := cfg.Now()
		if _, err = disc.Ping(to); err == nil {
			return cfg.Now().Sub(start), nil
		}
		if ctx.Err() != nil {
			return 0, &Failure{Connect, context.Cause(ctx)}
		}
	}
	return 0, &Failure{Connect, err}
}

// listenFor starts discovery that knows nobody and may talk to one address.
func listenFor(to *enode.Node, cfg Config) (*discover.UDPv5, func(), error) {
	key, err := newKey(cfg.Rand)
	if err != nil {
		return nil, nil, err
	}
	db, err := enode.OpenDB("") // in memory
	if err != nil {
		return nil, nil, err
	}
	conn, err := net.ListenUDP("udp", nil)
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	addr := to.IPAddr().Unmap()
	only := netutil.Netlist{netip.PrefixFrom(addr, addr.BitLen())}
	disc, err := discover.ListenV5(conn, enode.NewLocalNode(db, key), discover.Config{
		PrivateKey: key, NetRestrict: &only, V5RespTimeout: bootPatience, Log: log.NewLogger(log.DiscardHandler()),
	})
	if err != nil {
		conn.Close()
		db.Close()
		return nil, nil, fmt.Errorf("discovery: %w", err)
	}
	return disc, func() { disc.Close(); db.Close() }, nil
}
