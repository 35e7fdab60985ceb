package mailserver_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/mailserver"
	"sotto/node/mailserver/mailtest"
	"sotto/node/whisper"
)

// deaf is a node whose peers at one address do not read: what is written to them holds who writes until the end.
type deaf struct {
	ask func(enode.ID, whisper.Request)
	end chan struct{}

	mu   sync.Mutex
	held int             // writers at a time
	most int             // of them
	told map[byte]string // first byte of a peer's id: why it got no answer
}

const deafHost = 99 // first byte of the ids of those that do not read

func (d *deaf) Now() time.Time                                   { return time.Now() }
func (d *deaf) OnRequest(handle func(enode.ID, whisper.Request)) { d.ask = handle }
func (d *deaf) SendDirectRaw(enode.ID, [][]byte, bool) error     { return nil }
func (d *deaf) Peer(id enode.ID) (p whisper.PeerInfo, there bool) {
	p.Addr = fmt.Sprintf("45.10.0.%d:30303", id[0])
	return p, true
}
func (d *deaf) SendComplete(to enode.ID, c whisper.RequestComplete) error {
	d.mu.Lock()
	d.told[to[0]] = *c.Failure
	if to[0] != deafHost {
		d.mu.Unlock()
		return nil
	}
	d.held++
	d.most = max(d.most, d.held)
	d.mu.Unlock()
	<-d.end
	d.mu.Lock()
	d.held--
	d.mu.Unlock()
	return nil
}

// TestAnAddressHasItsShare: however many peers of one address ask and do not read, those of others are answered, and when
// theirs read again, each of them is.
func TestAnAddressHasItsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := &deaf{end: make(chan struct{}), told: map[byte]string{}}
		s, err := mailserver.NewServer(mailserver.ServerConfig{Archive: mailtest.NewArchive(), Workers: 8, RequestsPerIP: 1000})
		if err != nil {
			t.Fatal(err)
		}
		s.Start(node)
		defer s.Stop()
		const greedy = 30
		for n := range byte(greedy) {
			for range 2 {
				node.ask(enode.ID{deafHost, n}, whisper.Request{Envelope: []byte{0xc0, n}})
			}
		}
		synctest.Wait()
		for host := range byte(5) {
			node.ask(enode.ID{host}, whisper.Request{Envelope: []byte{0xc0}})
		}
		synctest.Wait()
		if node.most != 2 {
			t.Errorf("one address holds %d of 8 workers", node.most)
		}
		for host := range byte(5) {
			if node.told[host] == "" {
				t.Errorf("a peer of address %d was not answered", host)
			}
		}
		close(node.end)
		synctest.Wait()
		if got := s.Stats().Failures[mailserver.ReasonMalformed]; got != 2*greedy+5 {
			t.Errorf("%d requests were answered, not %d", got, 2*greedy+5)
		}
	})
}
