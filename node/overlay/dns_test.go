package overlay

import (
	"context"
	"crypto/ecdsa"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ethereum/go-ethereum/p2p/dnsdisc"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

var _ Resolver = (*fakeDNS)(nil)

// fakeDNS answers from memory and counts.
type fakeDNS struct {
	url   string
	asked atomic.Int32

	mu    sync.Mutex
	hosts map[string][]netip.Addr
	texts map[string]string
}

func (f *fakeDNS) set(host string, addrs ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hosts[host] = nil
	for _, a := range addrs {
		f.hosts[host] = append(f.hosts[host], netip.MustParseAddr(a))
	}
}

func (f *fakeDNS) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	f.asked.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if addrs := f.hosts[host]; len(addrs) > 0 {
		return addrs, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (f *fakeDNS) LookupTXT(_ context.Context, name string) ([]string, error) {
	f.asked.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if text, ok := f.texts[name]; ok {
		return []string{text}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// publish puts a signed list of nodes into the DNS.
func (f *fakeDNS) publish(t testing.TB, key *ecdsa.PrivateKey, domain string, nodes ...*enode.Node) {
	t.Helper()
	tree, err := dnsdisc.MakeTree(1, nodes, nil)
	if err != nil {
		t.Fatal(err)
	}
	url, err := tree.Sign(key, domain)
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.url, f.texts = url, tree.ToTXT(domain)
}

// udpSockets counts the UDP sockets of this network namespace that are ours, where the system tells.
func udpSockets(t testing.TB) int {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil || len(links) == 0 {
		return 0
	}
	ours := make(map[string]bool)
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil {
			ours[to] = true
		}
	}
	n := 0
	for _, table := range []string{"/proc/net/udp", "/proc/net/udp6"} {
		for _, inode := range socketInodes(table) {
			if ours["socket:["+inode+"]"] {
				n++
			}
		}
	}
	return n
}

// socketInodes are the inodes of a table of sockets in /proc.
func socketInodes(table string) (inodes []string) {
	text, err := os.ReadFile(table)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 9 && fields[0] != "sl" {
			inodes = append(inodes, fields[9])
		}
	}
	return inodes
}
