package chats

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
	"sotto/services/contacts"
	"sotto/services/event"
	"sotto/services/fault"
)

// TestPairing goes the way of a person who recovers their account on a second computer: the new device announces itself, the
// other answers, both show the same code, and when both are enabled the new one gets what there is.
func TestPairing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, bo := newMachine(t, "ann", false), newMachine(t, "bo", false)
		befriend(t, desk, bo)
		must(desk.contacts.SetNickname(t.Context(), bo.self(), "Bobby"))(t)
		must(desk.contacts.Verify(t.Context(), bo.self(), must(desk.contacts.Code(t.Context(), bo.self()))(t)))(t)
		zoe := newOutsider(t, "zoe")
		must(desk.contacts.Block(t.Context(), zoe.self()))(t)
		desk.join("lobby")
		desk.join("left")
		must(0, desk.Leave(t.Context(), "left"))(t)
		lap := newMachine(t, "ann", true)
		defer closeAll(desk, lap, bo)
		must(0, lap.devices.Rename(t.Context(), " laptop "))(t)
		among(desk, lap, bo)

		if got := desk.sees(lap); got.Name != "Desktop" || got.Kind != "desktop" || got.Enabled || got.This || got.Heard.IsZero() {
			t.Errorf("before it told its name the desk shows %+v", got)
		}
		if got := lap.sees(desk); got.Name != "Desktop" || got.Enabled || got.Code != desk.sees(lap).Code || len(got.Code) != 24 {
			t.Errorf("the laptop shows %+v, the code %q", got, desk.sees(lap).Code)
		}
		must(0, lap.devices.Announce(t.Context()))(t)
		among(desk, lap, bo)
		if got := desk.sees(lap); got.Name != "laptop" {
			t.Errorf("the desk shows %+v", got)
		}
		if n := lap.listed(); len(n) != 0 {
			t.Errorf("the laptop has %v before it takes part", n)
		}

		desk.log.take()
		if got := must(desk.devices.Enable(t.Context(), lap.id()))(t); !got.Enabled || got.Name != "laptop" {
			t.Errorf("enabled: %+v", got)
		}
		if got := desk.log.take(); len(got) != 1 || got[0] != (event.Event{Kind: event.Device, Name: lap.id()}) {
			t.Errorf("told of %v", got)
		}
		among(desk, lap, bo)
		if lap.refused(ReasonNotEnabled) == 0 || len(lap.listed()) != 0 || desk.owes() != 1 {
			t.Errorf("a device that is not enabled here was listened to: refused %v, the desk waits for %d", lap.Counts().Refused, desk.owes())
		}
		must(lap.devices.Enable(t.Context(), desk.id()))(t)
		among(desk, lap, bo)

		got := must(lap.contacts.Get(t.Context(), bo.self()))(t)
		if got.State != contacts.Added || got.Nickname != "Bobby" || !got.Verified {
			t.Errorf("the laptop has %+v", got)
		}
		if got := must(lap.contacts.Get(t.Context(), zoe.self()))(t); got.State != contacts.Blocked {
			t.Errorf("who was blocked is %s", got.State)
		}
		if got := lap.listed(); !slices.Equal(got, []string{bo.self(), "lobby"}) {
			t.Errorf("the laptop lists %v", got)
		}
		if !lap.open.hears("lobby") || lap.open.hears("left") {
			t.Error("the laptop listens to other channels")
		}
		if desk.owes()+lap.owes() != 0 {
			t.Errorf("not acknowledged: %d, %d", desk.owes(), lap.owes())
		}
		// What was enabled told the friend; what they write goes to both now.
		if m := bo.say(desk.self(), "to both"); m.Addressed != 2 {
			t.Errorf("the friend writes to %d devices", m.Addressed)
		}
		among(desk, lap, bo)
		if a, b := desk.texts(bo.self()), lap.texts(bo.self()); !slices.Contains(a, "to both") || !slices.Contains(b, "to both") {
			t.Errorf("the desk has %q, the laptop %q", a, b)
		}
	})
}

