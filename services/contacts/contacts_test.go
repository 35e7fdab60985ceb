package contacts

import (
	"bytes"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/secure/securetest"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/link"
	"sotto/services/qr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestAddByLink makes a contact of whoever a link names: the chat is in the list, the keys in it are used, and the other is told
// with an update that says no name.
func TestAddByLink(t *testing.T) {
	r, bo := newRig(t), newFriend("bo")
	c := must(r.Add(t.Context(), link.Contact(bo.PublicKey, bo.bundle(r), "Bo")))(t)
	r.told("added", event.Contact, event.Chat)
	want := Contact{Key: bo.String(), Short: bo.Short(), Pseudonym: bo.Pseudonym(), State: Added, Devices: 1}
	if c != want || c.DisplayName() != bo.Pseudonym() {
		t.Errorf("added %+v, want %+v", c, want)
	}
	list := r.waiting()
	if len(list) != 1 || !bytes.Equal(list[0].Recipient, bo.PublicKey[:]) {
		t.Fatalf("%d rows wait", len(list))
	}
	read := bo.reads(r, list[0])
	if u := updateOf(t, r.pair.Self(), bo.PublicKey, read.Messages[0]); u.Name != "" || u.Clock != uint64(r.now.UnixMilli()) || len(read.Acks) != 0 {
		t.Errorf("told them %+v", u)
	}
	r.update(func(tx *models.Tx) error {
		chat, _, err := tx.ChatNamed(models.PrivateChat, bo.String())
		if !chat.Active || chat.Request || chat.JoinedAt != r.now.UnixMilli() {
			t.Errorf("the chat is %+v", chat)
		}
		return err
	})
	r.sent()
	again := must(r.Add(t.Context(), bo.Short()))(t)
	if again != want || len(r.waiting()) != 0 {
		t.Errorf("added twice: %+v, %d rows wait", again, len(r.waiting()))
	}
}

// TestEveryFormOfAKey is taken, also out of a picture.
func TestEveryFormOfAKey(t *testing.T) {
	r, bo := newRig(t), newFriend("bo")
	text := link.Contact(bo.PublicKey, nil, "")
	picture := must(qr.Encode(text, 300))(t)
	for what, add := range map[string]func() (Contact, error){
		"0x04":        func() (Contact, error) { return r.Add(t.Context(), bo.String()) },
		"short":       func() (Contact, error) { return r.Add(t.Context(), "  "+bo.Short()+"\n") },
		"link":        func() (Contact, error) { return r.Add(t.Context(), text) },
		"picture":     func() (Contact, error) { return r.AddPicture(t.Context(), encoded(t, picture)) },
		"get":         func() (Contact, error) { return r.Get(t.Context(), text) },
		"set by link": func() (Contact, error) { return r.SetNickname(t.Context(), text, "") },
	} {
		must(r.Add(t.Context(), bo.String()))(t)
		if c, err := add(); c.Key != bo.String() || c.State != Added || err != nil {
			t.Errorf("%s: %+v, %v", what, c, err)
		}
	}
}

func encoded(t testing.TB, picture image.Image) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return &b
}

// TestOwnLink leads others to us, with our keys, also as a picture.
func TestOwnLink(t *testing.T) {
	r, bo := newRig(t), newFriend("bo")
	text := must(r.Link(t.Context()))(t)
	parsed := must(link.Parse(text))(t)
	if parsed.Key != r.pair.Self() {
		t.Errorf("the link leads to %s", parsed.Key)
	}
	must(bo.device.Learn(bo.state, parsed.Bundle, r.pair.Self(), r.now))(t)
	if read := must(qr.Decode(encoded(t, must(r.QR(t.Context()))(t))))(t); read != text {
		t.Errorf("the picture says %q", read)
	}
}

