package overlay

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enr"
	"github.com/ethereum/go-ethereum/p2p/nat"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// What a Config means where it says nothing.
const (
	DefaultMaxPeers          = 50
	DefaultMaxPending        = 64 // handshakes of inbound connections at a time
	DefaultPendingPerAddress = 16 // of one address; a /64 for IPv6
)

// Config says how a Server listens, dials and whom it knows. Only Key is needed.
type Config struct {
	Key       *ecdsa.PrivateKey // the node's identity on the network
	Name      string            // what peers see of this program
	Protocols []p2p.Protocol    // what runs on each connection

	Listen string // HOST:PORT, port 0 for a random one; empty does not listen
	NAT    string // "auto" asks the router to map the port; "none" or empty does not
	Public string // HOST:PORT under which others reach this node; empty lets the node find out

	Static  []string // enode URLs that are kept connected
	Trusted []string // enode URLs that may connect when all slots are taken

	Roles     Roles         // what this node does for others; without any it is a client
	Retention time.Duration // how long it keeps envelopes, where it is a mailserver: its record tells, in whole seconds
	Record    []enr.Entry   // what its record says besides, all in all less than about 100 bytes

	// A client without Search.StaticOnly connects to two or three relays and a mailserver besides its static peers, from
	// those in Cached and those that a search finds. A node with roles dials its static peers only; with Discovery it answers
	// who else is there, on the UDP port of its listener, and makes itself known to the nodes in Boot.
	Search
	Cached []Candidate // what OnFound told earlier runs
	// OnFound is told of nodes that are of use, to be kept for the next run: when they are found or changed, and when the
	// pool has connected one. One call at a time; it must not call Stop or SetSearch.
	OnFound  func(Candidate)
	Resolver Resolver // of names for Search and Public; nil: the system's

	MaxPeers          int              // how many may connect to us, half from one address; Trusted and Static come on top
	MaxPending        int              // handshakes of inbound connections at a time
	PendingPerAddress int              // of one address
	NetRestrict       *netutil.Netlist // dial and accept only these networks; nil: all

	// Dial opens TCP connections to HOST:PORT; nil dials with the system's resolver.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// OnPeers is called after a peer came or left, one call at a time. Several changes may be one call.
	OnPeers func()
	Log     *slog.Logger
	Now     func() time.Time // wall clock; nil is time.Now
	Rand    io.Reader        // nil is the system's source

	router    func() nat.Interface         // tests: instead of the router that NAT finds
	addresses func() ([]netip.Addr, error) // tests: instead of the interfaces' addresses
	tick      time.Duration                // tests: how often the network is looked at
	keepAlive net.KeepAliveConfig          // tests: how soon a vanished peer is noticed
}

func (c Config) withDefaults() Config {
	setDefault(&c.MaxPeers, DefaultMaxPeers)
	setDefault(&c.MaxPending, DefaultMaxPending)
	setDefault(&c.PendingPerAddress, DefaultPendingPerAddress)
	setDefault(&c.tick, watchInterval)
	setDefault(&c.keepAlive, keepAlive)
	setDefault(&c.Name, "Sotto")
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	if c.addresses == nil {
		c.addresses = interfaceAddresses
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{ControlContext: restrictTo(c.NetRestrict)}).DialContext
	}
	return c
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// check refuses what could only fail later.
func (c Config) check() error {
	if c.Key == nil {
		return errors.New("overlay: no node key")
	}
	if c.NAT != "" && c.NAT != "none" && c.NAT != "auto" {
		return fmt.Errorf("overlay: NAT %q is neither none nor auto", c.NAT)
	}
	if c.Listen != "" {
		if err := CheckListen(c.Listen); err != nil {
			return fmt.Errorf("overlay: listen address: %w", err)
		}
	}
	if c.Public != "" {
		if err := CheckPublic(c.Public); err != nil {
			return fmt.Errorf("overlay: public address: %w", err)
		}
	}
	if c.Roles != 0 && c.Discovery && c.Listen == "" {
		return errors.New("overlay: a node with roles that shall be found has to listen")
	}
	return nil
}