// household is two paired devices of Ann and one of Bo, who know each other.
func household(t *testing.T, fn func(t *testing.T, desk, lap, bo *machine)) {
	synctest.Test(t, func(t *testing.T) {
		desk, lap, bo := newMachine(t, "ann", false), newMachine(t, "ann", true), newMachine(t, "bo", false)
		defer closeAll(desk, lap, bo)
		befriend(t, desk, bo, lap)
		pair(t, desk, lap, bo)
		for _, m := range []*machine{desk, lap, bo} {
			m.log.take()
		}
		fn(t, desk, lap, bo)
	})
}

// TestCopies of what is written on one device are on the other, with an honest state, and are not told on.
func TestCopies(t *testing.T) {
	household(t, func(t *testing.T, desk, lap, bo *machine) {
		first := desk.say(bo.self(), "from the desk")
		among(desk, lap, bo)
		got := lap.message(first.ID)
		if !got.Outgoing || !got.Seen || got.State != Sent || !got.Elsewhere || got.Peers != 0 || len(must(lap.Steps(t.Context(), first.ID))(t)) != 0 {
			t.Errorf("the laptop has %+v", got)
		}
		if desk.message(first.ID).Elsewhere {
			t.Error("the desk takes its own message for a copy")
		}
		if got := lap.log.take(); !slices.Equal(kindsOf(got), []event.Kind{event.Message}) {
			t.Errorf("told of %v", got)
		}
		if _, err := lap.Retry(t.Context(), first.ID); fault.CodeOf(err) != fault.NotAllowed {
			t.Errorf("sent again by another device: %v", err)
		}
		lap.say(bo.self(), "from the laptop")
		bo.say(desk.self(), "to both")
		among(desk, lap, bo)
		for _, m := range []*machine{desk, lap} {
			if got := m.texts(bo.self()); len(got) != 3 {
				t.Errorf("one has %q", got)
			}
		}
		if got := bo.texts(desk.self()); !slices.Equal(got, []string{"A new device of theirs appeared.", "from the desk", "from the laptop", "to both"}) {
			t.Errorf("bo has %q", got)
		}
		if got := bo.messages(desk.self())[0]; got.Addressed != 2 || got.DeliveredTo != 2 {
			t.Errorf("bo sees %+v", got)
		}
		if desk.owes()+lap.owes() != 0 {
			t.Errorf("not acknowledged: %d, %d", desk.owes(), lap.owes())
		}
	})
}

