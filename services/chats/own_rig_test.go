package chats

import (
	"context"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"sotto/models"
	"sotto/services/devices"
)

// machine is a person at one of their computers.
type machine struct {
	*person
	devices *devices.Service
}

// newMachine sets an account up on a computer; fresh says that it was recovered there.
func newMachine(t testing.TB, name string, fresh bool) *machine {
	t.Helper()
	cheap := func(name string) [32]byte { return sha256.Sum256([]byte(name)) }
	d := &desk{t: t, dir: t.TempDir(), key: newKey(name), node: newNode(1), derive: cheap}
	d.start()
	m := &machine{person: &person{desk: d}}
	m.meet()
	m.equip(fresh)
	return m
}

// equip lends the open account to the devices service.
func (m *machine) equip(fresh bool) {
	m.t.Helper()
	m.devices = devices.New(m.log)
	circle := m.open.Circle
	must(0, m.devices.Attach(context.Background(), devices.Account{Store: m.store, Pair: m.open.Pair, Circle: circle, Fresh: fresh,
		Changed: m.ContactsChanged}))(m.t)
}

// id is the installation's.
func (m *machine) id() string { return m.open.Pair.Installation() }

// known lists the devices.
func (m *machine) known() []devices.Device {
	m.t.Helper()
	return must(m.devices.List(context.Background()))(m.t)
}

// sees is how a device shows another one.
func (m *machine) sees(other *machine) devices.Device {
	m.t.Helper()
	list := m.known()
	at := slices.IndexFunc(list, func(d devices.Device) bool { return d.ID == other.id() })
	if at < 0 {
		m.t.Fatalf("%s does not know of %s", m.id(), other.id())
	}
	return list[at]
}

// among carries everything between many until nobody posts any more.
func among(all ...*machine) {
	for {
		settle()
		some := false
		for _, from := range all {
			list := from.node.posts()[from.carried:]
			from.carried += len(list)
			for _, post := range list {
				some = true
				for _, to := range all {
					if to != from {
						to.node.take(post, "relay")
					}
				}
				post.observe(Outcome{Kind: AcceptedBy, Peer: "enode://relay"})
			}
		}
		if !some {
			return
		}
	}
}

// pair lets two devices of a person announce themselves and enables each on the other.
func pair(t testing.TB, one, two *machine, rest ...*machine) {
	t.Helper()
	all := append([]*machine{one, two}, rest...)
	must(0, one.devices.Announce(context.Background()))(t)
	must(0, two.devices.Announce(context.Background()))(t)
	among(all...)
	must(one.devices.Enable(context.Background(), two.id()))(t)
	among(all...)
	must(two.devices.Enable(context.Background(), one.id()))(t)
	among(all...)
}

// closeAll ends them.
func closeAll(all ...*machine) {
	for _, m := range all {
		m.devices.Detach()
		m.close()
	}
}

// befriend makes contacts of a device's person and somebody else.
func befriend(t testing.TB, m, friend *machine, rest ...*machine) {
	t.Helper()
	all := append([]*machine{m, friend}, rest...)
	must(m.contacts.Add(context.Background(), must(friend.contacts.Link(context.Background()))(t)))(t)
	must(friend.contacts.Add(context.Background(), m.self()))(t)
	among(all...)
}

// unread is how many messages of a chat were not looked at.
func (m *machine) unread(chat string) int {
	m.t.Helper()
	return must(m.Get(context.Background(), chat))(m.t).Unread
}

// listed are the ids of the chats on the list, in order.
func (m *machine) listed() (ids []string) {
	m.t.Helper()
	for _, c := range must(m.List(context.Background()))(m.t) {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return ids
}

// owes is how many messages of a device its person's others have not acknowledged.
func (m *machine) owes() (n int) {
	m.t.Helper()
	err := m.store.View(context.Background(), func(tx *models.Tx) error {
		list, err := tx.SendingsTo(key(m.person))
		n = len(list)
		return err
	})
	return must(n, err)(m.t)
}

// wait lets time pass in steps in which an envelope would live.
func wait(d time.Duration, all ...*machine) {
	for ; d > 0; d -= 10 * time.Second {
		among(all...)
		pass(10 * time.Second)
	}
	among(all...)
}
