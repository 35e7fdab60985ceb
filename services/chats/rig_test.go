package chats

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"go.uber.org/goleak"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/ingest"
	"sotto/services/pairwise"
	"sotto/services/stored"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("SOTTO_TEST_SENDER"); dir != "" {
		sendForEver(dir)
	}
	goleak.VerifyTestMain(m)
}

// newKey is a fixed key per name: tests repeat exactly.
func newKey(name string) *ecdsa.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	key, err := crypto.ToECDSA(seed[:])
	if err != nil {
		panic(err)
	}
	return key
}

// lifetime of the envelopes of fakeNode.
const lifetime = 15 * time.Second

// posted is an envelope in a fakeNode's pool.
type posted struct {
	Sealed
	at      time.Time
	channel Channel
	to      *ecdsa.PublicKey // set where it is encrypted to a key
	payload []byte
	signer  *ecdsa.PrivateKey
	observe func(Outcome)
}

// delivery is the envelope as the subscriptions of another node open it.
func (p posted) delivery(from string) Delivery {
	return Delivery{Hash: p.Hash, Payload: p.payload, Signer: &p.signer.PublicKey, Sent: p.at.Truncate(time.Second), Peer: from}
}

// fakeNode is a Transport in memory. What is posted stands in pool; the test says what becomes of it.
type fakeNode struct {
	mu     sync.Mutex
	peers  int
	sealed map[[32]byte]posted
	pool   []posted
	subs   map[Channel][]func(Delivery)
	own    map[[4]byte]func(Delivery) // what is encrypted to our key, by topic
	key    *ecdsa.PublicKey
	sealer func() error // fails a Seal, if set
	poster func() error // fails a Post, if set
	offset time.Duration

	stopped time.Time // at which the clock stands still, if set
}

func newNode(peers int) *fakeNode {
	return &fakeNode{peers: peers, sealed: make(map[[32]byte]posted), subs: make(map[Channel][]func(Delivery)), own: make(map[[4]byte]func(Delivery))}
}

func (n *fakeNode) Subscribe(ch Channel, handle func(Delivery)) (func(), error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.subs[ch] = append(n.subs[ch], handle)
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.subs, ch)
	}, nil
}

func (n *fakeNode) SubscribePrivate(topic [4]byte, key *ecdsa.PrivateKey, handle func(Delivery)) (func(), error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.own[topic], n.key = handle, &key.PublicKey
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.own, topic)
	}, nil
}

func (n *fakeNode) Seal(_ context.Context, ch Channel, payload []byte, signer *ecdsa.PrivateKey) (Sealed, error) {
	return n.seal(posted{channel: ch, payload: payload, signer: signer})
}

func (n *fakeNode) SealTo(_ context.Context, topic [4]byte, to *ecdsa.PublicKey, payload []byte, signer *ecdsa.PrivateKey) (Sealed, error) {
	return n.seal(posted{channel: Channel{Topic: topic}, to: to, payload: payload, signer: signer})
}

func (n *fakeNode) seal(p posted) (Sealed, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sealer != nil {
		if err := n.sealer(); err != nil {
			return Sealed{}, err
		}
	}
	p.Sealed = Sealed{Hash: sha256.Sum256(binary.BigEndian.AppendUint32(slices.Clone(p.payload), uint32(len(n.sealed)))), Expires: n.now().Add(lifetime)}
	p.at = n.now()
	n.sealed[p.Hash] = p
	return p.Sealed, nil
}

func (n *fakeNode) Post(s Sealed, observe func(Outcome)) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.poster != nil {
		if err := n.poster(); err != nil {
			return err
		}
	}
	p := n.sealed[s.Hash]
	p.observe = observe
	n.pool = append(n.pool, p)
	return nil
}

func (n *fakeNode) Peers() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.peers
}

func (n *fakeNode) now() time.Time {
	if !n.stopped.IsZero() {
		return n.stopped
	}
	return time.Now().Add(n.offset)
}

func (n *fakeNode) Now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now()
}

// posts is what was posted so far.
func (n *fakeNode) posts() []posted {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.pool)
}

// set changes the node while others use it.
func (n *fakeNode) set(change func(*fakeNode)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(n)
}

// channels are those with subscriptions, but for our own contact code.
func (n *fakeNode) channels() []Channel {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := slices.Collect(maps.Keys(n.subs))
	if n.key == nil {
		return list
	}
	code := whisper.TopicOf(secure.ContactCodeTopic(identity.KeyOf(n.key)))
	return slices.DeleteFunc(list, func(ch Channel) bool { return ch.Topic == code })
}

// take hands an envelope to whoever listens for it here, and says whether anybody does.
func (n *fakeNode) take(p posted, from string) bool {
	if p.to == nil {
		return n.deliver(p.channel, p.delivery(from))
	}
	n.mu.Lock()
	handle := n.own[p.channel.Topic]
	mine := n.key != nil && n.key.Equal(p.to)
	n.mu.Unlock()
	if handle == nil || !mine {
		return false
	}
	handle(p.delivery(from))
	return true
}

