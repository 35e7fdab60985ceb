package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"sotto/services"
	"sotto/services/event"
)

const (
	// queueSize is how many events wait for a connection that reads slowly, before they become one resync.
	queueSize = 1024
	// quiet is how long a connection must have said nothing before a stop leaves it: what a script had written when it
	// asked for the stop is still heard.
	quiet = 250 * time.Millisecond
	// grace is how long a stop waits for requests that run and for readers that do not read.
	grace = 5 * time.Second
	// mostBeside is how many long requests of one connection run at the same time.
	mostBeside = 8
	// acceptPause is how long to wait after a connection could not be accepted.
	acceptPause = 200 * time.Millisecond
)

// server is the services of one process, for any number of connections.
type server struct {
	*services.Session
	log *slog.Logger
}

func newServer(session *services.Session, log *slog.Logger) *server {
	return &server{Session: session, log: log}
}

// serveStream serves one connection until its input or ctx ends. A reader of the input that cannot be interrupted is
// left behind for the end of the process.
func (s *server) serveStream(ctx context.Context, in io.Reader, out io.Writer) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serve(ctx, work, in, out)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-done:
	case <-time.After(grace):
		s.log.Warn("the output was not read to the end")
	}
	return nil
}

// serveSocket serves every connection until ctx ends, and waits for all of them.
func (s *server) serveSocket(ctx context.Context, listener net.Listener) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var serving sync.WaitGroup
	defer serving.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	for {
		conn, err := listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return s.drain(&serving, cancel)
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("socket: %w", err)
		case err != nil: // too many open files, for instance: it passes
			s.log.Warn("a connection was not accepted", "error", err)
			pause(ctx, acceptPause)
			continue
		}
		serving.Go(func() {
			defer conn.Close()
			unblock := context.AfterFunc(work, func() { conn.Close() })
			defer unblock()
			s.serve(ctx, work, conn, conn)
		})
	}
}

// drain gives the connections their grace and then cuts them.
func (s *server) drain(serving *sync.WaitGroup, cut func()) error {
	done := make(chan struct{})
	go func() { serving.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(grace):
		cut()
		<-done
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// serve answers one connection's requests in their order, beside the long ones, until the input ends or ctx does; work outlives
// ctx, so that a request which runs is finished. Where nobody reads the answers any more, what is asked already is done all the
// same, but for long requests, which end. It returns when the last notification is written.
func (s *server) serve(ctx, work context.Context, in io.Reader, out io.Writer) {
	c := newConnection(s, out)
	defer c.hangUp()
	events := s.Events.Subscribe(queueSize)
	c.write(notification{"2.0", "event.ready", readyParams{Version: versionString()}})
	var notifying sync.WaitGroup
	notifying.Go(func() {
		for e := range events.C {
			c.notify(work, e)
		}
	})
	defer notifying.Wait()
	defer events.Close()
	defer c.finish()
	lines, leave := make(chan line), make(chan struct{})
	defer close(leave)
	go read(in, lines, leave)
	for {
		select {
		case l, more := <-lines:
			if !more {
				return
			}
			c.handle(work, l)
		case <-ctx.Done():
			c.handleWhatIsThere(work, lines, time.After(grace))
			return
		case <-c.gone.Done():
			c.handleWhatIsThere(work, lines, nil)
			return
		}
	}
}

// line is one line of input, or the news that one was too long.
type line struct {
	text    []byte
	tooLong bool
}

// read passes lines on until the input ends or nobody takes them.
func read(in io.Reader, lines chan<- line, leave <-chan struct{}) {
	defer close(lines)
	reader := newLineReader(in)
	for {
		text, err := reader.next()
		tooLong := errors.Is(err, errLineTooLong)
		if err != nil && !tooLong {
			return
		}
		select {
		case lines <- line{text, tooLong}:
		case <-leave:
			return
		}
	}
}

// connection is one reader of answers and notifications.
type connection struct {
	*server
	mu     sync.Mutex // one line at a time
	out    io.Writer
	gone   context.Context // ends when the other side reads no more
	hangUp context.CancelFunc
	beside chan struct{} // one for each long request that runs
}

func newConnection(s *server, out io.Writer) *connection {
	c := &connection{server: s, out: out, beside: make(chan struct{}, mostBeside)}
	c.gone, c.hangUp = context.WithCancel(context.Background())
	return c
}

// write does nothing once the other side reads no more.
func (c *connection) write(v any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone.Err() != nil {
		return
	}
	if err := writeLine(c.out, v); err != nil {
		c.hangUp()
	}
}

func (c *connection) handle(ctx context.Context, l line) {
	if l.tooLong {
		c.write(respond(nil, nil, &rpcError{Code: codeInvalidRequest, Message: "A request has at most 1,048,576 bytes."}))
		return
	}
	if len(l.text) == 0 {
		return
	}
	req, err := parseRequest(l.text)
	switch {
	case err != nil:
		c.write(respond(req.ID, nil, err))
	case methods[req.Method].long:
		c.runBeside(ctx, req)
	default:
		c.tell(c.perform(ctx, req))
	}
}

// tell writes an answer, where there is one.
func (c *connection) tell(r *response) {
	if r != nil {
		c.write(r)
	}
}

// runBeside answers a long request while others are answered, until the connection ends. Where as many run as may, it waits for
// one of them, and so do the requests after it.
func (c *connection) runBeside(ctx context.Context, req request) {
	select {
	case c.beside <- struct{}{}:
	case <-c.gone.Done():
		return
	}
	go func() {
		defer func() { <-c.beside }()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(c.gone, cancel)()
		c.tell(c.perform(ctx, req))
	}()
}

// finish waits for the long requests that run.
func (c *connection) finish() {
	for range mostBeside {
		c.beside <- struct{}{}
	}
}

// handleWhatIsThere takes lines until none came for a moment, or until end.
func (c *connection) handleWhatIsThere(ctx context.Context, lines <-chan line, end <-chan time.Time) {
	for {
		select {
		case l, more := <-lines:
			if !more {
				return
			}
			c.handle(ctx, l)
		case <-time.After(quiet):
			return
		case <-end:
			return
		}
	}
}

// notify reads what an event speaks of and writes it as it stands now.
func (c *connection) notify(ctx context.Context, e event.Event) {
	if c.gone.Err() != nil {
		return
	}
	name, params, err := c.describe(ctx, e)
	if err != nil {
		c.log.Debug("an event is left out", "kind", string(e.Kind), "error", err)
		return
	}
	c.write(notification{"2.0", name, params})
}
