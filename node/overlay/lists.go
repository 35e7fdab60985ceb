package overlay

import (
	"context"
	"net/netip"
	"sync"
	"time"

	gethlog "github.com/ethereum/go-ethereum/log"
	"github.com/ethereum/go-ethereum/p2p/dnsdisc"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// Bounds of one search in one list: it may be of any size, and its owner of any mind.
const (
	listNodes   = 16
	listTimeout = 10 * time.Second
)

// lists read lists of nodes in the DNS (EIP-1459). A list is signed by its owner; what it says is no more than that.
type lists struct {
	all      []list
	restrict *netutil.Netlist
}

type list struct {
	url    string
	client *dnsdisc.Client
}

func newLists(urls []string, resolver Resolver, restrict *netutil.Netlist, tries *tries, log gethlog.Logger) *lists {
	l := &lists{restrict: restrict}
	for _, url := range urls {
		domain, _, err := dnsdisc.ParseURL(url)
		if err != nil {
			continue // it was checked
		}
		client := dnsdisc.NewClient(dnsdisc.Config{Resolver: noted{resolver, tries, domain}, Logger: log})
		l.all = append(l.all, list{url, client})
	}
	return l
}

// noted remembers which list could not be looked up.
type noted struct {
	Resolver
	tries  *tries
	domain string
}

func (n noted) LookupTXT(ctx context.Context, name string) ([]string, error) {
	texts, err := n.Resolver.LookupTXT(ctx, name)
	if err != nil {
		n.tries.fail("", "dns "+n.domain, err)
	} else {
		n.tries.reached("dns " + n.domain)
	}
	return texts, err
}

// search reads a few random nodes of each list.
func (l *lists) search(ctx context.Context, found func(*enode.Node, Source)) {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	var reading sync.WaitGroup
	for _, one := range l.all {
		reading.Go(func() { l.read(ctx, one, found) })
	}
	reading.Wait()
}

func (l *lists) read(ctx context.Context, one list, found func(*enode.Node, Source)) {
	nodes, err := one.client.NewIterator(one.url)
	if err != nil {
		return // the URL was checked
	}
	defer context.AfterFunc(ctx, nodes.Close)()
	defer nodes.Close()
	seen := make(map[enode.ID]bool)
	for range listNodes {
		if !nodes.Next() || seen[nodes.Node().ID()] {
			return // over, or all of it was read
		}
		n := nodes.Node()
		seen[n.ID()] = true
		if l.mayDial(n.IPAddr()) {
			found(n, SourceList)
		}
	}
}

// mayDial keeps lists from sending us into our own network, unless that is where we are told to stay.
func (l *lists) mayDial(addr netip.Addr) bool {
	if l.restrict != nil {
		return l.restrict.ContainsAddr(addr)
	}
	return addr.IsValid() && netutil.CheckRelayAddr(somewherePublic, addr) == nil
}

// somewherePublic stands for a sender that is in nobody's own network.
var somewherePublic = netip.MustParseAddr("1.1.1.1")

// rest has nothing to close.
func (l *lists) rest() {}
