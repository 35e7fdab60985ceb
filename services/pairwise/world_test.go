package pairwise

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/node/secure/wire"
)

// each is how many devices a person has.
const each = 3

// world is two people, their devices, and what is on its way between them.
type world struct {
	open    func() books
	now     time.Time
	devices []*device
	way     []packet
	arrived []packet
	parted  bool // what one person sends does not reach the other
	texts   []*text
	had     map[reading]bool
	seats   map[string]*device // of every installation that there was
	tap

	unnoticed bool // that a device goes back to an older copy
}

// device is what somebody has at one seat: its database, and the installation that it is now.
type device struct {
	*world
	seat    int
	key     *ecdsa.PrivateKey
	rand    io.Reader
	books   books
	pair    *Pair
	backup  books // an older copy
	offline bool
	crashes bool // before the next commit

}

// packet is a private message on its way to a seat.
type packet struct {
	raw  []byte
	from identity.PublicKey
	by   string // installation of the sender
	sent time.Time
	seat int
}

// text is a message that somebody wrote.
type text struct {
	id        [32]byte
	words     string
	from      int // seat
	author    identity.PublicKey
	to        identity.PublicKey
	addressed []string // installations that it was for at first
}

// reading is that an installation has a text.
type reading struct {
	installation string
	id           [32]byte
}

func newWorld(t rapid.TB, open func() books) *world {
	w := &world{open: open, now: dawn, had: map[reading]bool{}, seats: map[string]*device{}, tap: newTap()}
	for seat := range 2 * each {
		w.devices = append(w.devices, w.device(t, seat))
	}
	w.pairUp(t, w.devices[0].self())
	w.pairUp(t, w.devices[each].self())
	for _, d := range w.devices {
		for _, other := range w.devices {
			d.learn(t, other)
		}
	}
	return w
}

// device sits down at a seat with nothing.
func (w *world) device(t rapid.TB, seat int) *device {
	person := []string{"ann", "bo"}[seat/each]
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte(person)))
	if err != nil {
		t.Fatal(err)
	}
	d := &device{world: w, seat: seat, key: key, books: w.open(),
		rand: rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, seat)))}
	d.books.Reopen(t)
	d.start(t, false)
	d.do(t, func(tx page) error { return tx.PutChat(&models.Chat{ID: 1, Kind: models.PrivateChat, Name: "all"}) })
	d.backup = d.books.Backup(t)
	return d
}

// start opens the installation that the database holds, or begins a new one.
func (d *device) start(t rapid.TB, anew bool) {
	d.do(t, func(tx page) (err error) {
		d.pair, err = open(tx, Config{Key: d.key, Rand: d.rand, Now: func() time.Time { return d.now }, Anew: anew})
		return err
	})
	d.seats[d.installation()] = d
}

func (d *device) self() identity.PublicKey { return identity.KeyOf(&d.key.PublicKey) }

func (d *device) installation() string { return d.pair.Installation() }

// others are somebody's devices besides this one.
func (d *device) others(who identity.PublicKey) (list []*device) {
	for _, other := range d.devices {
		if other != d && other.self() == who {
			list = append(list, other)
		}
	}
	return list
}

var errCrash = errors.New("crash")