// TestAccept lets a stranger in: what they wrote is acknowledged then, and not before or otherwise.
func TestAccept(t *testing.T) {
	r, bo, eve := newRig(t), newFriend("bo"), newFriend("eve")
	must(r.Get(t.Context(), bo.String()))(t)
	ids := []datasync.ID{{1}, {2}, {3}}
	bo.asks(r, ids...)
	eve.asks(r, datasync.ID{9})
	r.update(func(tx *models.Tx) error {
		_, err := r.pair.Learn(tx, bo.bundle(r), bo.PublicKey)
		return err
	})
	if c := must(r.Get(t.Context(), bo.String()))(t); c.State != Requested || len(r.waiting()) != 0 {
		t.Errorf("before: %+v, %d rows wait", c, len(r.waiting()))
	}
	c := must(r.Accept(t.Context(), bo.String()))(t)
	r.told("accepted", event.Contact, event.Chat)
	list := r.waiting()
	if c.State != Added || len(list) != 2 {
		t.Fatalf("after: %+v, %d rows wait", c, len(list))
	}
	if acks := bo.reads(r, list[0]).Acks; !slices.Equal(acks, ids) {
		t.Errorf("acknowledged %v", acks)
	}
	updateOf(t, r.pair.Self(), bo.PublicKey, bo.reads(r, list[1]).Messages[0])
	must(r.Accept(t.Context(), bo.String()))(t)
	if len(r.waiting()) != 2 {
		t.Errorf("accepted twice: %d rows wait", len(r.waiting()))
	}
	if c := must(r.Get(t.Context(), eve.String()))(t); c.State != Requested {
		t.Errorf("eve is %s", c.State)
	}
}

// TestIgnore puts a request away without a word; it can be answered later, with all that is owed.
func TestIgnore(t *testing.T) {
	r, bo := newRig(t), newFriend("bo")
	bo.asks(r, datasync.ID{1})
	c := must(r.Ignore(t.Context(), bo.String()))(t)
	r.told("ignored", event.Contact, event.Chat)
	if c.State != Ignored || len(r.waiting()) != 0 {
		t.Errorf("%+v, %d rows wait", c, len(r.waiting()))
	}
	must(r.Ignore(t.Context(), bo.String()))(t)
	c = must(r.Accept(t.Context(), bo.String()))(t)
	if c.State != Added || len(r.waiting()) != 2 {
		t.Errorf("%+v, %d rows wait", c, len(r.waiting()))
	}
}

// TestBlock takes the chat off the list and is told to nobody. Who was a contact is one again afterwards, with their nickname;
// who was not is a stranger again.
func TestBlock(t *testing.T) {
	r, bo, eve := newRig(t), newFriend("bo"), newFriend("eve")
	must(r.Add(t.Context(), bo.String()))(t)
	must(r.SetNickname(t.Context(), bo.String(), "Bobby"))(t)
	r.sent()
	r.log.list = nil
	c := must(r.Block(t.Context(), bo.String()))(t)
	r.told("blocked", event.Contact, event.Chat)
	if c.State != Blocked || c.Nickname != "Bobby" || len(r.waiting()) != 0 {
		t.Errorf("blocked %+v, %d rows wait", c, len(r.waiting()))
	}
	r.update(func(tx *models.Tx) error {
		chat, _, err := tx.ChatNamed(models.PrivateChat, bo.String())
		_, repeats, err2 := tx.NextRecord(r.now)
		if chat.Active || repeats || err2 != nil {
			t.Errorf("the chat is %+v, and something is repeated: %t", chat, repeats)
		}
		return err
	})
	must(r.Block(t.Context(), eve.String()))(t) // whom nobody has met
	list := must(r.List(t.Context()))(t)
	if len(list) != 2 || list[0].Key != bo.String() || list[1].State != Blocked {
		t.Errorf("the list is %+v", list)
	}
	r.log.list = nil
	c = must(r.Unblock(t.Context(), bo.String()))(t)
	r.told("unblocked", event.Contact, event.Chat)
	if c.State != Added || c.Nickname != "Bobby" || len(r.waiting()) != 0 {
		t.Errorf("unblocked %+v, %d rows wait", c, len(r.waiting()))
	}
	if c := must(r.Unblock(t.Context(), eve.String()))(t); c.State != Stranger {
		t.Errorf("eve is %s", c.State)
	}
	if c := must(r.Unblock(t.Context(), eve.String()))(t); c.State != Stranger {
		t.Errorf("eve is %s", c.State)
	}
	if list := must(r.List(t.Context()))(t); len(list) != 1 {
		t.Errorf("the list is %+v", list)
	}
}