// deliver hands a delivery to the subscriptions of a channel and says whether there is one.
func (n *fakeNode) deliver(ch Channel, d Delivery) bool {
	n.mu.Lock()
	handlers := slices.Clone(n.subs[ch])
	n.mu.Unlock()
	for _, handle := range handlers {
		handle(d)
	}
	return len(handlers) > 0
}

// log collects what is published.
type log struct {
	mu   sync.Mutex
	list []event.Event
}

func (l *log) Publish(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, e)
}

// take empties the log.
func (l *log) take() []event.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}

// kinds of events that have come, in order.
func (l *log) kinds() (kinds []event.Kind) {
	for _, e := range l.take() {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// desk is one person's account: a real encrypted store, the service, a node in memory.
type desk struct {
	*Service
	t     testing.TB
	dir   string
	key   *ecdsa.PrivateKey
	node  *fakeNode
	log   *log
	store *models.Store

	derive func(string) [32]byte // of keys of topics; nil: as people do
}

// newDesk opens a desk that is attached; the test closes it.
func newDesk(t testing.TB, name string, peers int) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), key: newKey(name), node: newNode(peers)}
	d.start()
	return d
}

func (d *desk) start() {
	d.t.Helper()
	var err error
	if d.store, err = models.Open(filepath.Join(d.dir, "a.db"), [32]byte{1}); err != nil {
		d.t.Fatal(err)
	}
	d.log = new(log)
	d.Service = New(Config{Events: d.log, Derive: d.derive})
	d.codePublished()
	if err := d.Attach(context.Background(), accountOf(d.t, d.store, d.node, d.key)); err != nil {
		d.t.Fatal(err)
	}
}

// codePublished keeps our contact code, which would be published minutes after the start, out of what is posted.
func (d *desk) codePublished() {
	d.t.Helper()
	err := d.store.Update(context.Background(), func(tx *models.Tx) error {
		return tx.SetSetting(settingCode, strconv.AppendInt(nil, d.node.Now().UnixMilli(), 10))
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// accountOf is what the session lends to the service.
func accountOf(t testing.TB, store stored.Store, node *fakeNode, key *ecdsa.PrivateKey) Account {
	t.Helper()
	return must(lend(store, node, key))(t)
}

func lend(store stored.Store, node *fakeNode, key *ecdsa.PrivateKey) (Account, error) {
	pair, err := pairwise.Open(context.Background(), pairwise.Config{Store: store, Key: key, Rand: rand.Reader, Now: node.Now})
	return Account{Store: store, Transport: node, Key: key, Pair: pair}, err
}

// close ends the desk's work as locking an account does.
func (d *desk) close() {
	d.Detach()
	if err := d.store.Close(); err != nil {
		d.t.Error(err)
	}
}

// restart ends the desk and starts it again on a new node, which has an empty pool.
func (d *desk) restart(peers int) {
	d.t.Helper()
	d.close()
	d.node = newNode(peers)
	d.start()
}

// online sets the number of peers and says so.
func (d *desk) online(peers int) {
	d.node.set(func(n *fakeNode) { n.peers = peers })
	d.NetworkChanged()
}

func (d *desk) join(name string) Chat {
	d.t.Helper()
	return must(d.JoinPublic(context.Background(), name))(d.t)
}

func (d *desk) say(chat, text string) Message {
	d.t.Helper()
	return must(d.Send(context.Background(), chat, text, ""))(d.t)
}

func (d *desk) messages(chat string) []Message {
	d.t.Helper()
	return must(d.Messages(context.Background(), chat, Page{Limit: 1000}))(d.t)
}

// texts are those of a chat, the oldest first.
func (d *desk) texts(chat string) (texts []string) {
	d.t.Helper()
	list := d.messages(chat)
	slices.Reverse(list)
	for _, m := range list {
		texts = append(texts, m.Text)
	}
	return texts
}

func (d *desk) message(id string) Message {
	d.t.Helper()
	return must(d.Message(context.Background(), id))(d.t)
}

// waiting is how many rows are in the outbox for messages of the list.
func (d *desk) waiting() (n int) {
	d.t.Helper()
	for _, m := range d.messages("lobby") {
		err := d.store.View(context.Background(), func(tx *models.Tx) error {
			row, err := messageRow(tx, m.ID)
			if err != nil {
				return err
			}
			if _, waits, err := tx.Outgoing(row.Row); waits || err != nil {
				n++
				return err
			}
			return nil
		})
		if err != nil {
			d.t.Fatal(err)
		}
	}
	return n
}

// refused is how many arrivals were refused for a reason.
func (d *desk) refused(reason ingest.Reason) uint64 { return d.Counts().Refused[reason] }

// carry hands everything that one desk posted to another, and says how much.
func carry(from, to *desk) int {
	list := from.node.posts()
	for _, p := range list {
		to.node.take(p, "relay")
	}
	return len(list)
}

// must is for calls that have to succeed.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantCode fails the test where err has another code.
func wantCode(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code || fault.Sentence(err) == "" {
		t.Errorf("got %v, want the code %s", err, code)
	}
}

// pass lets time go by in a synctest bubble.
func pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}

// settle waits until nobody has anything to do. Where two connections meet, SQLite sleeps for a moment, which
// synctest.Wait takes for idleness.
func settle() {
	pass(10 * time.Millisecond)
	synctest.Wait()
}

var errNo = errors.New("no")