func kindsOf(list []event.Event) (kinds []event.Kind) {
	for _, e := range list {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// TestPeopleAreInStep on all devices, whatever is done about them on one.
func TestPeopleAreInStep(t *testing.T) {
	household(t, func(t *testing.T, desk, lap, bo *machine) {
		stands := func(what string, state contacts.State, nickname string, verified, listed bool) {
			t.Helper()
			pass(time.Second)
			among(desk, lap, bo)
			for name, m := range map[string]*machine{"desk": desk, "laptop": lap} {
				c := must(m.contacts.Get(t.Context(), bo.self()))(t)
				if c.State != state || c.Nickname != nickname || c.Verified != verified || slices.Contains(m.listed(), bo.self()) != listed {
					t.Errorf("%s: on the %s %+v, listed %v", what, name, c, m.listed())
				}
			}
		}
		must(lap.contacts.SetNickname(t.Context(), bo.self(), "B"))(t)
		stands("nickname", contacts.Added, "B", false, true)
		must(desk.contacts.Verify(t.Context(), bo.self(), must(lap.contacts.Code(t.Context(), bo.self()))(t)))(t)
		stands("verified", contacts.Added, "B", true, true)
		must(lap.contacts.Unverify(t.Context(), bo.self()))(t)
		stands("not verified", contacts.Added, "B", false, true)
		must(desk.contacts.Block(t.Context(), bo.self()))(t)
		stands("blocked", contacts.Blocked, "B", false, false)
		bo.say(desk.self(), "unheard")
		stands("blocked", contacts.Blocked, "B", false, false)
		must(lap.contacts.Unblock(t.Context(), bo.self()))(t)
		stands("unblocked", contacts.Added, "B", false, true)
		must(lap.contacts.Remove(t.Context(), bo.self()))(t)
		stands("removed", contacts.Stranger, "", false, false)
		must(desk.contacts.Add(t.Context(), bo.self()))(t)
		stands("added again", contacts.Added, "", false, true)
		for range 3 { // within one millisecond
			must(desk.contacts.Remove(t.Context(), bo.self()))(t)
			must(desk.contacts.Add(t.Context(), bo.self()))(t)
		}
		must(desk.contacts.Remove(t.Context(), bo.self()))(t)
		stands("in a hurry", contacts.Stranger, "", false, false)
	})
}

// TestARequestIsAnsweredOnce, on one device, and the other acknowledges what it got of it, too.
func TestARequestIsAnsweredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, lap, bo := newMachine(t, "ann", false), newMachine(t, "ann", true), newMachine(t, "bo", false)
		defer closeAll(desk, lap, bo)
		pair(t, desk, lap, bo)
		must(bo.contacts.Add(t.Context(), must(desk.contacts.Link(t.Context()))(t)))(t)
		m := bo.say(desk.self(), "hello")
		among(desk, lap, bo)
		for _, d := range []*machine{desk, lap} {
			if n := len(must(d.Requests(t.Context()))(t)); n != 1 {
				t.Errorf("%d requests", n)
			}
		}
		must(lap.contacts.Accept(t.Context(), bo.self()))(t)
		among(desk, lap, bo)
		if got := bo.message(m.ID); got.State != Delivered || got.DeliveredTo != 2 {
			t.Errorf("bo sees %+v", got)
		}
		if n := len(must(desk.Requests(t.Context()))(t)); n != 0 || !slices.Equal(desk.texts(bo.self()), []string{"hello"}) {
			t.Errorf("the desk has %d requests", n)
		}
		// Ignored on one device, they are on the other.
		must(lap.contacts.Remove(t.Context(), bo.self()))(t)
		among(desk, lap, bo)
		pass(time.Second)
		bo.say(desk.self(), "are you there")
		among(desk, lap, bo)
		must(desk.contacts.Ignore(t.Context(), bo.self()))(t)
		among(desk, lap, bo)
		if n := len(must(lap.Requests(t.Context()))(t)); n != 0 {
			t.Errorf("the laptop has %d requests", n)
		}
	})
}

// TestChannelsAreInStep: a channel that is joined on one device is listened to on the other, until it is left.
func TestChannelsAreInStep(t *testing.T) {
	household(t, func(t *testing.T, desk, lap, bo *machine) {
		lap.join("garden")
		bo.join("garden")
		among(desk, lap, bo)
		if !slices.Contains(desk.listed(), "garden") || !desk.open.hears("garden") {
			t.Fatalf("the desk lists %v", desk.listed())
		}
		bo.say("garden", "hello")
		among(desk, lap, bo)
		if got := desk.texts("garden"); !slices.Equal(got, []string{"hello"}) {
			t.Errorf("the desk has %q", got)
		}
		must(0, desk.SetMuted(t.Context(), "garden", true))(t)
		among(desk, lap, bo)
		if !must(lap.Get(t.Context(), "garden"))(t).Muted {
			t.Error("not muted on the laptop")
		}
		lap.log.take()
		must(0, desk.Leave(t.Context(), "garden"))(t)
		among(desk, lap, bo)
		if slices.Contains(lap.listed(), "garden") || lap.open.hears("garden") {
			t.Errorf("the laptop lists %v", lap.listed())
		}
		if got := lap.log.take(); !slices.Contains(got, event.Event{Seq: got[0].Seq, Kind: event.Chat, Chat: "garden"}) {
			t.Errorf("told of %v", got)
		}
		lap.join("garden")
		among(desk, lap, bo)
		if !slices.Contains(desk.listed(), "garden") {
			t.Error("not joined again")
		}
	})
}

