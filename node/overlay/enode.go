package overlay

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
)

// maxEnodeURL bounds what ParseEnode looks at: scheme, 128 hex digits, a host name of 253, two ports, with room.
const maxEnodeURL = 512

// Why an enode URL is refused.
var (
	ErrBadEnode = errors.New("overlay: not an enode URL")
	ErrSelf     = errors.New("overlay: the enode URL is this node's own")
)

// ParseEnode reads enode://<128 hex digits>@<address or host name>:<TCP port>[?discport=<UDP port>]. Unlike p2p it refuses
// what cannot be dialled: a URL without host or with port 0. Errors wrap ErrBadEnode. A host name is not resolved.
func ParseEnode(url string) (*enode.Node, error) {
	url = strings.TrimSpace(url)
	if len(url) > maxEnodeURL {
		return nil, fmt.Errorf("%w: longer than %d characters", ErrBadEnode, maxEnodeURL)
	}
	n, err := enode.ParseV4(url)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadEnode, err)
	}
	if n.TCP() == 0 {
		return nil, fmt.Errorf("%w: no TCP port", ErrBadEnode)
	}
	if host := n.Hostname(); host == "" && (!n.IPAddr().IsValid() || n.IPAddr().IsUnspecified()) {
		return nil, fmt.Errorf("%w: no host", ErrBadEnode)
	} else if host != "" && !isHostname(host) {
		return nil, fmt.Errorf("%w: bad host name", ErrBadEnode)
	}
	return n, nil
}

// isHostname tells whether s may be handed to the resolver: RFC 1123 labels; an underscore is let through.
func isHostname(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, hostChars) != "" {
			return false
		}
	}
	return true
}

const hostChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// dialAddress is where n is dialled: HOST:PORT with the host name, where it has one, so that each dial resolves it anew.
func dialAddress(n *enode.Node) string {
	host := n.Hostname()
	if host == "" {
		host = n.IPAddr().String()
	}
	return net.JoinHostPort(host, strconv.Itoa(n.TCP()))
}

// dialAddresses are all addresses at which n is dialled: its host name, or what its record has.
func dialAddresses(n *enode.Node) []string {
	if n.Hostname() != "" {
		return []string{dialAddress(n)}
	}
	var all []string
	for _, a := range addressesOfNode(n) {
		port := n.TCP()
		var six enr.TCP6
		if a.Is6() && n.Load(&six) == nil {
			port = int(six)
		}
		all = append(all, netip.AddrPortFrom(a, uint16(port)).String())
	}
	return all
}

func parseEnodes(urls []string) ([]*enode.Node, error) {
	nodes := make([]*enode.Node, 0, len(urls))
	for _, url := range urls {
		n, err := ParseEnode(url)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// CheckPublic tells what is wrong with HOST:PORT as an address under which others shall reach a node (Config.Public).
// It needs both parts, and a host that leads somewhere. A host name is not resolved.
func CheckPublic(address string) error {
	host, port, err := splitHostPort(address)
	if err != nil {
		return err
	}
	if port == 0 {
		return fmt.Errorf("address %s: port 0 cannot be reached", address)
	}
	if ip := net.ParseIP(host); ip.IsUnspecified() || ip == nil && !isHostname(host) {
		return fmt.Errorf("address %s: bad host", address)
	}
	return nil
}

// CheckListen tells what is wrong with HOST:PORT as an address to listen on (Config.Listen), before anything listens.
// No host stands for all addresses, port 0 for a random one.
func CheckListen(address string) error {
	host, _, err := splitHostPort(address)
	if err != nil {
		return err
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && !isHostname(host) {
		return fmt.Errorf("address %s: bad host", address)
	}
	return nil
}

// splitHostPort is net.SplitHostPort with a port in digits.
func splitHostPort(s string) (host string, port int, err error) {
	host, p, err := net.SplitHostPort(s)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("address %s: the port is no number from 0 to 65535", s)
	}
	return host, int(n), nil
}
