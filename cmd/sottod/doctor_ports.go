package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/overlay"
	"sotto/node/probe"
)

// lowPorts are those on which a node never listens with UDP: see overlay.DefaultDiscoveryPort.
const lowPorts = 1024

// knock is how long a port may take to answer.
const knock = 5 * time.Second

// ports looks at the port that the relay listens on, from here and under its public address, while it runs and while not.
func (d *doctor) ports(state relayState) {
	own, err := overlay.ParseEnode(state.Enode) // readState checked it
	if err != nil {
		return
	}
	local := atHome(own, state.Listen)
	_, err = probe.Node(d.ctx, local, probe.Config{Name: nodeName()})
	step := stepOf(err)
	switch {
	case err == nil:
		d.good("port", fmt.Sprintf("the relay runs and answers on TCP port %d", local.TCP()))
		d.health(state)
		d.public(own)
		if state.has(roleBoot) {
			d.udp(local)
		}
	case step == probe.Connect:
		d.idlePorts(state, own)
	default:
		d.wrong("port", fmt.Sprintf("something else answers on TCP port %d", local.TCP()),
			fmt.Sprintf("see what it is with ss -ltnp sport = :%d, and end it, or give the relay another port with --listen", local.TCP()))
	}
}

// idlePorts looks whether a relay could listen, and lead others here.
func (d *doctor) idlePorts(state relayState, own *enode.Node) {
	var lc net.ListenConfig
	ln, err := lc.Listen(d.ctx, "tcp", state.Listen)
	if err != nil {
		d.wrong("port", "cannot listen on TCP "+state.Listen+": "+cause(err), listenRemedy(err))
		return
	}
	defer ln.Close()
	d.note("port", "the relay does not run; TCP "+state.Listen+" is free for it")
	if state.has(roleBoot) {
		d.idleUDP(state, atHome(own, state.Listen).UDP())
	}
	switch ok, err := leadsTo(d.ctx, address(own), ln); {
	case ok:
		d.good("public address", address(own)+" leads here")
	case err != nil:
		d.wrong("public address", address(own)+" does not lead here: "+cause(err), d.forward(own))
	default:
		d.wrong("public address", address(own)+" leads to another computer", "correct --public, or the name's entry in the DNS")
	}
	d.reach(own)
}

func (d *doctor) idleUDP(state relayState, port int) {
	host, _, _ := net.SplitHostPort(state.Listen) // readState checked it
	at := net.JoinHostPort(host, strconv.Itoa(port))
	var lc net.ListenConfig
	c, err := lc.ListenPacket(d.ctx, "udp", at)
	if err != nil {
		d.wrong("port", "cannot listen on UDP "+at+": "+cause(err), listenRemedy(err))
		return
	}
	c.Close()
	d.good("port", "UDP "+at+" is free for it")
}

// leadsTo dials the address, says something random, and looks whether the listener hears it.
func leadsTo(ctx context.Context, to string, ln net.Listener) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, knock)
	defer cancel()
	fd, err := new(net.Dialer).DialContext(ctx, "tcp", to)
	if err != nil {
		return false, err
	}
	defer fd.Close()
	var said, heard [16]byte
	if _, err := rand.Read(said[:]); err != nil {
		return false, err
	}
	if _, err := fd.Write(said[:]); err != nil {
		return false, err
	}
	if t, ok := ln.(*net.TCPListener); ok {
		end, _ := ctx.Deadline()
		_ = t.SetDeadline(end) // it is closed soon anyway
	}
	for ctx.Err() == nil { // others may knock, too
		in, err := ln.Accept()
		if err != nil {
			return false, nil
		}
		_ = in.SetReadDeadline(time.Now().Add(time.Second))
		_, err = io.ReadFull(in, heard[:])
		in.Close()
		if err == nil && subtle.ConstantTimeCompare(said[:], heard[:]) == 1 {
			return true, nil
		}
	}
	return false, nil
}

