package mailserver_test

import (
	"crypto/ecdsa"
	"encoding/binary"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"go.uber.org/goleak"

	"sotto/node/mailserver"
	"sotto/node/mailserver/mailtest"
	"sotto/node/whisper"
	"sotto/node/whisper/whispertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	topicA, topicB = whisper.TopicOf("a"), whisper.TopicOf("b")
	// line delays packets, so that who writes does not wait for who reads.
	line = whispertest.Conditions{Delay: time.Millisecond}
)

// passwordKey takes long to derive.
var passwordKey = sync.OnceValue(func() whisper.SymKey { return whisper.SymKeyOf(mailserver.DefaultPassword) })

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func startNode(t testing.TB, cfg whisper.Config) *whisper.Whisper {
	t.Helper()
	w := whisper.New(cfg)
	w.Start()
	t.Cleanup(w.Stop)
	return w
}

// rig is a mailserver on a node and a client on another, connected. It lives in a synctest bubble.
type rig struct {
	network *whispertest.Network
	archive *mailtest.Archive
	server  *mailserver.Server
	node    *whisper.Whisper // of the server
	peer    *whisper.Whisper // of the client
	client  *mailserver.Client
	from    time.Time // when the oldest envelopes of history were sent
}

func newRig(t *testing.T, change ...func(*mailserver.ServerConfig)) *rig {
	t.Helper()
	r := &rig{network: whispertest.New(1), archive: mailtest.NewArchive(), from: time.Now().Add(-time.Hour)}
	cfg := mailserver.ServerConfig{Archive: r.archive, Key: newKey(t)}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if r.server, err = mailserver.NewServer(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.server.Stop)
	r.node = startNode(t, whisper.Config{Confirmations: true, Keep: r.server.Keep, Retention: r.server.Retention(), MinPoW: -1})
	r.server.Start(r.node)
	r.peer = startNode(t, whisper.Config{MinPoW: -1})
	r.client = mailserver.NewClient(mailserver.ClientConfig{Whisper: r.peer, Key: newKey(t)})
	t.Cleanup(r.client.Close)
	t.Cleanup(r.network.Close)
	r.network.Connect(r.peer, r.node, line)
	time.Sleep(10 * time.Millisecond)
	synctest.Wait()
	return r
}

func (r *rig) id() enode.ID { return r.network.ID(r.node) }

// history is envelopes that nobody can open, one each second, all different, alternating between two topics.
func (r *rig) history(n, size int) []*whisper.Envelope {
	all := make([]*whisper.Envelope, n)
	for i := range all {
		data := make([]byte, size)
		binary.BigEndian.PutUint64(data, uint64(i))
		all[i] = &whisper.Envelope{Expiry: uint32(r.from.Unix()) + uint32(i/4) + 15, TTL: 15, Topic: topicA, Data: data}
		if i%2 == 1 {
			all[i].Topic = topicB
		}
	}
	return all
}

// ask is for everything up to now on topics.
func (r *rig) ask(topics ...whisper.Topic) mailserver.Ask {
	return mailserver.Ask{Lower: uint32(r.from.Unix()), Upper: uint32(time.Now().Unix()), Topics: topics}
}

func (r *rig) failures(reason mailserver.Reason) uint64 { return r.server.Stats().Failures[reason] }
