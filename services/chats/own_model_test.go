package chats

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"sotto/node/identity"
)

// TestDevicesAgreeInTheEnd lets three devices of a person do things about somebody and a channel at the same time, on a network
// that loses, doubles and reorders. In the end all of them show the same.
func TestDevicesAgreeInTheEnd(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue { // each takes a quarter of a second
		must(0, flag.Set("rapid.checks", "30"))(t)
		defer func() { must(0, flag.Set("rapid.checks", checks.DefValue))(t) }()
	}
	synctest.Test(t, func(t *testing.T) {
		one, two, three := newMachine(t, "ann", false), newMachine(t, "ann", true), newMachine(t, "ann", true)
		all := []*machine{one, two, three}
		defer closeAll(all...)
		pair(t, one, two, three)
		pair(t, one, three, two)
		pair(t, two, three, one)
		round := 0
		rapid.Check(undated{t}, func(r *rapid.T) {
			round++
			friend := newKey(fmt.Sprint("friend ", round))
			about := subject{identity.KeyOf(&friend.PublicKey).String(), fmt.Sprint("channel-", round)}
			for range rapid.IntRange(1, 12).Draw(r, "steps") {
				m := all[rapid.IntRange(0, 2).Draw(r, "device")]
				m.does(rapid.SampledFrom(deeds).Draw(r, "deed"), about)
				if rapid.Bool().Draw(r, "carried") {
					carryBadly(r, all)
				}
				pass(time.Duration(rapid.IntRange(0, 3).Draw(r, "ms")) * time.Millisecond)
			}
			among(all...)
			for n := 0; one.owes()+two.owes()+three.owes() > 0; n++ {
				if n == 500 {
					r.Fatalf("not acknowledged: %d, %d, %d; refused %v", one.owes(), two.owes(), three.owes(), one.Counts().Refused)
				}
				pass(40 * time.Second)
				among(all...)
			}
			first := one.shows(about)
			for _, m := range all[1:] {
				if got := m.shows(about); got != first {
					r.Fatalf("one shows\n%s\nanother\n%s", first, got)
				}
			}
		})
	})
}

// undated is a test without a deadline, which nobody may ask for in a bubble.
type undated struct{ testing.TB }

// subject is whom and what the devices are about.
type subject struct{ person, channel string }

var deeds = []string{"add", "remove", "block", "unblock", "nickname", "verify", "write", "join", "leave", "mute", "loud"}

// does does something, where it can be done as things stand.
func (m *machine) does(deed string, s subject) {
	ctx := m.t.Context()
	var err error
	switch deed {
	case "add":
		_, err = m.contacts.Add(ctx, s.person)
	case "remove":
		_, err = m.contacts.Remove(ctx, s.person)
	case "block":
		_, err = m.contacts.Block(ctx, s.person)
	case "unblock":
		_, err = m.contacts.Unblock(ctx, s.person)
	case "nickname":
		_, err = m.contacts.SetNickname(ctx, s.person, "of "+m.id()[:4])
	case "verify":
		code, _ := m.contacts.Code(ctx, s.person)
		_, err = m.contacts.Verify(ctx, s.person, code)
	case "write":
		if _, err = m.OpenPrivate(ctx, s.person); err == nil {
			_, err = m.Send(ctx, s.person, "text", "")
		}
	case "join":
		_, err = m.JoinPublic(ctx, s.channel)
	case "leave":
		err = m.Leave(ctx, s.channel)
	case "mute":
		err = m.SetMuted(ctx, s.channel, true)
	case "loud":
		err = m.SetMuted(ctx, s.channel, false)
	}
	_ = err // that it cannot be done now is a deed, too
}

// carryBadly carries what was posted in any order, some of it twice and some not at all.
func carryBadly(r *rapid.T, all []*machine) {
	settle()
	type parcel struct {
		posted
		to *machine
	}
	var parcels []parcel
	for _, from := range all {
		list := from.node.posts()[from.carried:]
		from.carried += len(list)
		for _, p := range list {
			p.observe(Outcome{Kind: AcceptedBy, Peer: "enode://relay"})
			for _, to := range all {
				if to == from {
					continue
				}
				for range rapid.SampledFrom([]int{1, 1, 0, 2}).Draw(r, "copies") {
					parcels = append(parcels, parcel{p, to})
				}
			}
		}
	}
	var order []int
	for n := range parcels {
		order = append(order, n)
	}
	for _, n := range rapid.Permutation(order).Draw(r, "order") {
		parcels[n].to.node.take(parcels[n].posted, "relay")
	}
	settle()
}

// shows is all that a device shows of a subject, in words.
func (m *machine) shows(s subject) string {
	m.t.Helper()
	c := must(m.contacts.Get(m.t.Context(), s.person))(m.t)
	words := []string{fmt.Sprint(c.State, c.Nickname, c.Verified)}
	for _, id := range []string{s.person, s.channel} {
		chat, err := m.Get(m.t.Context(), id)
		if err != nil {
			words = append(words, "not listed")
			continue
		}
		words = append(words, fmt.Sprint("listed, muted ", chat.Muted))
	}
	words = append(words, fmt.Sprint("listens ", m.open.hears(s.channel)))
	if slices.Contains(m.listed(), s.person) {
		words = append(words, fmt.Sprint(m.texts(s.person)))
	}
	return strings.Join(words, ", ")
}
