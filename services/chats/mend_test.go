package chats

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services/ingest"
)

// TestLostRequestToBeginAnew: where what lets the other begin anew is lost, it goes out again when something more comes that
// cannot be read, and both understand each other within minutes.
func TestLostRequestToBeginAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		link(t, ann, bo)
		err := bo.store.Update(t.Context(), func(tx *models.Tx) error {
			return tx.ForgetInstallation(key(ann), ann.open.Pair.Installation())
		})
		if err != nil {
			t.Fatal(err)
		}
		m := ann.say(bo.self(), "do you hear me")
		settle()
		ann.hand(bo)
		settle()
		lose(bo)
		bo.reopen() // which forgets nothing
		for range 3 {
			pass(time.Minute)
			exchange(ann, bo)
		}
		if got := ann.message(m.ID); got.State != Delivered || !slices.Equal(bo.texts(ann.self()), []string{"do you hear me"}) {
			t.Errorf("ann sees %s, bo has %q, refused %v", got.State, bo.texts(ann.self()), bo.Counts().Refused)
		}
	})
}

// TestDeviceThatIsNoMore is tried ever more rarely once another device of the same person has a message, and gets it at once
// when it is heard from.
func TestDeviceThatIsNoMore(t *testing.T) {
	if raceEnabled {
		t.Skip("lives through four days, which under the race detector takes two minutes")
	}
	synctest.Test(t, func(t *testing.T) {
		ann, bo, gone := newPerson(t, "ann"), newPerson(t, "bo"), newOutsider(t, "bo")
		defer ann.close()
		defer bo.close()
		link(t, ann, bo)
		err := ann.store.Update(t.Context(), func(tx *models.Tx) error {
			_, err := ann.open.Pair.Learn(tx, gone.bundle(), gone.who())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		m := ann.say(bo.self(), "hello")
		exchange(ann, bo)
		if got := ann.message(m.ID); got.DeliveredTo != 1 || got.Addressed != 2 {
			t.Fatalf("ann sees %+v", got)
		}
		private := func() (list []posted) {
			code := whisper.TopicOf(secure.ContactCodeTopic(key(ann)))
			return slices.DeleteFunc(ann.node.posts(), func(p posted) bool { return p.channel.Topic == code })
		}
		posts := len(private())
		const days = 4
		for range days * 24 * 60 * 5 {
			pass(12 * time.Second) // less than an envelope lives
			ann.hand(bo)
		}
		settle()
		if n := len(private()) - posts; n < 14 || n > 24 {
			t.Errorf("sent again %d times in %d days", n, days)
		}
		if bo.rows()["healed"] != 0 || bo.refused(ingest.Reason(secure.ReasonForOthers)) == 0 {
			t.Errorf("bo's device asks to begin anew for what is not for it; refused %v", bo.Counts().Refused)
		}
		pass(time.Minute)
		settle()
		posts = len(private())
		gone.learns(ann)
		gone.clock = uint64(time.Now().UnixMilli())
		gone.to(ann, gone.writes(key(ann), "here I am"))
		settle()
		for _, p := range private()[posts:] {
			p.observe(Outcome{Kind: AcceptedBy, Peer: "relay"})
			if raw, err := gone.device.Open(gone.state, p.payload, key(ann), time.Now()); err == nil && len(raw.Plaintext) > 200 {
				return
			}
		}
		t.Errorf("%d posts, none of which has the message", len(private())-posts)
	})
}
