package datasync_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sotto/node/datasync"
	"sotto/node/datasync/datasynctest"
	"sotto/node/identity"
)

// A message is handed up once and acknowledged every time.
func TestReceiveMessages(t *testing.T) {
	s := datasynctest.New()
	first, second := datasync.New(bob, alice, []byte("first"), start), datasync.New(bob, alice, []byte("second"), start)
	got := receive(t, s, datasync.Payload{Messages: []datasync.Message{first, second, first}}, bob, "one")
	if len(got.Fresh) != 2 || string(got.Fresh[0].Body) != "first" || string(got.Fresh[1].Body) != "second" ||
		!slices.Equal(got.Ack, []datasync.ID{first.ID(), second.ID()}) || len(got.Refused) != 0 {
		t.Errorf("got %+v", got)
	}
	got = receive(t, s, datasync.Payload{Messages: []datasync.Message{second}}, bob, "another")
	if len(got.Fresh) != 0 || !slices.Equal(got.Ack, []datasync.ID{second.ID()}) {
		t.Errorf("the second time: %+v", got)
	}
}

// What belongs to another conversation is refused, and nothing else for its sake.
func TestReceiveForeignGroup(t *testing.T) {
	s := datasynctest.New()
	for name, foreign := range map[string]datasync.Message{
		"passed on":        datasync.New(carol, alice, []byte("x"), start),
		"to somebody else": datasync.New(bob, carol, []byte("x"), start),
		"our own devices":  datasync.New(alice, alice, []byte("x"), start),
		"no group":         {Body: []byte("x")},
	} {
		good := datasync.New(bob, alice, []byte(name), start)
		got := receive(t, s, datasync.Payload{Messages: []datasync.Message{foreign, good}}, bob, "one")
		if !slices.Equal(got.Refused, []datasync.Reason{datasync.ReasonForeign}) || !slices.Equal(got.Ack, []datasync.ID{good.ID()}) || len(got.Fresh) != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestReceiveFromOwnDevice(t *testing.T) {
	m := datasync.New(alice, alice, []byte("x"), start)
	got := receive(t, datasynctest.New(), datasync.Payload{Messages: []datasync.Message{m}}, alice, "phone")
	if len(got.Fresh) != 1 || len(got.Ack) != 1 {
		t.Errorf("got %+v", got)
	}
}

// Each device acknowledges for itself; the last one settles the message.
func TestAcks(t *testing.T) {
	s, id := begun(t, "hello", "one", "two")
	ack := datasync.Payload{Acks: []datasync.ID{{1}, id, id}} // the first is unknown and keeps nobody from reading on
	got := receive(t, s, ack, bob, "one")
	if want := (datasync.Delivery{Ref: 7, ID: id, Installation: "one", To: bob}); !slices.Equal(got.Delivered, []datasync.Delivery{want}) {
		t.Errorf("delivered %+v", got.Delivered)
	}
	if got = receive(t, s, ack, bob, "one"); len(got.Delivered) != 0 {
		t.Errorf("delivered twice: %+v", got.Delivered)
	}
	if sendings, records, _ := s.Counts(); sendings != 1 || records != 1 {
		t.Errorf("%d sendings, %d records", sendings, records)
	}
	if got = receive(t, s, ack, bob, "two"); len(got.Delivered) != 1 {
		t.Errorf("delivered %+v", got.Delivered)
	}
	if sendings, records, _ := s.Counts(); sendings+records != 0 {
		t.Errorf("%d sendings, %d records", sendings, records)
	}
}

// Where no device was known, the first that answers stands for all.
func TestAckOfAnyone(t *testing.T) {
	s, id := begun(t, "hello")
	got := receive(t, s, datasync.Payload{Acks: []datasync.ID{id}}, bob, "one")
	if len(got.Delivered) != 1 || got.Delivered[0].Installation != "one" {
		t.Errorf("delivered %+v", got.Delivered)
	}
	if sendings, records, _ := s.Counts(); sendings+records != 0 {
		t.Errorf("%d sendings, %d records", sendings, records)
	}
}

// What somebody else says of a message counts for nothing, nor what a device says that it was not sent to.
func TestForeignAcksAndRequests(t *testing.T) {
	for name, c := range map[string]struct {
		from         identity.PublicKey
		installation string
	}{
		"somebody else": {carol, "one"}, "our other device": {alice, "one"}, "another device": {bob, "two"},
	} {
		s, id := begun(t, "hello", "one")
		got := receive(t, s, datasync.Payload{Acks: []datasync.ID{id}, Requests: []datasync.ID{id}}, c.from, c.installation)
		if len(got.Delivered)+len(got.Resend) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
		if sendings, records, _ := s.Counts(); sendings != 1 || records != 1 {
			t.Errorf("%s: %d sendings, %d records", name, sendings, records)
		}
	}
}

func TestRequests(t *testing.T) {
	for _, installations := range [][]string{{"one", "two"}, nil} {
		s, id := begun(t, "hello", installations...)
		got := receive(t, s, datasync.Payload{Requests: []datasync.ID{id, {1}, id}}, bob, "one")
		if !slices.Equal(got.Resend, []datasync.ID{id}) || len(due(t, s, start)) != 0 {
			t.Errorf("resend %x", got.Resend)
		}
		must(t, datasync.Hasten(s, id, start))
		if again := due(t, s, start); len(again) != 1 || !slices.Equal(again[0].Installations, installations) {
			t.Errorf("due: %+v", again)
		}
	}
}

func TestOffers(t *testing.T) {
	s := datasynctest.New()
	known := datasync.New(bob, alice, []byte("known"), start)
	receive(t, s, datasync.Payload{Messages: []datasync.Message{known}}, bob, "one")
	offer := datasync.Payload{Offers: []datasync.ID{known.ID(), {1}, {1}}}
	for range 2 { // an offer is not an arrival
		if got := receive(t, s, offer, bob, "one"); !slices.Equal(got.Request, []datasync.ID{{1}}) {
			t.Errorf("request %x", got.Request)
		}
	}
	if got := receive(t, s, offer, carol, "one"); len(got.Request) != 2 {
		t.Errorf("request %x: what Bob sent is not what Carol offers", got.Request)
	}
}

// broken is a State of which one call fails.
type broken struct {
	*datasynctest.State
	call string
}

var errBroken = errors.New("broken")

func (b broken) fail(call string) error {
	if b.call == call {
		return errBroken
	}
	return nil
}

func (b broken) PutSending(id datasync.ID, s datasync.Sending) error {
	return errors.Join(b.fail("PutSending"), b.State.PutSending(id, s))
}

func (b broken) Sending(id datasync.ID) (datasync.Sending, bool, error) {
	s, found, _ := b.State.Sending(id)
	return s, found, b.fail("Sending")
}

func (b broken) DropSending(datasync.ID) error { return b.fail("DropSending") }

func (b broken) Records(id datasync.ID) ([]datasync.Record, error) {
	list, _ := b.State.Records(id)
	return list, b.fail("Records")
}

func (b broken) PutRecord(datasync.Record) error      { return b.fail("PutRecord") }
func (b broken) DropRecord(datasync.ID, string) error { return b.fail("DropRecord") }
func (b broken) Received(identity.PublicKey, datasync.ID) (bool, error) {
	return false, b.fail("Received")
}

func (b broken) Due(now time.Time, limit int) ([]datasync.ID, error) {
	list, _ := b.State.Due(now, limit)
	return list, b.fail("Due")
}

func (b broken) MarkReceived(identity.PublicKey, datasync.ID, time.Time) (bool, error) {
	return true, b.fail("MarkReceived")
}

// No failure of the State is lost.
func TestStateFailures(t *testing.T) {
	message := datasync.New(alice, bob, []byte("hello"), start)
	id := message.ID()
	take := func(p datasync.Payload) func(datasync.State) error {
		return func(s datasync.State) error {
			_, err := datasync.Receive(s, alice, p, bob, "one", start)
			return err
		}
	}
	retransmit := func(now time.Time) func(datasync.State) error {
		return func(s datasync.State) error {
			_, _, err := datasync.Retransmit(s, now, 10)
			return err
		}
	}
	begin := func(s datasync.State) error {
		return datasync.Begin(s, bob, message, 7, []string{"one"}, start, steady(0))
	}
	again := func(s datasync.State) error { return datasync.Again(s, id, []string{"two"}, start, steady(0)) }
	for _, c := range []struct {
		step  func(datasync.State) error
		calls []string
	}{
		{begin, []string{"PutSending", "Records", "PutRecord"}},
		{again, []string{"Sending", "Records", "PutRecord", "DropRecord"}},
		{func(s datasync.State) error { return datasync.Postpone(s, id, start.Add(time.Hour)) }, []string{"Records", "PutRecord"}},
		{func(s datasync.State) error { return datasync.Hasten(s, id, start) }, []string{"Records", "PutRecord"}},
		{retransmit(start.Add(time.Hour)), []string{"Due", "Sending", "Records"}},
		{retransmit(start.Add(2 * datasync.MaxAge)), []string{"DropSending"}},
		{take(datasync.Payload{Messages: []datasync.Message{message}}), []string{"MarkReceived"}},
		{take(datasync.Payload{Acks: []datasync.ID{id}}), []string{"Sending", "Records", "DropRecord"}},
		{take(datasync.Payload{Requests: []datasync.ID{id}}), []string{"Sending", "Records"}},
		{take(datasync.Payload{Offers: []datasync.ID{id}}), []string{"Received"}},
	} {
		for _, call := range c.calls {
			s, _ := begun(t, "hello", "one", "two")
			if err := c.step(broken{s, call}); !errors.Is(err, errBroken) {
				t.Errorf("%s: got %v", call, err)
			}
		}
	}
	s, _ := begun(t, "hello")
	if err := take(datasync.Payload{Acks: []datasync.ID{id}})(broken{s, "DropSending"}); !errors.Is(err, errBroken) {
		t.Errorf("the last record: got %v", err)
	}
}
