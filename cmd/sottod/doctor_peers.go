package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/overlay"
	"sotto/node/probe"
	"sotto/services/invite"
)

// maxAtOnce is how many nodes are looked at at a time, and wrongClock what a clock may differ: an envelope lives 15 seconds by
// default, and one that comes from the future is held back.
const (
	maxAtOnce  = 8
	wrongClock = 5 * time.Second
)

// look is what was found of one node.
type look struct {
	node  *enode.Node
	roles invite.Role
	probe.Result
	err  error
	udp  time.Duration
	boot error // of asking it as a boot node
}

// peers dials each node that is named, and compares the clocks.
func (d *doctor) peers(nodes []invite.Node) {
	if len(nodes) == 0 {
		d.note("nodes", "none is named but this one, so the clock cannot be compared; name others with an invite link or an enode URL")
		return
	}
	looks := make([]look, len(nodes))
	places := make(chan struct{}, maxAtOnce)
	var all sync.WaitGroup
	for i, n := range nodes {
		all.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			looks[i] = d.look(n)
		})
	}
	all.Wait()
	for _, l := range looks {
		d.tell(l)
	}
	d.clock(looks)
}

func (d *doctor) look(n invite.Node) (l look) {
	l.roles = n.Roles
	if l.node, l.err = overlay.ParseEnode(n.Enode); l.err != nil {
		return l
	}
	cfg := probe.Config{Name: nodeName(), Mail: n.Roles&invite.Mail != 0}
	l.Result, l.err = probe.Node(d.ctx, l.node, cfg)
	if n.Roles&invite.Boot != 0 {
		l.udp, l.boot = probe.Boot(d.ctx, l.node, cfg)
	}
	return l
}

// tell writes what was found of a node: first whether it is there, then what it is said to be.
func (d *doctor) tell(l look) {
	if l.node == nil {
		d.wrong("node", "its address cannot be read", "ask for a new invite link")
		return
	}
	what := "node " + address(l.node)
	if l.err != nil {
		found, remedy := absent(l)
		d.wrong(what, found, remedy)
		return
	}
	found := fmt.Sprintf("answers in %s, speaks Whisper v6, calls itself %s", inMillis(l.RTT), printable(l.Name))
	if names := roleNames(l.roles); len(names) > 0 {
		found += "; named as " + strings.Join(names, ", ")
	}
	d.good(what, found)
	if l.roles&invite.Relay != 0 && l.Light {
		d.wrong(what, "it is named as a relay and hands nothing on", "its operator leaves --no-relay out, or gives out a new link")
	}
	d.tellMail(what, l)
	if l.roles&invite.Boot != 0 && l.boot != nil {
		d.wrong(what, fmt.Sprintf("it is named as a boot node and does not answer on UDP port %d", l.node.UDP()),
			"let UDP through the firewall there and here; without it members still connect, but find no further nodes")
	} else if l.roles&invite.Boot != 0 {
		d.good(what, "answers as a boot node in "+inMillis(l.udp))
	}
}

func (d *doctor) tellMail(what string, l look) {
	switch l.Mail {
	case probe.Answered:
		d.good(what, "answers as a mailserver"+keeps(l.Keeps))
	case probe.Refused:
		d.note(what, "it is a mailserver, and refused a request without a password: "+printable(l.MailText))
	case probe.Silent:
		d.wrong(what, "it is named as a mailserver and does not answer as one", "its operator looks at /healthz, and leaves --no-mail out")
	}
}

// keeps says for how long a mailserver promised to keep what it took.
func keeps(promised time.Duration) string {
	switch days := promised.Hours() / 24; {
	case promised == 0:
		return "; it promises nothing about what it keeps"
	case days >= 2:
		return fmt.Sprintf("; it keeps messages for %.0f days", days)
	default:
		return fmt.Sprintf("; it keeps messages for %.0f hours", promised.Hours())
	}
}

// absent says why a node did not answer, and what to do.
func absent(l look) (found, remedy string) {
	switch stepOf(l.err) {
	case probe.Resolve:
		return "its name has no address", "look whether this computer resolves names at all; if it does, the node's operator enters the name in the DNS"
	case probe.Connect:
		return "it does not answer: " + cause(l.err),
			"the node is off, or a firewall is between: try another network, and let its operator run sottod doctor there"
	case probe.Handshake:
		return "what answers there is another node, or no node at all: " + cause(l.err), "ask for a new invite link: the node's key was lost or its address given to somebody else"
	case probe.Hello:
		return "it is there and takes no connection: " + cause(l.err), "it may be full: try again later, or let its operator raise --max-peers"
	default:
		return "it does not speak Whisper v6: " + cause(l.err), "it is a node of another network; ask for a new invite link"
	}
}

// clock compares this computer's clock with those of the nodes. The middle of several is more than any of them.
func (d *doctor) clock(looks []look) {
	var ahead []time.Duration
	for _, l := range looks {
		if l.err == nil && l.TellsTime {
			ahead = append(ahead, l.Ahead)
		}
	}
	if len(ahead) == 0 {
		d.note("clock", "no node told its time, so it could not be compared")
		return
	}
	slices.Sort(ahead)
	median := ahead[len(ahead)/2]
	found := fmt.Sprintf("compared with %d of %d nodes: %s", len(ahead), len(looks), clockWords(median))
	if median.Abs() < wrongClock {
		d.good("clock", found)
		return
	}
	remedy := "let the system keep its clock: timedatectl set-ntp true"
	if len(ahead) == 1 {
		remedy += ". There was one node to compare with, so it may be that one's clock that is wrong"
	}
	d.wrong("clock", found, remedy)
}

func clockWords(theirsAhead time.Duration) string {
	seconds := theirsAhead.Abs().Round(time.Second / 10).Seconds()
	switch {
	case seconds < 1:
		return "it is right"
	case theirsAhead > 0:
		return fmt.Sprintf("it is %.1f seconds behind", seconds)
	default:
		return fmt.Sprintf("it is %.1f seconds ahead", seconds)
	}
}

func inMillis(t time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(t.Microseconds())/1000)
}

// without leaves out the node of an enode URL, and what is named twice.
func without(nodes []invite.Node, enodeURL string) (rest []invite.Node) {
	seen := map[enode.ID]int{}
	var self enode.ID
	if own, err := overlay.ParseEnode(enodeURL); err == nil {
		self = own.ID()
	}
	for _, n := range nodes {
		parsed, err := overlay.ParseEnode(n.Enode)
		if err == nil {
			if parsed.ID() == self {
				continue
			}
			if i, again := seen[parsed.ID()]; again {
				rest[i].Roles |= n.Roles
				continue
			}
			seen[parsed.ID()] = len(rest)
		}
		rest = append(rest, n)
	}
	return rest
}
