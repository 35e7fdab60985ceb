package views

import (
	"context"
	"image"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"sotto/services/chats"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/history"
	"sotto/services/invite"
	"sotto/services/network"
	"sotto/services/qr"
)

// mailEnode and bootEnode are nodes of the tests' network, as enode is.
const (
	mailEnode = "enode://b979fb575495b8d6db44f750317d0f4622bf4c2aa3365d6af7c284339968eef29b69ad0dce72a4d8db5ebb4968de0e3bec910127f134779fbcb0cb6d33311635@mail-01.example.org:30303"
	bootEnode = "enode://43947863cfa5aad1178f482ac35a8ebb9116cded1c23f7f9af1a47badfc1ee7f0dd9ec0543417cc347225a6e47e46c6873f647559e43434596c54e17a4d3a1e4@192.0.2.9:443"
)

// acme is the invitation to a network of two nodes with a first channel.
var acme = invite.Invite{Name: "Acme", Channel: "lobby", Nodes: []invite.Node{
	{Enode: enode, Roles: invite.Relay | invite.Boot}, {Enode: bootEnode, Roles: invite.Relay | invite.Mail},
}}

// networkOf is an invitation as the service gives it.
func networkOf(inv invite.Invite) network.Network {
	n := network.Network{Name: inv.Name, Link: inv.Link(), Channel: inv.Channel, Joined: noon.AddDate(0, 0, -19)}
	for _, node := range inv.Nodes {
		n.Nodes = append(n.Nodes, network.NetworkNode{Enode: node.Enode, Roles: rolesOf(node.Roles)})
	}
	return n
}

// historic is a network that went silent.
func historic() network.Network {
	n := networkOf(invite.Invite{Name: "Status eth.beta", Nodes: []invite.Node{{Enode: bootEnode, Roles: invite.Boot}}})
	n.Historic = true
	return n
}

func (f *fakeNetwork) at(name string) *network.Network {
	if i := slices.IndexFunc(f.joined, func(n network.Network) bool { return n.Name == name }); i >= 0 {
		return &f.joined[i]
	}
	return nil
}

func (f *fakeNetwork) Networks(context.Context) ([]network.Network, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.joined), nil
}

func (f *fakeNetwork) Presets(context.Context) []network.Network {
	return []network.Network{historic()}
}

func (f *fakeNetwork) Join(_ context.Context, link string) (network.Network, error) {
	inv, err := invite.Parse(link)
	if err != nil {
		return network.Network{}, err
	}
	return f.add(networkOf(inv))
}

// add makes a network the active one.
func (f *fakeNetwork) add(n network.Network) (network.Network, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return network.Network{}, f.err
	}
	for i := range f.joined {
		f.joined[i].Active = false
	}
	n.Active = true
	f.joined = append(f.joined, n)
	return n, nil
}

func (f *fakeNetwork) Create(_ context.Context, name string) (network.Network, error) {
	return f.add(networkOf(invite.Invite{Name: name, Nodes: acme.Nodes}))
}

func (f *fakeNetwork) Switch(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.joined {
		f.joined[i].Active = f.joined[i].Name == name
	}
	return f.err
}

func (f *fakeNetwork) Leave(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.joined = slices.DeleteFunc(f.joined, func(n network.Network) bool { return n.Name == name })
	return f.err
}

func (f *fakeNetwork) Invite(_ context.Context, name string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.at(name); n != nil {
		return n.Link, f.err
	}
	return "", fault.New(fault.NoSuchNetwork, "You have not joined this network. Join it with its link.")
}

func (f *fakeNetwork) InviteQR(ctx context.Context, name string) (image.Image, error) {
	text, err := f.Invite(ctx, name)
	if err != nil {
		return nil, err
	}
	return qr.Encode(text, 512)
}

// Offers reads a link a line.
func (f *fakeNetwork) Offers(_ context.Context, file io.Reader) (list []network.Offer, _ error) {
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		inv, err := invite.Parse(line)
		if err != nil {
			return nil, err
		}
		n := networkOf(inv)
		n.Historic = inv.Name == historic().Name
		list = append(list, network.Offer{Network: n, Invite: inv})
	}
	return list, nil
}

