package probe

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/discover"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"go.uber.org/goleak"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/node/whisper"
)

// The database in memory that discovery asks for looks once in half a minute whether it is closed.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"))
}

func key(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// running is a node on loopback whose clock is ahead by so much.
func running(t *testing.T, cfg node.Config) (*node.Node, *enode.Node) {
	t.Helper()
	cfg.Key, cfg.Listen = key(t), "127.0.0.1:0"
	n, err := node.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Stop)
	return n, parse(t, n.Status().Enode)
}

func parse(t *testing.T, url string) *enode.Node {
	t.Helper()
	n, err := overlay.ParseEnode(url)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestANodeThatIsThere(t *testing.T) {
	ahead := func() time.Time { return time.Now().Add(40 * time.Second) }
	keep := func(_ []whisper.Kept, done func(error)) { done(nil) }
	_, at := running(t, node.Config{Name: "Relay", Now: ahead, Retention: 24 * time.Hour, Whisper: whisper.Config{
		MinPoW: 0.001, Confirmations: true, Keep: keep,
	}})
	r, err := Node(t.Context(), at, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Name != "Relay" || r.RTT <= 0 || !r.TellsTime || r.PoW != 0.001 || r.Light || r.Keeps != 24*time.Hour || r.Mail != NotAsked {
		t.Errorf("found %+v", r)
	}
	if off := r.Ahead - 40*time.Second; off.Abs() > 5*time.Second {
		t.Errorf("its clock is said to be %v ahead", r.Ahead)
	}
}

// TestMail: a mailserver is told by what it answers, and not by what a link says.
func TestMail(t *testing.T) {
	failure := "no\x1b[31m"
	for name, test := range map[string]struct {
		answer func(q *whisper.OpenRequest) []whisper.RequestComplete
		want   Mail
	}{
		"answers": {func(q *whisper.OpenRequest) []whisper.RequestComplete { return []whisper.RequestComplete{{ID: q.ID}} }, Answered},
		"answers another first": {func(q *whisper.OpenRequest) []whisper.RequestComplete {
			return []whisper.RequestComplete{{ID: whisper.Hash{1}, Failure: &failure}, {ID: q.ID}}
		}, Answered},
		"refuses": {func(q *whisper.OpenRequest) []whisper.RequestComplete {
			return []whisper.RequestComplete{{ID: q.ID, Failure: &failure}}
		}, Refused},
	} {
		t.Run(name, func(t *testing.T) {
			n, at := running(t, node.Config{})
			w := n.Whisper()
			w.OnRequest(func(from enode.ID, q whisper.Request) {
				for _, c := range test.answer(q.Open) {
					if err := w.SendComplete(from, c); err != nil {
						t.Error(err)
					}
				}
			})
			r, err := Node(t.Context(), at, Config{Mail: true})
			if err != nil || r.Mail != test.want {
				t.Errorf("found %+v, %v", r, err)
			}
		})
	}
}

func failsAt(t *testing.T, step Step, err error) {
	t.Helper()
	f, ok := errors.AsType[*Failure](err)
	if !ok || f.Step != step {
		t.Errorf("got %v, want a failure of step %s", err, step)
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	_, at := running(t, node.Config{})
	other := enode.NewV4(&key(t).PublicKey, at.IP(), at.TCP(), 0)

	_, err := Node(t.Context(), other, Config{})
	failsAt(t, Handshake, err)

	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := enode.NewV4(at.Pubkey(), net.IPv4(127, 0, 0, 1), ln.Addr().(*net.TCPAddr).Port, 0)
	ln.Close()
	_, err = Node(t.Context(), gone, Config{})
	failsAt(t, Connect, err)

	_, err = Node(t.Context(), at.WithHostname("nothing.invalid"), Config{})
	failsAt(t, Resolve, err)
}

// serve is a bare devp2p node.
func serve(t *testing.T, protocols []p2p.Protocol) *enode.Node {
	t.Helper()
	s := &p2p.Server{Config: p2p.Config{
		PrivateKey: key(t), MaxPeers: 2, ListenAddr: "127.0.0.1:0", NoDiscovery: true, Protocols: protocols, Name: "other",
	}}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	addr := s.Self()
	return enode.NewV4(&s.PrivateKey.PublicKey, net.IPv4(127, 0, 0, 1), addr.TCP(), 0)
}

func TestNodesThatAreNoWhisperNodes(t *testing.T) {
	idle := func(_ *p2p.Peer, rw p2p.MsgReadWriter) error {
		for {
			m, err := rw.ReadMsg()
			if err != nil {
				return err
			}
			if err := m.Discard(); err != nil {
				return err
			}
		}
	}
	at := serve(t, []p2p.Protocol{{Name: "eth", Version: 68, Length: 20, Run: idle}})
	_, err := Node(t.Context(), at, Config{})
	if err == nil {
		t.Fatal("a node without Whisper passed")
	}
	f, ok := errors.AsType[*Failure](err)
	if !ok || f.Step != Whisper && f.Step != Hello {
		t.Errorf("got %v", err)
	}

	garbage := func(_ *p2p.Peer, rw p2p.MsgReadWriter) error {
		if err := p2p.Send(rw, whisper.CodeStatus, "no status"); err != nil {
			return err
		}
		return idle(nil, rw)
	}
	at = serve(t, []p2p.Protocol{{Name: whisper.ProtocolName, Version: whisper.ProtocolVersion, Length: 128, Run: garbage}})
	_, err = Node(t.Context(), at, Config{})
	failsAt(t, Whisper, err)
}

// TestSilence: something that takes connections and says nothing does not hold anybody up.
func TestSilence(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		fd, err := new(net.Dialer).DialContext(ctx, network, address)
		cancel(enough)
		return fd, err
	}
	at := enode.NewV4(&key(t).PublicKey, net.IPv4(127, 0, 0, 1), ln.Addr().(*net.TCPAddr).Port, 0)
	_, err = Node(ctx, at, Config{Dial: dial})
	failsAt(t, Handshake, err)
	if !errors.Is(err, enough) {
		t.Errorf("got %v, want the reason of the end", err)
	}
}

// TestBoot: whoever has the key answers; nobody else passes for it.
func TestBoot(t *testing.T) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	k := key(t)
	db, err := enode.OpenDB("")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	local := enode.NewLocalNode(db, k)
	local.SetStaticIP(net.IPv4(127, 0, 0, 1))
	disc, err := discover.ListenV5(conn, local, discover.Config{PrivateKey: k})
	if err != nil {
		t.Fatal(err)
	}
	defer disc.Close()
	port := conn.LocalAddr().(*net.UDPAddr).Port
	took, err := Boot(t.Context(), enode.NewV4(&k.PublicKey, net.IPv4(127, 0, 0, 1), 1, port), Config{})
	if err != nil || took <= 0 {
		t.Errorf("got %v, %v", took, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Boot(ctx, enode.NewV4(&key(t).PublicKey, net.IPv4(127, 0, 0, 1), 1, port), Config{})
	failsAt(t, Connect, err)
}
