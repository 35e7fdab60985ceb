package overlay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/ethereum/go-ethereum/p2p/dnsdisc"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// Bounds of what a configuration names.
const (
	maxBoot    = 64  // boot nodes
	maxNamed   = 64  // nodes of a network
	maxLists   = 8   // lists in the DNS
	maxENR     = 404 // characters of enr: and 300 bytes in base64 (EIP-778)
	maxListURL = 512
	maxLookup  = 8 // addresses of one host name
)

// Why a place to look for nodes is refused.
var (
	ErrBadBoot = errors.New("overlay: not a boot node")
	ErrBadList = errors.New("overlay: not a list of nodes")
)

// Resolver looks names up. *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// ParseBoot reads a boot node: an enode URL, or a node record in its text form, enr:… (EIP-778). Errors wrap ErrBadBoot.
func ParseBoot(text string) (*enode.Node, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "enr:") {
		n, err := ParseEnode(text)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBadBoot, err)
		}
		return n, nil
	}
	if len(text) > maxENR {
		return nil, fmt.Errorf("%w: longer than %d characters", ErrBadBoot, maxENR)
	}
	n, err := enode.Parse(enode.ValidSchemes, text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadBoot, err)
	}
	if _, ok := n.UDPEndpoint(); !ok {
		return nil, fmt.Errorf("%w: no address", ErrBadBoot)
	}
	return n, nil
}

// CheckList tells what is wrong with the URL of a list of nodes in the DNS, enrtree://<key>@<domain> (EIP-1459). Errors wrap
// ErrBadList. Nothing is looked up.
func CheckList(url string) error {
	if len(url) > maxListURL {
		return fmt.Errorf("%w: longer than %d characters", ErrBadList, maxListURL)
	}
	domain, _, err := dnsdisc.ParseURL(url)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadList, err)
	}
	if !isHostname(domain) {
		return fmt.Errorf("%w: bad host name", ErrBadList)
	}
	return nil
}

// Search says where a client takes the peers from that it needs. The zero value looks nowhere.
type Search struct {
	// Named are the nodes of the network that the person joined, with their roles: they are dialled before all others, as many
	// as are needed. Those that are kept connected may be among them.
	Named      []Candidate
	Discovery  bool     // asks over UDP, with discovery v5.1
	Boot       []string // whom it asks first: enode URLs or node records (enr:…)
	DNS        []string // lists in the DNS (EIP-1459), enrtree://…
	StaticOnly bool     // nothing is looked up or dialled but what a person or their network named, whatever stands above
}

// check tells what is wrong with it, and reads the boot nodes.
func (s Search) check() (boot []*enode.Node, err error) {
	if len(s.Boot) > maxBoot {
		return nil, fmt.Errorf("%w: more than %d", ErrBadBoot, maxBoot)
	}
	for _, text := range s.Boot {
		n, err := ParseBoot(text)
		if err != nil {
			return nil, err
		}
		boot = append(boot, n)
	}
	if len(s.Named) > maxNamed {
		return nil, fmt.Errorf("%w: more than %d of one network", ErrBadEnode, maxNamed)
	}
	for _, c := range s.Named {
		if _, err := ParseEnode(c.Enode); err != nil {
			return nil, err
		}
	}
	if len(s.DNS) > maxLists {
		return nil, fmt.Errorf("%w: more than %d", ErrBadList, maxLists)
	}
	for _, url := range s.DNS {
		if err := CheckList(url); err != nil {
			return nil, err
		}
	}
	return boot, nil
}

// addressed are versions of the node with one address each: those that its record has, or that its host name leads to.
func addressed(ctx context.Context, r Resolver, n *enode.Node) ([]*enode.Node, error) {
	addrs := addressesOfNode(n)
	if host := n.Hostname(); host != "" {
		found, err := lookup(ctx, r, host)
		if err != nil {
			return nil, err
		}
		addrs = found
	}
	nodes := make([]*enode.Node, 0, len(addrs))
	for _, a := range addrs {
		nodes = append(nodes, enode.NewV4(n.Pubkey(), net.IP(a.Unmap().AsSlice()), n.TCP(), n.UDP()))
	}
	return nodes, nil
}

// addressesOfNode are the addresses of the node's record, the one that more can reach first. The other one must not lead into
// the reader's own network where the first does not: records come from strangers.
func addressesOfNode(n *enode.Node) []netip.Addr {
	var four enr.IPv4Addr
	var six enr.IPv6Addr
	var addrs []netip.Addr
	if n.IPAddr().IsValid() && !n.IPAddr().IsUnspecified() {
		addrs = append(addrs, n.IPAddr().Unmap())
	}
	_ = n.Load(&four) // an error leaves the address invalid
	_ = n.Load(&six)
	for _, a := range []netip.Addr{netip.Addr(four), netip.Addr(six)} {
		a = a.Unmap()
		if len(addrs) == 0 || addrs[0] == a || netutil.CheckRelayAddr(addrs[0], a) != nil || a.IsMulticast() {
			continue
		}
		addrs = append(addrs, a)
	}
	return addrs
}