// public looks whether the address of the relay's links leads to it.
func (d *doctor) public(own *enode.Node) {
	_, err := probe.Node(d.ctx, own, probe.Config{Name: nodeName()})
	switch stepOf(err) {
	case "":
		d.good("public address", address(own)+" leads to this relay")
	case probe.Resolve:
		d.wrong("public address", "the name "+own.Hostname()+" has no address", "enter it in the DNS, or correct --public")
	case probe.Connect:
		d.wrong("public address", address(own)+" does not answer: "+cause(err), d.forward(own))
	case probe.Handshake:
		d.wrong("public address", "another computer or program answers at "+address(own), "correct --public, the name's entry in the DNS, or where the router forwards the port to")
	default:
		d.note("public address", address(own)+" leads to a node that takes no connection now: "+cause(err))
	}
	d.reach(own)
}

func (d *doctor) forward(own *enode.Node) string {
	return fmt.Sprintf("let TCP port %d and UDP port %d through the firewall, and forward them on the router. Some routers let no computer "+
		"reach itself under its outside address: then ask somebody outside to run sottod doctor with the invite link", own.TCP(), own.UDP())
}

// reach says how far the address of the links reaches.
func (d *doctor) reach(own *enode.Node) {
	ip := own.IPAddr()
	switch {
	case own.Hostname() != "":
	case ip.IsLoopback():
		d.note("public address", "links lead to this computer only; name the address that others see with --public")
	case ip.IsPrivate() || ip.IsLinkLocalUnicast():
		d.note("public address", "links lead to a private address, which only the same local network reaches; name the outside one with --public")
	}
}

// udp looks whether the relay answers as a boot node on this computer.
func (d *doctor) udp(local *enode.Node) {
	if _, err := probe.Boot(d.ctx, local, probe.Config{}); err != nil {
		d.wrong("port", fmt.Sprintf("the relay does not answer on UDP port %d", local.UDP()), "look for errors in its log: journalctl -u sottod-relay")
		return
	}
	d.good("port", fmt.Sprintf("it answers as a boot node on UDP port %d", local.UDP()))
}

// health asks the running relay how it is.
func (d *doctor) health(state relayState) {
	if state.Metrics == "" {
		return
	}
	ctx, cancel := context.WithTimeout(d.ctx, knock)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+state.Metrics+"/healthz", nil)
	if err != nil {
		return
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.wrong("health", "nothing answers at http://"+state.Metrics+"/healthz", "look for errors in the relay's log: journalctl -u sottod-relay")
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if resp.StatusCode == http.StatusOK {
		d.good("health", "the relay says that all is well")
		return
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(body)), "\n") {
		d.wrong("health", printable(line), "the relay's log says more: journalctl -u sottod-relay")
	}
}

// atHome is the node under the address that it listens on.
func atHome(own *enode.Node, listen string) *enode.Node {
	host, port, err := net.SplitHostPort(listen)
	number, portErr := strconv.Atoi(port)
	if err != nil || portErr != nil { // readState checked it
		return own
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.IsUnspecified() {
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	udp := number
	if udp <= lowPorts {
		udp = overlay.DefaultDiscoveryPort
	}
	return enode.NewV4(own.Pubkey(), ip.AsSlice(), number, udp)
}

// address is where a node is dialled, HOST:PORT.
func address(n *enode.Node) string {
	host := n.Hostname()
	if host == "" {
		host = n.IPAddr().String()
	}
	return net.JoinHostPort(host, strconv.Itoa(n.TCP()))
}

func stepOf(err error) probe.Step {
	if f, ok := errors.AsType[*probe.Failure](err); ok {
		return f.Step
	}
	return ""
}

// cause is the innermost reason of a network's error: the rest is said already.
func cause(err error) string {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return "the name has no address"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return "no answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	}
	if f, ok := errors.AsType[*probe.Failure](err); ok {
		err = f.Err
	}
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return number.Error()
	}
	return printable(err.Error())
}

func listenRemedy(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "ports under 1024 need root or CAP_NET_BIND_SERVICE: see port 443 in docs/running-a-network.md"
	}
	return "end what uses the port (ss -lntup shows it), or give the relay another one with --listen"
}