// TestReadPositions: what was read on one device is read on the other, and whoever reads along does not write an envelope for
// each message.
func TestReadPositions(t *testing.T) {
	household(t, func(t *testing.T, desk, lap, bo *machine) {
		const texts = 20
		for range texts {
			bo.say(desk.self(), "one more")
			among(desk, lap, bo)
		}
		if lap.unread(bo.self()) != texts {
			t.Fatalf("%d unread", lap.unread(bo.self()))
		}
		posts := len(desk.node.posts())
		must(0, desk.MarkRead(t.Context(), bo.self()))(t)
		among(desk, lap, bo)
		if lap.unread(bo.self()) != 0 || len(lap.log.take()) == 0 {
			t.Errorf("%d unread on the laptop", lap.unread(bo.self()))
		}
		if n := len(desk.node.posts()) - posts; n != 1 {
			t.Errorf("%d posts", n)
		}
		wait(10*time.Second, desk, lap, bo)
		posts = len(desk.node.posts())
		for range texts { // acknowledgements go to Bo; the rest is for the laptop
			bo.say(desk.self(), "read along")
			among(desk, lap, bo)
			must(0, desk.MarkRead(t.Context(), bo.self()))(t)
		}
		among(desk, lap, bo)
		if n := len(desk.node.posts()) - posts - texts; n > 2 {
			t.Errorf("%d posts for the laptop", n)
		}
		wait(10*time.Second, desk, lap, bo)
		if lap.unread(bo.self()) != 0 {
			t.Errorf("%d unread on the laptop in the end", lap.unread(bo.self()))
		}
		bo.say(desk.self(), "new")
		among(desk, lap, bo)
		if lap.unread(bo.self()) != 1 {
			t.Error("what came later counts as read")
		}
	})
}

// TestADisabledDeviceGetsNothing of what is written from then on, and is not waited for.
func TestADisabledDeviceGetsNothing(t *testing.T) {
	household(t, func(t *testing.T, desk, lap, bo *machine) {
		desk.say(bo.self(), "before")
		settle() // it waits in the pool
		if got := must(desk.devices.Disable(t.Context(), lap.id()))(t); got.Enabled {
			t.Errorf("disabled: %+v", got)
		}
		among(desk, lap, bo)
		desk.say(bo.self(), "the desk alone")
		desk.join("secret")
		wait(5*time.Minute, desk, lap, bo)
		if got := lap.texts(bo.self()); slices.Contains(got, "the desk alone") || slices.Contains(lap.listed(), "secret") {
			t.Errorf("the laptop has %q, %v", got, lap.listed())
		}
		if desk.owes() != 0 {
			t.Errorf("the desk waits for %d", desk.owes())
		}
		// What the laptop says is not listened to, and comes when it takes part again.
		lap.say(bo.self(), "the laptop alone")
		lap.join("attic")
		among(desk, lap, bo)
		if slices.Contains(desk.texts(bo.self()), "the laptop alone") || desk.refused(ReasonNotEnabled) == 0 || lap.owes() == 0 {
			t.Errorf("the desk has %q, refused %v", desk.texts(bo.self()), desk.Counts().Refused)
		}
		must(desk.devices.Enable(t.Context(), lap.id()))(t)
		among(desk, lap, bo)
		if !slices.Contains(desk.texts(bo.self()), "the laptop alone") || !slices.Contains(desk.listed(), "attic") || !slices.Contains(lap.listed(), "secret") {
			t.Errorf("the desk has %q, %v; the laptop %v", desk.texts(bo.self()), desk.listed(), lap.listed())
		}
		if desk.owes()+lap.owes() != 0 {
			t.Errorf("not acknowledged: %d, %d", desk.owes(), lap.owes())
		}
	})
}

