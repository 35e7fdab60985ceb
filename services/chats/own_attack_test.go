package chats

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sotto/node/datasync"
	"sotto/node/payload"
	"sotto/services/devices"
	"sotto/services/ingest"
)

// TestForgedDevices: whoever has the recovery phrase, too, can name as many devices as they like. They are not listened to, are
// remembered in small numbers, and do not drive out those that take part.
func TestForgedDevices(t *testing.T) {
	household(t, func(t *testing.T, desk, lap, bo *machine) {
		posts := len(desk.node.posts())
		for n := range 20 {
			eve := newOutsider(t, "ann") // with the same phrase
			eve.device.Installation = fmt.Sprint("forged ", n)
			eve.to(desk.person, announcement(t, eve, eve.device.Installation, "laptop"))
			eve.learns(desk.person)
			text := eve.text(key(bo.person), "I did not write this")
			eve.to(desk.person, eve.encrypt(key(desk.person), eve.synced(key(desk.person), text)))
			pass(time.Second)
		}
		among(desk, lap, bo)
		if list := desk.known(); len(list) > 9 || !desk.sees(lap).Enabled {
			t.Errorf("the desk knows %d devices", len(list))
		}
		if got := desk.texts(bo.self()); slices.Contains(got, "I did not write this") || desk.refused(ReasonNotEnabled) == 0 {
			t.Errorf("the desk has %q, refused %v", got, desk.Counts().Refused)
		}
		if n := len(desk.node.posts()) - posts; n > 3 {
			t.Errorf("%d answers", n)
		}
		if n := desk.rows()["devices"]; n > 10 {
			t.Errorf("%d devices are remembered", n)
		}
		eve := newOutsider(t, "ann")
		eve.device.Installation = "forged"
		for _, c := range []struct {
			what   string
			letter []byte
			reason ingest.Reason
		}{
			{"about another device", announcement(t, eve, lap.id(), "desk"), devices.ReasonOtherDevice},
			{"no announcement", eve.seal(key(desk.person), eve.update("Eve", eve.tick())), ReasonNotEnabled},
			{"an acknowledgement", eve.encrypt(key(desk.person), datasync.Payload{Acks: []datasync.ID{{1}}}), ReasonNotEnabled},
		} {
			before := desk.refused(c.reason)
			eve.to(desk.person, c.letter)
			if desk.refused(c.reason) != before+1 {
				t.Errorf("%s: refused %v, want %s", c.what, desk.Counts().Refused, c.reason)
			}
		}
		if desk.sees(lap).Name == "desk" {
			t.Error("another device named the laptop")
		}
		lap.say(bo.self(), "from the laptop")
		among(desk, lap, bo)
		if !slices.Contains(desk.texts(bo.self()), "from the laptop") {
			t.Error("the laptop is not heard any more")
		}
	})
}

// announcement is what a device announces, about itself or another.
func announcement(t *testing.T, from *outsider, about, name string) []byte {
	t.Helper()
	wrapped := must(payload.Pair{Clock: from.tick(), Installation: about, Kind: "desktop", Name: name}.Wrap())(t)
	return must(from.device.SealForAll(from.state, from.who(), wrapped, time.Now()))(t).Message
}

// TestAnAnnouncementCountsOnce, and not again when somebody plays an older one.
func TestAnAnnouncementCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk := newMachine(t, "ann", false)
		defer closeAll(desk)
		lap := newOutsider(t, "ann")
		first := announcement(t, lap, lap.device.Installation, "first")
		second := announcement(t, lap, lap.device.Installation, "second")
		lap.to(desk.person, second)
		lap.to(desk.person, first)
		lap.to(desk.person, second)
		if list := desk.known(); len(list) != 2 || list[1].Name != "second" || desk.refused(ingest.Duplicate) != 2 {
			t.Errorf("the desk shows %+v, refused %v", list, desk.Counts().Refused)
		}
	})
}

// TestOnlyOurDevicesSaySo: what devices of one person tell each other is nobody else's to say.
func TestOnlyOurDevicesSaySo(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, eve *outsider) {
		state, _, err := payload.SyncState{Clock: bo.tick(), Chat: "lobby"}.Seal(bo.key)
		must(0, err)(t)
		chat, _, err := payload.SyncChat{Clock: bo.tick(), Name: "lobby"}.Seal(bo.key)
		must(0, err)(t)
		contact, _, err := payload.SyncContact{Clock: bo.tick(), Key: eve.who()}.Seal(bo.key)
		must(0, err)(t)
		pairing := must(payload.Pair{Clock: bo.tick(), Installation: "of bo", Kind: "x", Name: "x"}.Wrap())(t)
		for _, wrapped := range [][]byte{state, chat, contact, pairing} {
			bo.to(ann, bo.encrypt(key(ann), bo.synced(key(ann), wrapped)))
		}
		if n := ann.refused(ingest.Reason(payload.ReasonType)) + ann.refused(ingest.Reason(payload.ReasonUnsigned)); n != 4 {
			t.Errorf("refused %v", ann.Counts().Refused)
		}
		if list := must(ann.List(t.Context()))(t); len(list) != 1 || len(ann.rows()) == 0 || ann.rows()["devices"] != 0 {
			t.Errorf("the list has %+v", list)
		}
	})
}
