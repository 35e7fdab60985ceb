package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sotto/node/overlay"
	"sotto/node/probe"
	"sotto/services/invite"
)

// The first boot nodes of the specification: only their texts are looked at here.
const (
	enodeA = "enode://e8a7c03b58911e98bbd66accb2a55d57683f35b23bf9dfca89e5e244eb5cc3f25018b4112db507faca34fb69ffb44b362f79eda97a669a8df29c72e654416784@192.0.2.1:443"
	enodeB = "enode://43947863cfa5aad1178f482ac35a8ebb9116cded1c23f7f9af1a47badfc1ee7f0dd9ec0543417cc347225a6e47e46c6873f647559e43434596c54e17a4d3a1e4@192.0.2.2:443"
)

// patient is a doctor whose findings are read.
func patient(t *testing.T) (*doctor, *strings.Builder) {
	var out strings.Builder
	return &doctor{ctx: t.Context(), data: t.TempDir(), out: &out, now: time.Now, free: freeSpace}, &out
}

func seen(t *testing.T, url string, l look) look {
	t.Helper()
	n, err := overlay.ParseEnode(url)
	if err != nil {
		t.Fatal(err)
	}
	l.node = n
	return l
}

func TestDoctorComparesClocks(t *testing.T) {
	at := func(ahead ...time.Duration) (looks []look) {
		for _, a := range ahead {
			looks = append(looks, look{Result: probe.Result{TellsTime: true, Ahead: a}})
		}
		return append(looks, look{err: errors.New("away"), Result: probe.Result{TellsTime: true, Ahead: time.Hour}}, look{})
	}
	for name, test := range map[string]struct {
		looks []look
		bad   int
		want  string
	}{
		"right":        {at(0, 300*time.Millisecond, -time.Second), 0, "3 of 5 nodes: it is right"},
		"ahead":        {at(-40*time.Second, -41*time.Second, -39*time.Second), 1, "it is 40.0 seconds ahead"},
		"behind":       {at(6*time.Second, 6*time.Second), 1, "it is 6.0 seconds behind"},
		"a bit":        {at(2 * time.Second), 0, "it is 2.0 seconds behind"},
		"one is wrong": {at(time.Hour, 0, 0), 0, "it is right"},
		"one only":     {at(time.Minute), 1, "it may be that one's clock"},
		"nobody":       {at(), 0, "could not be compared"},
	} {
		d, out := patient(t)
		d.clock(test.looks)
		if d.bad != test.bad || !strings.Contains(out.String(), test.want) {
			t.Errorf("%s: %d wrong: %s", name, d.bad, out)
		}
	}
}

func TestDoctorLooksAtTheDisk(t *testing.T) {
	for free, want := range map[uint64]string{lowDisk - 1: "WRONG", lowDisk: "note", comfortableDisk: "ok"} {
		d, out := patient(t)
		d.free = func(string) (uint64, error) { return free, nil }
		d.space()
		if !strings.HasPrefix(out.String(), want) || (d.bad > 0) != (want == "WRONG") {
			t.Errorf("%d bytes: %s", free, out)
		}
	}
	d, out := patient(t)
	d.free = func(string) (uint64, error) { return 0, &fs.PathError{Op: "statfs", Path: "x", Err: syscall.EIO} }
	if d.space(); d.bad != 1 || !strings.Contains(out.String(), "input/output error") {
		t.Error(out)
	}
}