// TestRemove makes a stranger of a contact, who may be added anew.
func TestRemove(t *testing.T) {
	r, bo := newRig(t), newFriend("bo")
	must(r.Add(t.Context(), bo.String()))(t)
	must(r.SetNickname(t.Context(), bo.String(), "Bobby"))(t)
	r.sent()
	r.log.list = nil
	c := must(r.Remove(t.Context(), bo.String()))(t)
	r.told("removed", event.Contact, event.Chat)
	if c.State != Stranger || c.Nickname != "" || len(must(r.List(t.Context()))(t)) != 0 {
		t.Errorf("removed %+v", c)
	}
	r.now = r.now.Add(time.Hour)
	if c := must(r.Add(t.Context(), bo.String()))(t); c.State != Added || len(r.waiting()) != 1 {
		t.Errorf("added anew %+v, %d rows wait", c, len(r.waiting()))
	}
}

// TestNickname is what a contact is called here, by characters and not by bytes.
func TestNickname(t *testing.T) {
	r, bo := newRig(t), newFriend("bo")
	must(r.Add(t.Context(), bo.String()))(t)
	r.log.list = nil
	long := strings.Repeat("ü", 64)
	c := must(r.SetNickname(t.Context(), bo.String(), "  "+long+" "))(t)
	r.told("named", event.Contact, event.Chat)
	if c.Nickname != long || c.DisplayName() != long {
		t.Errorf("named %+v", c)
	}
	r.update(func(tx *models.Tx) error {
		stored, _, err := tx.Contact(bo.PublicKey)
		stored.Name = "bo.eth"
		if err != nil {
			return err
		}
		return tx.PutContact(&stored)
	})
	if c := must(r.SetNickname(t.Context(), bo.String(), ""))(t); c.Nickname != "" || c.DisplayName() != "bo.eth" {
		t.Errorf("named %+v", c)
	}
}

// TestVerify compares the codes that both sides see.
func TestVerify(t *testing.T) {
	r, bo := newRig(t), newFriend("bo")
	must(r.Add(t.Context(), bo.String()))(t)
	r.log.list = nil
	code := must(r.Code(t.Context(), bo.String()))(t)
	if theirs := identity.SafetyCode(bo.PublicKey, r.pair.Self()); code != theirs {
		t.Errorf("we see %s, they see %s", code, theirs)
	}
	if read := must(qr.Decode(encoded(t, must(r.CodeQR(t.Context(), bo.String()))(t))))(t); read != code {
		t.Errorf("the picture says %q", read)
	}
	c := must(r.Verify(t.Context(), bo.String(), strings.ReplaceAll(code, " ", "\n")))(t)
	r.told("verified", event.Contact, event.Chat)
	if !c.Verified || !c.VerifiedAt.Equal(r.now) {
		t.Errorf("verified %+v", c)
	}
	c = must(r.Unverify(t.Context(), bo.String()))(t)
	r.told("not any more", event.Contact, event.Chat)
	if c.Verified || !c.VerifiedAt.IsZero() {
		t.Errorf("taken back %+v", c)
	}
}

