package secure_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"sotto/node/secure"
)

// sign makes any bundle that the owner of a key could make.
func sign(t testing.TB, by *peer, timestamp time.Time, prekeys map[string]secure.Prekey) []byte {
	t.Helper()
	b := secure.Bundle{Timestamp: timestamp.UnixNano(), Prekeys: prekeys}
	raw, err := b.Encode(by.Key)
	check(t, err)
	return raw
}

// prekeyOf is what a peer's own bundle says of it.
func prekeyOf(t testing.TB, p *peer, now time.Time) secure.Prekey {
	t.Helper()
	b, err := secure.DecodeBundle(p.bundle(t, now))
	check(t, err)
	return b.Prekeys[p.Installation]
}

func TestLearnRefuses(t *testing.T) {
	alice, bob, mallory := newPeer(t, "alice"), newPeer(t, "bob"), newPeer(t, "mallory")
	good := alice.bundle(t, dawn)
	// Mallory's signature under Alice's name.
	forged := func() []byte {
		b := bytes.Clone(sign(t, mallory, dawn, map[string]secure.Prekey{"x": prekeyOf(t, mallory, dawn)}))
		mine, yours := mallory.who().Compressed(), alice.who().Compressed()
		return bytes.Replace(b, mine[:], yours[:], 1)
	}()
	changed := bytes.Clone(good)
	changed[bytes.Index(changed, []byte(alice.Installation))]++
	off := prekeyOf(t, alice, dawn)
	off.Key = secure.Point(append([]byte{2}, append(make([]byte, 31), 5)...))
	many := map[string]secure.Prekey{}
	for n := range 9 {
		many[itoa(n)] = prekeyOf(t, alice, dawn)
	}
	one := func(id string, p secure.Prekey) map[string]secure.Prekey { return map[string]secure.Prekey{id: p} }
	fine := prekeyOf(t, alice, dawn)
	for name, c := range map[string]struct {
		raw  []byte
		want secure.Reason
	}{
		"another's signature":     {forged, secure.ReasonBundleSignature},
		"another installation":    {changed, secure.ReasonBundleSignature},
		"of somebody else":        {mallory.bundle(t, dawn), secure.ReasonBundleOwner},
		"from the future":         {sign(t, alice, dawn.Add(25*time.Hour), one("x", fine)), secure.ReasonBundleTime},
		"from before 1970":        {sign(t, alice, time.Unix(-1, 0), one("x", fine)), secure.ReasonBundleTime},
		"prekey off the curve":    {sign(t, alice, dawn, one("x", off)), secure.ReasonKey},
		"for nobody":              {sign(t, alice, dawn, nil), secure.ReasonMalformed},
		"for too many":            {sign(t, alice, dawn, many), secure.ReasonMalformed},
		"for every device":        {sign(t, alice, dawn, one("none", fine)), secure.ReasonInstallation},
		"for a nameless device":   {sign(t, alice, dawn, one("", fine)), secure.ReasonInstallation},
		"for an endless name":     {sign(t, alice, dawn, one(string(make([]byte, 129)), fine)), secure.ReasonInstallation},
		"cut off":                 {good[:len(good)-1], secure.ReasonMalformed},
		"longer than any can be":  {make([]byte, secure.MaxBundle+1), secure.ReasonOversized},
		"nothing":                 {nil, secure.ReasonKey},
		"a key of the wrong form": {append([]byte{10, 33}, make([]byte, 33)...), secure.ReasonKey},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := bob.Learn(bob.state, c.raw, alice.who(), dawn); secure.ReasonOf(err) != c.want {
				t.Errorf("%v, want %v", err, c.want)
			}
			for _, p := range []*peer{alice, mallory} {
				if list, _ := bob.state.Installations(p.who()); len(list) > 0 {
					t.Errorf("stored %v", list)
				}
			}
		})
	}
}