// TestDoctorTellsWhatANodeIs: each way to be absent has a remedy of its own, and a role that is not filled is wrong.
func TestDoctorTellsWhatANodeIs(t *testing.T) {
	all := invite.Boot | invite.Relay | invite.Mail
	fails := func(step probe.Step, err error) look { return look{err: &probe.Failure{Step: step, Err: err}} }
	for name, test := range map[string]struct {
		look look
		bad  int
		want string
	}{
		"all is well":   {look{roles: all, Result: probe.Result{Mail: probe.Answered, Keeps: 48 * time.Hour}}, 0, "keeps messages for 2 days"},
		"no promise":    {look{roles: invite.Mail, Result: probe.Result{Mail: probe.Answered}}, 0, "it promises nothing"},
		"hours":         {look{roles: invite.Mail, Result: probe.Result{Mail: probe.Answered, Keeps: time.Hour}}, 0, "for 1 hours"},
		"light relay":   {look{roles: invite.Relay, Result: probe.Result{Light: true}}, 1, "hands nothing on"},
		"no mail":       {look{roles: invite.Mail, Result: probe.Result{Mail: probe.Silent}}, 1, "does not answer as one"},
		"no boot":       {look{roles: invite.Boot, boot: errors.New("silent")}, 1, "UDP port 443"},
		"hostile name":  {look{Result: probe.Result{Name: "a\x1b[2Jb\nok     all"}}, 0, "calls itself a?[2Jb?ok"},
		"no name":       {fails(probe.Resolve, &net.DNSError{Err: "no such host"}), 1, "its name has no address"},
		"refused":       {fails(probe.Connect, syscall.ECONNREFUSED), 1, "the connection was refused"},
		"other node":    {fails(probe.Handshake, errors.New("EOF")), 1, "ask for a new invite link"},
		"full":          {fails(probe.Hello, errors.New("too many peers")), 1, "too many peers"},
		"other network": {fails(probe.Whisper, errors.New("eth")), 1, "a node of another network"},
	} {
		d, out := patient(t)
		d.tell(seen(t, enodeA, test.look))
		if d.bad != test.bad || !strings.Contains(out.String(), test.want) || strings.Count(out.String(), "Remedy: ") != test.bad {
			t.Errorf("%s: %d wrong: %s", name, d.bad, out)
		}
	}
	d, out := patient(t)
	if d.tell(look{}); d.bad != 1 {
		t.Error(out)
	}
}

func TestNobodyIsLookedAtTwice(t *testing.T) {
	nodes := []invite.Node{{Enode: enodeA, Roles: invite.Boot}, {Enode: enodeB, Roles: invite.Mail}, {Enode: enodeA, Roles: invite.Relay}, {Enode: "x"}}
	got := without(nodes, enodeB)
	if len(got) != 2 || got[0].Enode != enodeA || got[0].Roles != invite.Boot|invite.Relay || got[1].Enode != "x" {
		t.Errorf("%+v", got)
	}
	if got := without(nodes, ""); len(got) != 3 {
		t.Errorf("%+v", got)
	}
}

// TestAnotherProgramHasThePort: what answers and is not the relay is named as that.
func TestAnotherProgramHasThePort(t *testing.T) {
	s := &http.Server{Handler: http.NotFoundHandler()}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(ln)
	defer s.Close()
	d, out := patient(t)
	d.ports(relayState{Enode: strings.Replace(enodeA, "192.0.2.1:443", ln.Addr().String(), 1), Listen: ln.Addr().String()})
	if d.bad != 1 || !strings.Contains(out.String(), "something else answers") {
		t.Errorf("%d wrong: %s", d.bad, out)
	}
}

// TestTheAddressLeadsElsewhere: who listens here does not hear what is said there.
func TestTheAddressLeadsElsewhere(t *testing.T) {
	here, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	there, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	if ok, err := leadsTo(t.Context(), here.Addr().String(), here); !ok || err != nil {
		t.Errorf("here: %v, %v", ok, err)
	}
	go func() { // somebody who knocks here and says something else
		if c, err := net.Dial("tcp", here.Addr().String()); err == nil {
			c.Write(make([]byte, 16))
			c.Close()
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if ok, err := leadsTo(ctx, there.Addr().String(), here); ok || err != nil {
		t.Errorf("there: %v, %v", ok, err)
	}
}

func TestDamagedState(t *testing.T) {
	dir := t.TempDir()
	good := relayState{Enode: enodeA, Listen: "0.0.0.0:30303", Metrics: "127.0.0.1:9091", Roles: []string{roleMail}, Peers: []string{enodeB}}
	if err := writeState(dir, good); err != nil {
		t.Fatal(err)
	}
	if got, err := readState(dir); err != nil || got.Enode != enodeA || !got.has(roleMail) || got.has(roleBoot) || len(got.Peers) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	whole := readFile(t, filepath.Join(dir, stateFile))
	for name, text := range map[string]string{
		"cut": whole[:40], "no enode": strings.Replace(whole, enodeA, "enode://x", 1), "bad peer": strings.Replace(whole, enodeB, "x", 1),
		"elsewhere": strings.Replace(whole, "127.0.0.1:9091", "192.0.2.9:80", 1), "long": strings.Repeat(" ", maxStateFile) + whole,
		"bad listen": strings.Replace(whole, "0.0.0.0:30303", "nowhere", 1),
	} {
		if err := os.WriteFile(filepath.Join(dir, stateFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readState(dir); err == nil || got.Enode != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
