package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"sotto/services/fault"
	"sotto/services/network"
)

// held is a long method that runs until the test lets it end, or its connection does.
type held struct {
	begun chan struct{}
	end   chan struct{}
	cut   chan struct{} // has one for each that the end of its context ended
}

// hold puts a long method into the table for the time of a test: test.wait.
func hold(t *testing.T) *held {
	h := &held{begun: make(chan struct{}, 100), end: make(chan struct{}), cut: make(chan struct{}, 100)}
	methods["test.wait"] = waiting(bind(func(ctx context.Context, _ *server, _ none) (any, error) {
		h.begun <- struct{}{}
		select {
		case <-h.end:
			return true, nil
		case <-ctx.Done():
			h.cut <- struct{}{}
			return nil, ctx.Err()
		}
	}))
	t.Cleanup(func() { delete(methods, "test.wait") })
	return h
}

// dialogue is a connection to a server, and what it answers.
type dialogue struct {
	t       *testing.T
	conn    net.Conn
	answers chan message
	over    chan struct{} // closed when the server is done with the connection
	stop    context.CancelFunc
}

func dialogueWith(t *testing.T, s *server) *dialogue {
	ours, theirs := net.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	c := &dialogue{t: t, conn: ours, answers: make(chan message, 100), over: make(chan struct{}), stop: stop}
	go func() {
		defer close(c.over)
		defer theirs.Close()
		s.serve(ctx, t.Context(), theirs, theirs)
	}()
	go func() {
		defer close(c.answers)
		lines := bufio.NewScanner(ours)
		for lines.Scan() {
			var m message
			if json.Unmarshal(lines.Bytes(), &m) == nil && m.Method == "" {
				c.answers <- m
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		ours.Close()
		<-c.over
	})
	return c
}

func (c *dialogue) ask(id int, method string) {
	c.t.Helper()
	if _, err := fmt.Fprintf(c.conn, `{"jsonrpc":"2.0","id":%d,"method":%q}`+"\n", id, method); err != nil {
		c.t.Fatal(err)
	}
}

func (c *dialogue) wantAnswer(id string) {
	c.t.Helper()
	select {
	case m := <-c.answers:
		if string(m.ID) != id || m.Error != nil {
			c.t.Fatalf("got %+v, want the answer to %s", m, id)
		}
	case <-time.After(20 * time.Second):
		c.t.Fatalf("no answer to %s", id)
	}
}

func TestALongRequestHoldsNothingUp(t *testing.T) {
	h, c := hold(t), dialogueWith(t, localServer(t))
	c.ask(1, "test.wait")
	<-h.begun
	c.ask(2, "account.list")
	c.ask(3, "account.list")
	c.wantAnswer("2")
	c.wantAnswer("3")
	close(h.end)
	c.wantAnswer("1")
}

func TestLongRequestsAreBounded(t *testing.T) {
	h, c := hold(t), dialogueWith(t, localServer(t))
	for id := range mostBeside {
		c.ask(id+1, "test.wait")
		<-h.begun
	}
	c.ask(100, "account.list")
	c.wantAnswer("100")
	c.ask(101, "test.wait") // waits for one of the others
	h.end <- struct{}{}
	<-h.begun
	c.ask(102, "account.list")
	for range 2 {
		if m := <-c.answers; m.Error != nil {
			t.Errorf("got %+v", m)
		}
	}
	close(h.end)
	for range mostBeside {
		if m := <-c.answers; m.Error != nil {
			t.Errorf("got %+v", m)
		}
	}
}

// TestWhatWasAskedIsAnsweredAfterTheInputsEnd: a script writes its requests and closes its end.
func TestWhatWasAskedIsAnsweredAfterTheInputsEnd(t *testing.T) {
	h, s := hold(t), localServer(t)
	in, out := io.Pipe()
	answers := make(chan []message, 1)
	go func() { answers <- scriptFrom(t, s, in) }()
	if _, err := io.WriteString(out, `{"jsonrpc":"2.0","id":1,"method":"test.wait"}`+"\n"); err != nil {
		t.Fatal(err)
	}
	<-h.begun
	out.Close()
	close(h.end)
	if list := <-answers; len(list) != 1 || string(list[0].Result) != "true" {
		t.Errorf("got %+v", list)
	}
}

// TestALongRequestEndsWithItsConnection: as soon as it is noticed that nobody reads any more.
func TestALongRequestEndsWithItsConnection(t *testing.T) {
	h, s := hold(t), localServer(t)
	c := dialogueWith(t, s)
	c.ask(1, "test.wait")
	<-h.begun
	c.conn.Close()
	s.Network.Report(network.DegradedStorage, "The disk is full.", "Free some space.") // an event, which nobody reads
	<-h.cut
	<-c.over
}

// TestAStopLetsLongRequestsEnd: what runs is finished.
func TestAStopLetsLongRequestsEnd(t *testing.T) {
	h, c := hold(t), dialogueWith(t, localServer(t))
	c.ask(1, "test.wait")
	<-h.begun
	c.stop()
	close(h.end)
	c.wantAnswer("1")
	<-c.over
}

// TestSyncHoldsNothingUp: a mailserver that nobody reaches is waited for, and the account can be locked meanwhile.
func TestSyncHoldsNothingUp(t *testing.T) {
	s := localServer(t)
	script(t, s, `{"jsonrpc":"2.0","id":1,"method":"account.create"}`)
	if err := s.Network.AddMailserver(t.Context(), enodeOfNobody); err != nil {
		t.Fatal(err)
	}
	c := dialogueWith(t, s)
	c.ask(1, "history.sync")
	c.ask(2, "account.list")
	c.wantAnswer("2")
	c.ask(3, "account.lock")
	for range 2 { // in any order
		m := <-c.answers
		if refused := m.Error != nil && m.Error.Data != nil && m.Error.Data.Code == fault.Locked; refused != (string(m.ID) == "1") {
			t.Errorf("got %+v", m)
		}
	}
}

// enodeOfNobody is a node at a port where nothing listens.
const enodeOfNobody = "enode://436cc6f674928fdc9a9f7990f2944002b685d1c37f025c1be425185b5b1f0900feaf1ccc2a6130268f9901be4a7d252f37302c8335a2c1a62736e9232691cc3a@127.0.0.1:9"