func (f *fakeNetwork) Accept(_ context.Context, o network.Offer) (network.Network, error) {
	return f.add(o.Network)
}

func (f *fakeNetwork) SetStaticOnly(_ context.Context, only bool) error {
	if f.hold != nil {
		<-f.hold
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.status.StaticOnly = only
	}
	return f.err
}

func (f *fakeNetwork) Export(_ context.Context, name string, to io.Writer) error {
	_, err := io.WriteString(to, "the network "+name)
	return err
}

func (f *fakeNetwork) SetBudget(_ context.Context, bytes int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status.Budget = bytes
	return f.err
}

func (f *fakeNetwork) AddMailserver(ctx context.Context, url string) error {
	f.mu.Lock()
	f.mails = append(f.mails, url)
	f.mu.Unlock()
	return f.AddPeer(ctx, url)
}

// fakeHistory says what it was told to say.
type fakeHistory struct {
	mu       sync.Mutex
	progress history.Progress
	coverage []history.Coverage
	gaps     map[string][]history.Gap
	servers  []history.Server
	synced   []string
	hold     chan struct{} // what a Sync waits for, where it is not nil
	gate     chan struct{} // what gaps wait for, where it is not nil
	asked    func()        // hears that somebody waits so
	err      error
}

func (f *fakeHistory) Sync(ctx context.Context, chat string) (history.Progress, error) {
	f.mu.Lock()
	hold := f.hold
	f.synced = append(f.synced, chat)
	f.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.progress, f.err
}

func (f *fakeHistory) Progress(context.Context) history.Progress {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.progress
}

func (f *fakeHistory) Coverage(_ context.Context, chat string) (list []history.Coverage, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.coverage {
		if c.Chat == chat {
			list = append(list, c)
		}
	}
	return list, nil
}

func (f *fakeHistory) Gaps(ctx context.Context, chat string) ([]history.Gap, error) {
	if f.gate != nil {
		f.asked()
		select {
		case <-f.gate:
		case <-ctx.Done():
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.gaps[chat], nil
}

func (f *fakeHistory) Servers(context.Context) ([]history.Server, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.servers), nil
}

// tell changes what it says and tells of it.
func (f *fakeHistory) tell(bus *event.Bus, change func(*fakeHistory)) {
	f.mu.Lock()
	change(f)
	f.mu.Unlock()
	bus.Publish(event.Event{Kind: event.History})
}

func (f *fakeChats) Steps(_ context.Context, id string) ([]chats.Step, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.steps[id], f.fail()
}

// inAcme prepares an account that joined two networks, with two mailservers.
func inAcme(h *harness) {
	inLobby(h)
	a := networkOf(acme)
	a.Active = true
	other := networkOf(invite.Invite{Name: "Hikers of the northern valley", Nodes: acme.Nodes[:1]})
	h.network.joined = []network.Network{a, other}
	h.network.status.Network = "Acme"
	h.network.status.Budget, h.network.status.Receive, h.network.status.Everything = 100_000_000, network.ReceiveAutomatic, true
	h.network.status.Peers[0].Roles = []string{"relay", "boot"}
	h.network.status.Peers[0].BytesIn, h.network.status.Peers[0].BytesOut = 31_400_000, 940
	h.network.status.Peers = append(h.network.status.Peers,
		network.Peer{Enode: mailEnode, Name: "Sotto/0.1.0", Roles: []string{"relay", "mail"}, RTT: 31 * time.Millisecond, BytesIn: 2_300_000, BytesOut: 88_000})
	h.network.status.Known = append(h.network.status.Known, mailEnode)
	h.network.status.Today = network.Today{Day: "2026-11-22", Bytes: 34_100_000,
		Traffic: network.Traffic{Useful: 2_400_000, Duplicate: 1_100_000, Unwanted: 29_900_000, Refused: 12_000}}
	h.history.servers = []history.Server{
		{Enode: mailEnode, Name: "mail-01.example.org", Connected: true, Promises: true, Retention: 30 * 24 * time.Hour, Answered: noon.Add(-11 * time.Minute)},
		{Enode: bootEnode, Name: "192.0.2.9", Answered: noon.AddDate(0, 0, -3), Failures: 4, Trouble: "192.0.2.9 did not answer in time."},
	}
}
