package main

import (
	"crypto/ecdsa"
	"encoding/hex"
	"encoding/json"
	"os"
	"sync"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/event"
	"github.com/ethereum/go-ethereum/log"
	"github.com/ethereum/go-ethereum/p2p"
	shh "github.com/ethereum/go-ethereum/whisper/whisperv6"
)

// peer is the node with everything that a driver sees of it.
type peer struct {
	server *p2p.Server
	shh    *shh.Whisper
	events event.Subscription
	quit   chan struct{}
	work   sync.WaitGroup

	outMu sync.Mutex
	out   *json.Encoder

	mu      sync.Mutex
	filters map[string]struct{} // ids of the installed filters
	symKeys map[string][]byte   // password -> derived key
}

// start brings the node up.
func start(o options, out *json.Encoder) (*peer, error) {
	log.Root().SetHandler(log.DiscardHandler())
	if o.verbose {
		log.Root().SetHandler(log.StreamHandler(os.Stderr, log.LogfmtFormat()))
	}
	key, err := nodeKey(o.key)
	if err != nil {
		return nil, err
	}
	p := &peer{
		out:     out,
		quit:    make(chan struct{}),
		filters: map[string]struct{}{},
		symKeys: map[string][]byte{},
	}
	if err := p.startWhisper(o, key); err != nil {
		return nil, err
	}
	p.work.Add(1)
	go p.deliver()
	return p, nil
}

func nodeKey(text string) (*ecdsa.PrivateKey, error) {
	if text == "" {
		return crypto.GenerateKey()
	}
	return privateKey(text)
}

func (p *peer) startWhisper(o options, key *ecdsa.PrivateKey) error {
	p.shh = shh.StandaloneWhisperService(&shh.Config{
		MaxMessageSize:                        shh.DefaultMaxMessageSize,
		MinimumAcceptedPOW:                    o.minPoW,
		RestrictConnectionBetweenLightClients: true,
	})
	p.shh.SetMinimumPowTest(o.minPoW)
	if o.light {
		p.shh.SetLightClientMode(true)
		if err := p.shh.SetBloomFilter(make([]byte, shh.BloomFilterSize)); err != nil {
			return err
		}
	}
	if o.mail {
		p.shh.RegisterServer(&mailServer{peer: p, archived: map[common.Hash]*shh.Envelope{}})
	}
	p.server = &p2p.Server{Config: p2p.Config{
		PrivateKey: key, MaxPeers: o.maxPeers, Name: "shhpeer/go-ethereum-1.9.20", ListenAddr: o.addr,
		Protocols: p.shh.Protocols(), NoDiscovery: true,
	}}
	if err := p.server.Start(); err != nil {
		return err
	}
	p.watch()
	return p.shh.Start()
}

// watch prints when peers come and go.
func (p *peer) watch() {
	events := make(chan *p2p.PeerEvent, 64)
	p.events = p.server.SubscribeEvents(events)
	p.work.Add(1)
	go func() {
		defer p.work.Done()
		for {
			select {
			case e := <-events:
				p.print(object{"event": "peer", "type": string(e.Type), "peer": e.Peer.String(), "error": e.Error})
			case <-p.quit:
				return
			}
		}
	}()
}

// stop ends what peers see. The Whisper node's own Stop would wait ten seconds for timers of its settings; the process
// ends instead.
func (p *peer) stop() {
	p.server.Stop()
	close(p.quit)
	p.work.Wait()
	p.events.Unsubscribe()
}

// object is a line of output.
type object map[string]any

func (p *peer) print(v object) {
	p.outMu.Lock()
	defer p.outMu.Unlock()
	_ = p.out.Encode(v) // a closed output means that the driver is gone: nothing to do
}

// info describes the node; event is empty in answers.
func (p *peer) info(event string) object {
	o := object{
		"enode":      p.server.Self().URLv4(),
		"nodeID":     p.server.Self().ID().String(),
		"listenAddr": p.server.ListenAddr,
		"minPoW":     p.shh.MinPow(),
		"light":      p.shh.LightClientMode(),
		"bloom":      hex.EncodeToString(p.shh.BloomFilter()),
		"peerCount":  p.server.PeerCount(),
		"pool":       len(p.shh.Envelopes()),
	}
	if event != "" {
		o["event"] = event
	}
	return o
}
