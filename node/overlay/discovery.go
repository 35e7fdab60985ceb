package overlay

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	gethlog "github.com/ethereum/go-ethereum/log"
	"github.com/ethereum/go-ethereum/p2p/discover"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// discovery asks other nodes over UDP who else is there (discovery v5.1). It is open while it is needed.
type discovery struct {
	boot     []*enode.Node
	restrict *netutil.Netlist
	pings    time.Duration // between two looks whether a node is still there
	resolver Resolver
	tries    *tries
	random   io.Reader
	log      gethlog.Logger
	// self is the record and the key to appear under, socket a UDP socket.
	self   func() (*enode.LocalNode, *ecdsa.PrivateKey, error)
	socket func(context.Context) (net.PacketConn, error)

	mu  sync.Mutex
	udp *discover.UDPv5 // nil while closed
}

// open listens, unless it does already or ctx is over.
func (d *discovery) open(ctx context.Context) (*discover.UDPv5, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil || d.udp != nil {
		return d.udp, err
	}
	record, key, err := d.self()
	if err != nil {
		return nil, err
	}
	pc, err := d.socket(ctx)
	if err != nil {
		return nil, fmt.Errorf("overlay: listen for discovery: %w", err)
	}
	conn, ok := pc.(*net.UDPConn)
	if !ok {
		pc.Close()
		return nil, errors.New("overlay: listen for discovery: no UDP here")
	}
	udp, err := discover.ListenV5(conn, record, discover.Config{
		PrivateKey: key, NetRestrict: d.restrict, PingInterval: d.pings, Log: d.log,
	})
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("overlay: %w", err)
	}
	d.udp = udp
	return udp, nil
}

// rest closes the socket and cuts short whatever is asked; the next search opens it again.
func (d *discovery) rest() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.udp != nil {
		d.udp.Close()
		d.udp = nil
	}
}

// search looks around once: at the boot nodes, then towards a random place. Who is found is found by answers of strangers.
func (d *discovery) search(ctx context.Context, found func(*enode.Node, Source)) {
	udp, err := d.open(ctx)
	if err != nil {
		d.tries.fail("", "udp", err)
		return
	}
	defer context.AfterFunc(ctx, d.rest)()
	d.greet(ctx, udp)
	d.askAll(ctx, udp, found)
	var target enode.ID
	if _, err := io.ReadFull(d.random, target[:]); err != nil {
		return
	}
	for _, n := range append(udp.Lookup(target), udp.AllNodes()...) {
		found(n, SourceDiscovery)
	}
}

const (
	askedDirectly = 8  // nodes of the table that one search asks for everybody they know
	nearest       = 17 // logarithmic distances for which a table has buckets of their own
)

// askAll asks a few nodes for whom they know at any distance. A look towards a random place asks for three distances only: in a
// small network that is too likely to miss the very node that is needed.
func (d *discovery) askAll(ctx context.Context, udp *discover.UDPv5, found func(*enode.Node, Source)) {
	known := udp.AllNodes()
	rand.Shuffle(len(known), func(i, j int) { known[i], known[j] = known[j], known[i] })
	var asked sync.WaitGroup
	for _, n := range known[:min(len(known), askedDirectly)] {
		asked.Go(func() {
			var distances []uint // in any order: the answer has 16 nodes at most
			for _, i := range rand.Perm(nearest) {
				distances = append(distances, uint(256-i))
			}
			nodes, _ := udp.Findnode(n, distances) // what came before an error counts
			for _, other := range nodes {
				if ctx.Err() == nil {
					found(other, SourceDiscovery)
				}
			}
		})
	}
	asked.Wait()
}

// greet makes the boot nodes known that are not, all at a time.
func (d *discovery) greet(ctx context.Context, udp *discover.UDPv5) {
	known := udp.AllNodes()
	var asked sync.WaitGroup
	for _, n := range d.boot {
		if slices.ContainsFunc(known, func(k *enode.Node) bool { return k.ID() == n.ID() }) || n.ID() == udp.Self().ID() {
			continue
		}
		asked.Go(func() { d.greetOne(ctx, udp, n) })
	}
	asked.Wait()
}

// greetOne asks a boot node for its record, at each of its addresses until one answers.
func (d *discovery) greetOne(ctx context.Context, udp *discover.UDPv5, n *enode.Node) {
	name := "udp " + net.JoinHostPort(n.Hostname(), strconv.Itoa(n.UDP()))
	versions, err := addressed(ctx, d.resolver, n)
	if err != nil {
		d.tries.fail(n.URLv4(), name, err)
		return
	}
	d.tries.reached(name)
	for _, at := range versions {
		if ctx.Err() != nil {
			return
		}
		address := "udp " + netip.AddrPortFrom(at.IPAddr(), uint16(at.UDP())).String()
		if d.restrict != nil && !d.restrict.ContainsAddr(at.IPAddr()) {
			continue
		}
		record, err := meet(udp, at)
		if err != nil {
			d.tries.fail(n.URLv4(), address, err)
			continue
		}
		d.tries.reached(address)
		udp.AddKnownNode(record)
		return
	}
}

// meet asks a node for its record. A record with another address than the one that answered may be one that nobody else can
// reach (a node behind a router does not know how it is seen), or none that discovery would take; then the node stands for
// itself, without a record.
func meet(udp *discover.UDPv5, at *enode.Node) (*enode.Node, error) {
	record, err := udp.RequestENR(at)
	if err == nil {
		want, _ := at.UDPEndpoint()
		if got, ok := record.UDPEndpoint(); ok && got == want {
			return record, nil
		}
		return at, nil
	}
	if _, pingErr := udp.Ping(at); pingErr != nil {
		return nil, errNoAnswer
	}
	return at, nil
}

var errNoAnswer = errors.New("no answer")