// do runs a transaction and says whether it was committed: a device may crash at its end.
func (d *device) do(t rapid.TB, fn func(page) error) bool {
	err := d.books.Update(func(tx page) error {
		if err := fn(tx); err != nil {
			return err
		}
		if d.crashes {
			return errCrash
		}
		return nil
	})
	if errors.Is(err, errCrash) {
		d.crashes = false
		d.restart(t)
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	return true
}

// surely does it again after a crash.
func (d *device) surely(t rapid.TB, fn func(page) error) {
	for !d.do(t, fn) {
	}
}

func (d *device) restart(t rapid.TB) {
	d.books.Reopen(t)
	d.start(t, false)
}

// learn takes in a device's bundle, as from a contact code.
func (d *device) learn(t rapid.TB, other *device) {
	if d == other {
		return
	}
	var bundle []byte
	other.surely(t, func(tx page) (err error) {
		bundle, err = other.pair.Bundle(tx)
		return err
	})
	d.surely(t, func(tx page) error {
		_, err := d.pair.Learn(tx, bundle, other.self())
		return err
	})
}

// pairUp makes the devices of somebody known to each other and enabled, and those that they were before disabled.
func (w *world) pairUp(t rapid.TB, who identity.PublicKey) {
	var own []*device
	for _, d := range w.devices {
		if d.self() == who {
			own = append(own, d)
		}
	}
	for _, d := range own {
		for _, other := range own {
			d.learn(t, other)
		}
	}
	for _, d := range own {
		d.surely(t, func(tx page) error { return d.enable(tx, own) })
	}
}

func (d *device) enable(tx page, own []*device) error {
	known, err := tx.Installations(d.self())
	if err != nil {
		return err
	}
	for _, i := range known {
		lives := slices.ContainsFunc(own, func(o *device) bool { return o.installation() == i.ID })
		if i.Enabled == lives {
			continue
		}
		if err := d.pair.device.Enable(tx, i.ID, lives, d.now); err != nil {
			return err
		}
	}
	return nil
}

// write stores a text to somebody and queues it.
func (d *device) write(t rapid.TB, to identity.PublicKey) *text {
	d.now = d.now.Add(time.Second)
	words := fmt.Sprintf("text %d", len(d.texts)+1)
	said := &text{id: sha256.Sum256([]byte(words)), words: words, from: d.seat, author: d.self(), to: to}
	committed := d.do(t, func(tx page) error {
		row := d.row(said)
		row.Outgoing = true
		if _, err := tx.AddMessage(&row); err != nil {
			return err
		}
		sealed, err := d.pair.Send(tx, to, []byte(words), Ref{Message: row.Row, Chat: row.Chat})
		said.addressed = sealed.Installations
		return errors.Join(err, d.leavesNobodyOut(tx, to, sealed.Installations))
	})
	if committed {
		d.texts = append(d.texts, said)
		d.had[reading{d.installation(), said.id}] = true
	}
	return said
}

func (d *device) row(said *text) models.Message {
	return models.Message{ID: said.id[:], Chat: 1, Clock: uint64(d.now.UnixMilli()), Author: said.author[:], Text: said.words, ContentType: 1}
}

// leavesNobodyOut holds that a message goes to every device of its recipient that is in use and known here.
func (d *device) leavesNobodyOut(tx page, to identity.PublicKey, addressed []string) error {
	known, err := tx.Installations(to)
	if err != nil {
		return err
	}
	for _, other := range d.others(to) {
		is := slices.ContainsFunc(known, func(i secure.Installation) bool { return i.ID == other.installation() })
		if is && !slices.Contains(addressed, other.installation()) {
			return fmt.Errorf("%s leaves out %s, which it knows", d.name(), other.name())
		}
	}
	return nil
}

func (d *device) name() string {
	return fmt.Sprintf("%s %d (%.4s)", []string{"ann", "bo"}[d.seat/each], d.seat%each+1, d.installation())
}

// post sends what waits. Where nobody confirms, it stays and is sent again: the same bytes.
func (d *device) post(t rapid.TB, confirmed bool) int {
	if d.offline {
		return 0
	}
	var rows []models.Outgoing
	d.do(t, func(tx page) (err error) {
		if rows, err = tx.DueOutgoing(d.now.UnixMilli(), d.now.Add(time.Hour).UnixMilli(), 1000); err != nil {
			return err
		}
		for _, row := range rows {
			if err := d.listen(t, tx, row); err != nil {
				return err
			}
			if !confirmed {
				continue
			}
			if err := tx.RemoveOutgoingByID(row.ID); err != nil {
				return err
			}
		}
		return nil
	})
	for _, row := range rows {
		for _, other := range d.devices {
			if other != d {
				d.way = append(d.way, packet{row.Payload, d.self(), d.by(t, row.Payload), d.now, other.seat})
			}
		}
	}
	return len(rows)
}

// by is the installation that a message says it is from: that of before, where it was written then.
func (d *device) by(t rapid.TB, raw []byte) string {
	var m wire.ProtocolMessage
	if err := proto.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m.GetInstallationId()
}

// resend queues again what was not acknowledged in time.
func (d *device) resend(t rapid.TB) {
	if d.offline {
		return
	}
	d.do(t, func(tx page) error {
		_, err := d.pair.Resend(tx, 32)
		return err
	})
}

// healable is how old a message may be that makes a device ask for new sessions.
const healable = 48 * time.Hour

// take lets a device take in what comes to it, in one transaction, and do what conversations do with it.
func (d *device) take(t rapid.TB, packets ...packet) {
	d.now = d.now.Add(time.Second)
	var read [][32]byte
	committed := d.do(t, func(tx page) error {
		read = nil
		acks, heal := map[identity.PublicKey][]datasync.ID{}, map[identity.PublicKey]bool{}
		for _, p := range packets {
			if d.offline || d.parted && p.from != d.self() {
				continue
			}
			var got Received
			refused := tx.Savepoint(func() (err error) {
				got, err = d.unpack(tx, p, &read)
				return err
			})
			acks[p.from] = append(acks[p.from], got.Acks...)
			mends := []secure.Reason{secure.ReasonNoSession, secure.ReasonMAC, secure.ReasonGap, secure.ReasonNotForDevice}
			switch reason := secure.ReasonOf(refused); {
			case slices.Contains(mends, reason):
				heal[p.from] = heal[p.from] || d.now.Sub(p.sent) < healable
			case refused != nil && !slices.Contains([]secure.Reason{secure.ReasonOwn, secure.ReasonForOthers, secure.ReasonPast, secure.ReasonNoBundle}, reason):
				return fmt.Errorf("%s refuses a message of %.4s: %w", d.name(), p.by, refused)
			}
		}
		return d.answer(tx, acks, heal)
	})
	if !committed {
		return
	}
	for _, id := range read {
		d.had[reading{d.installation(), id}] = true
	}
	d.arrived = append(d.arrived, packets...)
}

// unpack opens one message and files what is in it.
func (d *device) unpack(tx page, p packet, read *[][32]byte) (Received, error) {
	fresh, err := tx.MarkPayload(sha256.Sum256(p.raw), d.now.UnixMilli())
	if err != nil || !fresh {
		return Received{}, err
	}
	got, err := d.pair.Open(tx, p.raw, p.from, true)
	if err != nil {
		return Received{}, err
	}
	if got.Installation != p.by || len(got.Refused) > 0 {
		return Received{}, fmt.Errorf("from %s, want %s, refused %v", got.Installation, p.by, got.Refused)
	}
	for _, body := range got.Bodies {
		if err := d.file(tx, p, body); err != nil {
			return Received{}, err
		}
		*read = append(*read, sha256.Sum256(body.Wrapped))
	}
	for _, delivery := range got.Delivered {
		if err := d.delivered(tx, delivery); err != nil {
			return Received{}, err
		}
	}
	return got, nil
}

func (d *device) file(tx page, p packet, body Body) error {
	at := slices.IndexFunc(d.texts, func(said *text) bool { return said.words == string(body.Wrapped) })
	if at < 0 || d.texts[at].author != p.from {
		return fmt.Errorf("%s reads %q, which %x did not write", d.name(), body.Wrapped, p.from[1:5])
	}
	row := d.row(d.texts[at])
	fresh, err := tx.AddMessage(&row)
	if err == nil && !fresh {
		err = fmt.Errorf("%s reads %q twice", d.name(), body.Wrapped)
	}
	return err
}

func (d *device) delivered(tx page, to datasync.Delivery) error {
	row, found, err := tx.MessageAt(to.Ref)
	if err != nil || !found {
		return errors.Join(err, fmt.Errorf("%s: a message that is not here was delivered", d.name()))
	}
	if !d.had[reading{to.Installation, [32]byte(row.ID)}] {
		return fmt.Errorf("%q counts as delivered to %.4s, which does not have it", row.Text, to.Installation)
	}
	if _, err := tx.RemoveOutgoing(row.Row); err != nil {
		return err
	}
	_, err = tx.AddStep(&models.Step{Message: row.Row, State: models.Delivered, Who: to.Installation})
	return err
}

// answer stores what the senders of a batch are told.
func (d *device) answer(tx page, acks map[identity.PublicKey][]datasync.ID, heal map[identity.PublicKey]bool) error {
	for _, who := range []identity.PublicKey{d.devices[0].self(), d.devices[each].self()} {
		if len(acks[who]) > 0 {
			if err := d.pair.Acknowledge(tx, who, acks[who]); err != nil {
				return err
			}
		}
		if heal[who] {
			if _, err := d.pair.Heal(tx, who); err != nil {
				return err
			}
		}
	}
	return nil
}

// restore puts an older copy of its folder in a device's place. The program notices, begins a new installation, and the
// person pairs it; where it does not notice, it goes on as if nothing had been since.
func (d *device) restore(t rapid.TB) {
	d.now = d.now.Add(time.Second)
	d.books.Close(t)
	d.books = d.backup.Backup(t)
	d.books.Reopen(t)
	d.crashes = false
	d.start(t, !d.unnoticed)
	if d.unnoticed {
		return
	}
	d.do(t, func(tx page) error {
		for _, said := range d.texts {
			if _, found, err := tx.Message(said.id[:]); err != nil {
				return err
			} else if found {
				d.had[reading{d.installation(), said.id}] = true
			}
		}
		return nil
	})
	d.pairUp(t, d.self())
}

// met makes everybody have written to everybody, and everybody have a copy of then.
func (w *world) met(t rapid.TB) {
	w.cross(t)
	w.quiet(t)
	w.backUp(t)
}

func (w *world) backUp(t rapid.TB) {
	for _, d := range w.devices {
		d.backup = d.books.Backup(t)
	}
}
