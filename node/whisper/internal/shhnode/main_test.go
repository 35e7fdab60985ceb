package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// The node database of devp2p ends one of its goroutines up to half a minute after it was closed.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"))
}

// driven is a running node and both ends of its pipes.
type driven struct {
	t   *testing.T
	in  io.WriteCloser
	out *json.Decoder
}

func drive(t *testing.T) *driven {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	done := make(chan error)
	go func() { done <- run(options{addr: "127.0.0.1:0", minPoW: 0.00001}, inR, outW) }()
	d := &driven{t: t, in: inW, out: json.NewDecoder(outR)}
	t.Cleanup(func() {
		go io.Copy(io.Discard, outR)
		inW.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
		outW.Close()
	})
	return d
}

// next is the next line that has the key.
func (d *driven) next(key string) map[string]any {
	d.t.Helper()
	for {
		var o map[string]any
		if err := d.out.Decode(&o); err != nil {
			d.t.Fatal(err)
		}
		if _, ok := o[key]; ok {
			return o
		}
	}
}

func (d *driven) call(line string) map[string]any {
	d.t.Helper()
	go io.WriteString(d.in, line+"\n")
	return d.next("ok")
}

func TestTwoNodesTalk(t *testing.T) {
	a, b := drive(t), drive(t)
	enode := a.next("enode")["enode"].(string)
	b.next("enode")
	if got := a.call(`{"id":1,"cmd":"subscribe","password":"p","topic":"01020304"}`); got["ok"] != true {
		t.Fatal(got)
	}
	b.call(`{"id":1,"cmd":"addPeer","enode":"` + enode + `"}`)
	if got := b.call(`{"id":2,"cmd":"post","password":"p","topic":"01020304","payload":"6869","pow":0.00001}`); got["ok"] != true {
		t.Fatal(got)
	}
	if got := a.next("payload"); got["payload"] != "6869" {
		t.Error(got)
	}
}

func TestBadLinesAreAnswered(t *testing.T) {
	d := drive(t)
	d.next("enode")
	for _, line := range []string{`no JSON`, `{"id":1,"cmd":"unheard of"}`, `{"id":2,"cmd":"post","topic":"01"}`, `{"id":3,"cmd":"addPeer","enode":"x"}`} {
		if got := d.call(line); got["ok"] != false || got["error"] == "" {
			t.Errorf("%s: %v", line, got)
		}
	}
}

func TestOnlyLoopback(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "192.0.2.1:0", "nonsense"} {
		if err := run(options{addr: addr}, strings.NewReader(""), &bytes.Buffer{}); err == nil {
			t.Errorf("listened on %s", addr)
		}
	}
}