// TestNothingChanges is told to nobody.
func TestNothingChanges(t *testing.T) {
	r, bo, eve, dan := newRig(t), newFriend("bo"), newFriend("eve"), newFriend("dan")
	must(r.Add(t.Context(), link.Contact(bo.PublicKey, bo.bundle(r), "Bo")))(t)
	must(r.SetNickname(t.Context(), bo.String(), "Bobby"))(t)
	eve.asks(r)
	must(r.Ignore(t.Context(), eve.String()))(t)
	must(r.Block(t.Context(), dan.String()))(t)
	r.log.list, r.changed = nil, 0
	for what, do := range map[string]func() (Contact, error){
		"unblock a contact":        func() (Contact, error) { return r.Unblock(t.Context(), bo.String()) },
		"unblock a stranger":       func() (Contact, error) { return r.Unblock(t.Context(), newFriend("zoe").String()) },
		"unverify a contact":       func() (Contact, error) { return r.Unverify(t.Context(), bo.String()) },
		"unverify a stranger":      func() (Contact, error) { return r.Unverify(t.Context(), newFriend("zoe").String()) },
		"ignore again":             func() (Contact, error) { return r.Ignore(t.Context(), eve.String()) },
		"block again":              func() (Contact, error) { return r.Block(t.Context(), dan.String()) },
		"accept a contact":         func() (Contact, error) { return r.Accept(t.Context(), bo.String()) },
		"add a contact":            func() (Contact, error) { return r.Add(t.Context(), bo.String()) },
		"add by the same link":     func() (Contact, error) { return r.Add(t.Context(), link.Contact(bo.PublicKey, bo.bundle(r), "")) },
		"name a contact as before": func() (Contact, error) { return r.SetNickname(t.Context(), bo.String(), "Bobby") },
		"look at somebody":         func() (Contact, error) { return r.Get(t.Context(), bo.String()) },
	} {
		must(do())(t)
		if len(r.log.list) != 0 || r.changed != 0 {
			t.Errorf("%s: told of %v, %d times changed", what, r.log.list, r.changed)
		}
		r.log.list, r.changed = nil, 0
	}
	bo.device.Installation = "another of bo's"
	must(r.Add(t.Context(), link.Contact(bo.PublicKey, must(bo.device.Bundle(securetest.New(), r.now))(t), "")))(t)
	r.told("a link brings another device", event.Contact, event.Chat)
}

// TestClaimedName is what somebody says in their request that they are called: shown once they are a contact, however they
// become one, and not before. A contact's newer name stays.
func TestClaimedName(t *testing.T) {
	for what, let := range map[string]func(*rig, string) (Contact, error){
		"accepted": func(r *rig, key string) (Contact, error) { return r.Accept(t.Context(), key) },
		"added":    func(r *rig, key string) (Contact, error) { return r.Add(t.Context(), key) },
		"ignored first": func(r *rig, key string) (Contact, error) {
			must(r.Ignore(t.Context(), key))(t)
			return r.Accept(t.Context(), key)
		},
		"blocked first": func(r *rig, key string) (Contact, error) {
			must(r.Block(t.Context(), key))(t)
			must(r.Unblock(t.Context(), key))(t)
			return r.Add(t.Context(), key)
		},
	} {
		r, bo := newRig(t), newFriend("bo")
		bo.asks(r)
		claims := func(name string, clock uint64) {
			r.update(func(tx *models.Tx) error {
				chat, _, err := tx.ChatNamed(models.PrivateChat, bo.String())
				chat.Claimed, chat.ClaimedClock = name, clock
				if err != nil {
					return err
				}
				return tx.PutChat(&chat)
			})
		}
		claims("Bo", 7)
		if c := must(r.Get(t.Context(), bo.String()))(t); c.Name != "" {
			t.Errorf("%s: called %q before", what, c.Name)
		}
		if c := must(let(r, bo.String()))(t); c.Name != "Bo" || c.State != Added || c.DisplayName() != "Bo" {
			t.Errorf("%s: %+v", what, c)
		}
		r.update(func(tx *models.Tx) error {
			contact, _, err := tx.Contact(bo.PublicKey)
			chat, _, err2 := tx.ChatNamed(models.PrivateChat, bo.String())
			if contact.LastUpdated != 7 || chat.Claimed != "" || chat.ClaimedClock != 0 || err2 != nil {
				t.Errorf("%s: the contact is %+v, the chat %+v", what, contact, chat)
			}
			return err
		})
		claims("Bo of before", 6)
		if c := must(r.Add(t.Context(), bo.String()))(t); c.Name != "Bo" {
			t.Errorf("%s: called %q by an older update", what, c.Name)
		}
	}
}