// What a message brings along is held to the same rules, and does not keep the message from being read.
func TestBundlesOnMessages(t *testing.T) {
	alice, bob, carol := newPeer(t, "alice"), newPeer(t, "bob"), newPeer(t, "carol")
	m := alice.write(t, bob, "text", dawn) // without a session, since Alice knows no device of Bob's
	with := func(bundles ...[]byte) secure.Sealed {
		return secure.Sealed{Message: retransmit(t, m.Message, func(p *message) { p.Bundles = bundles })}
	}
	own := alice.bundle(t, dawn)
	foul := bytes.Clone(own)
	foul[len(foul)-9] ^= 1 // in the timestamp, which is signed
	for name, c := range map[string]struct {
		bundles [][]byte
		learns  int
	}{
		"none":                {nil, 0},
		"its own":             {[][]byte{own}, 1},
		"of a third person":   {[][]byte{carol.bundle(t, dawn)}, 0},
		"both":                {[][]byte{carol.bundle(t, dawn), own}, 1},
		"damaged":             {[][]byte{{0xff}}, 0},
		"wrongly signed":      {[][]byte{foul}, 0},
		"too many before one": {[][]byte{foul, foul, foul, foul, own}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			fresh := bob.another("bob-1")
			if got := fresh.reads(t, with(c.bundles...), alice, "text", dawn); len(got.Learned.New) != c.learns {
				t.Errorf("learned %+v", got.Learned)
			}
			if list, _ := fresh.state.Installations(carol.who()); len(list) > 0 {
				t.Errorf("knows a third person: %v", list)
			}
		})
	}
}

// An old bundle that is sent again changes nothing, not even the order of devices.
func TestOldBundleAgain(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	old := alice.bundle(t, dawn)
	bob.learn(t, old, alice.who(), dawn)
	if got := bob.learn(t, alice.bundle(t, dawn.Add(day)), alice.who(), dawn.Add(day)); !slices.Contains(got.Raised, alice.Installation) {
		t.Errorf("learned %+v", got)
	}
	before, _ := bob.knows(t, alice)
	got := bob.learn(t, old, alice.who(), dawn.Add(day))
	if after, _ := bob.knows(t, alice); after != before || len(got.Raised)+len(got.New) > 0 || !slices.Contains(got.Outdated, alice.Installation) {
		t.Errorf("learned %+v: %+v", got, after)
	}
}

// Nobody else can make a good prekey look old.
func TestForgedVersion(t *testing.T) {
	alice, bob, mallory := newPeer(t, "alice"), newPeer(t, "bob"), newPeer(t, "mallory")
	meet(t, dawn, alice, bob)
	high := prekeyOf(t, mallory, dawn)
	high.Version = 1<<32 - 1
	raw := sign(t, mallory, dawn, map[string]secure.Prekey{alice.Installation: high})
	if _, err := bob.Learn(bob.state, raw, alice.who(), dawn); secure.ReasonOf(err) != secure.ReasonBundleOwner {
		t.Error(err)
	}
	bob.learn(t, raw, mallory.who(), dawn) // of a device of hers that is called like Alice's
	bob.says(t, alice, "text", dawn)
	if i, _ := bob.knows(t, alice); i.Version == high.Version {
		t.Errorf("%+v", i)
	}
}

// A device's newest prekey counts, whichever device's bundle told of it and whatever clock that had.
func TestBundlesOfDevicesWithDifferentClocks(t *testing.T) {
	bob, alice1 := newPeer(t, "bob"), newPeer(t, "alice")
	alice2 := alice1.another("alice-2")
	fast := dawn.Add(20 * time.Hour)
	meet(t, dawn, alice1, alice2)
	bob.learn(t, sign(t, alice1, fast, map[string]secure.Prekey{
		alice1.Installation: prekeyOf(t, alice1, dawn), alice2.Installation: prekeyOf(t, alice2, dawn),
	}), alice1.who(), dawn)
	m, made, err := alice2.Advertise(alice2.state, bob.who(), dawn.Add(time.Hour))
	if err != nil || !made {
		t.Fatal(err)
	}
	if got := bob.reads(t, m, alice2, "", dawn.Add(time.Hour)); !slices.Contains(got.Learned.Raised, alice2.Installation) {
		t.Errorf("learned %+v", got.Learned)
	}
}