// TestThreeDevicesAreTheMost, and each of them is in step with the others.
func TestThreeDevicesAreTheMost(t *testing.T) {
	household(t, func(t *testing.T, desk, lap, bo *machine) {
		third, fourth := newMachine(t, "ann", true), newMachine(t, "ann", true)
		defer closeAll(third, fourth)
		pair(t, desk, third, lap, bo, fourth)
		must(lap.devices.Enable(t.Context(), third.id()))(t)
		must(third.devices.Enable(t.Context(), lap.id()))(t)
		among(desk, lap, third, fourth, bo)
		_, err := desk.devices.Enable(t.Context(), fourth.id())
		wantCode(t, err, fault.NotAllowed)
		_, err = desk.devices.Enable(t.Context(), "nobody")
		wantCode(t, err, fault.NoSuchDevice)
		_, err = desk.devices.Disable(t.Context(), desk.id())
		wantCode(t, err, fault.NoSuchDevice)
		lap.say(bo.self(), "to all")
		third.join("garden")
		among(desk, lap, third, fourth, bo)
		for _, m := range []*machine{desk, lap, third} {
			if !slices.Contains(m.texts(bo.self()), "to all") || !slices.Contains(m.listed(), "garden") {
				t.Errorf("one has %q, %v", m.texts(bo.self()), m.listed())
			}
		}
		if len(fourth.listed()) != 0 {
			t.Errorf("the fourth has %v", fourth.listed())
		}
		if list := desk.known(); len(list) != 4 || !list[0].This || !list[1].Enabled || !list[2].Enabled || list[3].Enabled {
			t.Errorf("the desk shows %+v", list)
		}
		codes := map[string]bool{}
		for _, d := range desk.known()[1:] {
			codes[d.Code] = true
		}
		if len(codes) != 3 || desk.sees(third).Code != third.sees(desk).Code || third.sees(lap).Code == third.sees(desk).Code {
			t.Errorf("codes %v", codes)
		}
	})
}

// recovered lets Ann and Bo talk, takes her computer away, and sets her account up on another.
func recovered(t *testing.T) (anew, bo *machine) {
	old, bo := newMachine(t, "ann", false), newMachine(t, "bo", false)
	befriend(t, old, bo)
	old.say(bo.self(), "hello")
	bo.say(old.self(), "hello yourself")
	among(old, bo)
	closeAll(old)
	return newMachine(t, "ann", true), bo
}

// TestARecoveredAccountIsANewDevice: the computer is gone, the account is recovered elsewhere. What somebody wrote to the old
// device is with the new one one round trip after the first message that it could not read.
func TestARecoveredAccountIsANewDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		anew, bo := recovered(t)
		defer closeAll(anew, bo)
		// Ann adds Bo again; he does not hear of it.
		must(anew.contacts.Add(t.Context(), bo.self()))(t)
		settle()
		lose(anew.person)
		first := bo.say(anew.self(), "for the old one")
		ways := 0
		for ; ways < 10 && !has(anew.person, bo.person, "for the old one"); ways++ {
			settle()
			if ways%2 == 0 {
				bo.hand(anew.person)
			} else {
				anew.hand(bo.person)
			}
			settle()
		}
		if ways != 3 {
			t.Errorf("it took %d ways: there and not understood, back, there again; refused %v", ways, anew.Counts().Refused)
		}
		among(anew, bo)
		second := bo.say(anew.self(), "for the new one")
		among(anew, bo)
		if got := bo.message(second.ID); got.State != Delivered || !got.ForwardSecret {
			t.Errorf("bo sees %+v", got)
		}
		if got := bo.message(first.ID); got.DeliveredTo != 1 {
			t.Errorf("bo sees %+v", got)
		}
	})
}

// TestOldPeersFindARecoveredAccount, which does not know them any more: what they write reaches it where all devices listen once
// nobody answers where they wrote before, and then as a request.
func TestOldPeersFindARecoveredAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		anew, bo := recovered(t)
		defer closeAll(anew, bo)
		must(0, anew.store.Update(t.Context(), (*models.Tx).NoteRecovery))(t)
		first := bo.say(anew.self(), "for the old one")
		wait(20*time.Minute, anew, bo)
		if list := must(anew.Requests(t.Context()))(t); len(list) != 1 || list[0].ID != bo.self() || !has(anew.person, bo.person, "for the old one") {
			t.Fatalf("requests %+v, refused %v", list, anew.Counts().Refused)
		}
		if got := bo.message(first.ID); got.State == Delivered {
			t.Error("bo learns that a request came")
		}
		must(anew.contacts.Accept(t.Context(), bo.self()))(t)
		wait(time.Hour, anew, bo)
		if got := bo.message(first.ID); got.State != Delivered {
			t.Errorf("bo sees %+v", got)
		}
	})
}