// TestList has contacts in the order in which they were met, and then requests.
func TestList(t *testing.T) {
	r := newRig(t)
	cleo, bo, dan, eve := newFriend("cleo"), newFriend("bo"), newFriend("dan"), newFriend("eve")
	eve.asks(r)
	must(r.Add(t.Context(), cleo.String()))(t)
	bo.asks(r)
	must(r.Ignore(t.Context(), bo.String()))(t)
	must(r.Block(t.Context(), dan.String()))(t)
	var got []string
	for _, c := range must(r.List(t.Context()))(t) {
		got = append(got, string(c.State)+" "+c.Key)
	}
	want := []string{"added " + cleo.String(), "ignored " + bo.String(), "blocked " + dan.String(), "requested " + eve.String()}
	if !slices.Equal(got, want) {
		t.Errorf("the list is %q", got)
	}
}

// TestRefusals: whatever cannot be done says why, and changes nothing.
func TestRefusals(t *testing.T) {
	r, bo, eve, dan := newRig(t), newFriend("bo"), newFriend("eve"), newFriend("dan")
	must(r.Add(t.Context(), bo.String()))(t)
	must(r.Block(t.Context(), dan.String()))(t)
	self := r.pair.Self()
	forged := link.Contact(eve.PublicKey, bo.bundle(r), "")
	type call func(key string) (Contact, error)
	add := func(key string) (Contact, error) { return r.Add(t.Context(), key) }
	accept := func(key string) (Contact, error) { return r.Accept(t.Context(), key) }
	ignore := func(key string) (Contact, error) { return r.Ignore(t.Context(), key) }
	block := func(key string) (Contact, error) { return r.Block(t.Context(), key) }
	unblock := func(key string) (Contact, error) { return r.Unblock(t.Context(), key) }
	remove := func(key string) (Contact, error) { return r.Remove(t.Context(), key) }
	unverify := func(key string) (Contact, error) { return r.Unverify(t.Context(), key) }
	get := func(key string) (Contact, error) { return r.Get(t.Context(), key) }
	verify := func(key string) (Contact, error) { return r.Verify(t.Context(), key, "1") }
	verifySelf := func(key string) (Contact, error) {
		return r.Verify(t.Context(), key, identity.SafetyCode(self, eve.PublicKey))
	}
	code := func(key string) (Contact, error) {
		_, err := r.Code(t.Context(), key)
		return Contact{}, err
	}
	codeQR := func(key string) (Contact, error) {
		_, err := r.CodeQR(t.Context(), key)
		return Contact{}, err
	}
	name := func(name string) call {
		return func(key string) (Contact, error) { return r.SetNickname(t.Context(), key, name) }
	}
	picture := func(key string) (Contact, error) {
		return r.AddPicture(t.Context(), encoded(t, image.NewGray(image.Rect(0, 0, 50, 50))))
	}
	const noKey, half = "This is neither a chat key nor a link", "This chat key is not complete"
	const ownKey, badName = "That is your own key.", "A nickname has at most 64 characters"
	const noContact, noRequest = "This person is not among your contacts.", "This person does not wait for an answer."
	for _, c := range []struct {
		what     string
		do       call
		key      string
		who      identity.PublicKey
		code     fault.Code
		sentence string
	}{
		{"add nobody", add, "nobody", eve.PublicKey, fault.BadKey, noKey},
		{"add a channel", add, link.Channel("lobby"), eve.PublicKey, fault.BadLink, "This link does not name a person."},
		{"add a forged link", add, forged, eve.PublicKey, fault.BadLink, "The keys in this link are not genuine."},
		{"add ourselves", add, self.String(), self, fault.OwnKey, ownKey},
		{"add who is blocked", add, dan.String(), dan.PublicKey, fault.NotAllowed, "You blocked this person. Unblock them first."},
		{"add a picture of nothing", picture, "", eve.PublicKey, fault.BadLink, "There is no QR code in this picture."},
		{"accept nobody", accept, "", eve.PublicKey, fault.BadKey, "Paste a chat key or a link."},
		{"accept who did not ask", accept, eve.String(), eve.PublicKey, fault.NoSuchContact, noRequest},
		{"accept who is blocked", accept, dan.String(), dan.PublicKey, fault.NoSuchContact, noRequest},
		{"ignore who did not ask", ignore, eve.String(), eve.PublicKey, fault.NoSuchContact, noRequest},
		{"ignore a contact", ignore, bo.String(), bo.PublicKey, fault.NoSuchContact, noRequest},
		{"block ourselves", block, self.String(), self, fault.OwnKey, ownKey},
		{"block nobody", block, "?", eve.PublicKey, fault.BadKey, noKey},
		{"unblock nobody", unblock, "?", eve.PublicKey, fault.BadKey, noKey},
		{"remove a stranger", remove, eve.String(), eve.PublicKey, fault.NoSuchContact, noContact},
		{"remove who is blocked", remove, dan.String(), dan.PublicKey, fault.NoSuchContact, noContact},
		{"verify a stranger", verify, eve.String(), eve.PublicKey, fault.NoSuchContact, noContact},
		{"verify with no code", verify, bo.String(), bo.PublicKey, fault.NotAllowed, "The codes differ."},
		{"verify with another's code", verifySelf, bo.String(), bo.PublicKey, fault.NotAllowed, "The codes differ."},
		{"unverify nobody", unverify, "?", eve.PublicKey, fault.BadKey, noKey},
		{"a code for ourselves", code, self.String(), self, fault.OwnKey, ownKey},
		{"its picture", codeQR, self.String(), self, fault.OwnKey, ownKey},
		{"look at nobody", get, "0x04", eve.PublicKey, fault.BadKey, half},
		{"name a stranger", name("Eve"), eve.String(), eve.PublicKey, fault.NoSuchContact, noContact},
		{"a name too long", name(strings.Repeat("x", 65)), bo.String(), bo.PublicKey, fault.BadName, badName},
		{"a name of two lines", name("a\nb"), bo.String(), bo.PublicKey, fault.BadName, badName},
		{"a name that turns around", name("a\u202eb"), bo.String(), bo.PublicKey, fault.BadName, badName},
		{"a name of bytes", name("a\xff"), bo.String(), bo.PublicKey, fault.BadName, badName},
	} {
		r.refuses(c.what, c.who, c.code, c.sentence, func() error {
			_, err := c.do(c.key)
			return err
		})
	}
}