// A device that its owner put away stands behind those that are in use, however rarely these renew their prekeys.
func TestDeviceThatWasPutAway(t *testing.T) {
	bob, phone, desk, old := newPeer(t, "bob"), newPeer(t, "alice"), newPeer(t, "alice").another("desk"), newPeer(t, "alice").another("old")
	meet(t, dawn, phone, desk)
	bob.learn(t, phone.bundle(t, dawn), phone.who(), dawn)
	later := dawn.Add(time.Hour)
	bob.learn(t, old.bundle(t, later), old.who(), later)
	fresh := phone.another("fresh")
	meet(t, later.Add(time.Minute), fresh, phone, desk)
	learned := bob.learn(t, fresh.bundle(t, later), fresh.who(), later.Add(time.Minute))
	m := bob.write(t, phone, "text", later.Add(time.Hour))
	if slices.Contains(m.Installations, old.Installation) || len(m.Installations) != 3 || len(learned.New) != 1 || len(learned.Raised) != 0 {
		t.Errorf("written to %v, learned %+v", m.Installations, learned)
	}
}

// At most eight devices of one person are remembered, those with the newest bundles, and three are written to.
func TestDevicesAreBounded(t *testing.T) {
	bob, alice := newPeer(t, "bob"), newPeer(t, "alice")
	var all []*peer
	for n := range secure.MaxInstallations + 2 {
		p := alice.another("alice-" + itoa(n))
		all = append(all, p)
		now := dawn.Add(time.Duration(n) * time.Minute)
		bob.learn(t, p.bundle(t, now), p.who(), now)
		p.learn(t, bob.bundle(t, now), bob.who(), now)
	}
	list, err := bob.state.Installations(alice.who())
	check(t, err)
	if len(list) != secure.MaxInstallations || list[0].ID != all[len(all)-1].Installation {
		t.Errorf("remembers %d, the newest %s", len(list), list[0].ID)
	}
	later := dawn.Add(time.Hour)
	m := bob.write(t, alice, "text", later)
	for n, p := range all {
		if n >= len(all)-secure.MostDevices {
			p.reads(t, m, bob, "text", later)
		} else {
			p.refuses(t, m.Message, bob, secure.ReasonNotForDevice, later)
		}
	}
	// An old bundle of a device that was forgotten does not bring it back in place of a newer one.
	if got := bob.learn(t, all[0].bundle(t, later), alice.who(), later); len(got.New) > 0 {
		t.Errorf("learned %+v", got)
	}
	if _, known := bob.knows(t, all[0]); known {
		t.Error("a forgotten device is back")
	}
	if _, known := bob.knows(t, all[2]); !known {
		t.Error("a device was forgotten for an older one")
	}
}

// With a device its sessions go.
func TestForgottenDevice(t *testing.T) {
	alice, bob := talking(t)
	for n := range secure.MaxInstallations {
		now := dawn.Add(time.Duration(n+1) * time.Minute)
		bob.learn(t, alice.another("other-"+itoa(n)).bundle(t, now), alice.who(), now)
	}
	if n := len(bob.state.All()); n > 0 {
		t.Errorf("%d sessions with a device that is forgotten", n)
	}
}

// Devices of our own that take part are not driven out by others, however many are named and however new they say they are.
func TestOwnDevicesThatTakePartStay(t *testing.T) {
	alice := newPeer(t, "alice")
	second := alice.another("alice-2")
	alice.learn(t, second.bundle(t, dawn), second.who(), dawn)
	alice.enable(t, second.Installation, true, dawn)
	for n := range 20 {
		other := alice.another("forged-" + itoa(n))
		later := dawn.Add(time.Duration(n+1) * time.Minute)
		alice.learn(t, other.bundle(t, later), other.who(), later)
	}
	list, err := alice.state.Installations(alice.who())
	check(t, err)
	if i, known := alice.knows(t, second); !known || !i.Enabled || len(list) > 8 {
		t.Errorf("%d devices are known, the one that takes part: %v", len(list), known)
	}
}