// TestLocked says so while no account is open.
func TestLocked(t *testing.T) {
	r, bo := newRig(t), newFriend("bo")
	r.Detach()
	r.Detach()
	for what, call := range map[string]func() error{
		"list": func() error { _, err := r.List(t.Context()); return err },
		"add":  func() error { _, err := r.Add(t.Context(), bo.String()); return err },
		"get":  func() error { _, err := r.Get(t.Context(), bo.String()); return err },
		"link": func() error { _, err := r.Link(t.Context()); return err },
		"qr":   func() error { _, err := r.QR(t.Context()); return err },
		"code": func() error { _, err := r.Code(t.Context(), bo.String()); return err },
	} {
		if err := call(); fault.CodeOf(err) != fault.Locked || len(r.log.list) != 0 {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestDatabaseFails: what cannot be stored is told to nobody.
func TestDatabaseFails(t *testing.T) {
	r, bo := newRig(t), newFriend("bo")
	if err := r.store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := r.Add(t.Context(), bo.String())
	_, err2 := r.List(t.Context())
	if fault.CodeOf(err) != fault.StorageProblem || fault.CodeOf(err2) != fault.StorageProblem || len(r.log.list) != 0 || r.changed != 0 {
		t.Errorf("%v, %v, told of %v", err, err2, r.log.list)
	}
}
