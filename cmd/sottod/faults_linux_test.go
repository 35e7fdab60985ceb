//go:build network

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/ethereum/go-ethereum/p2p"

	"sotto/node/mailserver"
	"sotto/node/overlay"
	"sotto/node/whisper"
)

// faultEnv tells a program of these tests what to do wrong: "clock 20s" is a clock that is ahead, "archive-drops" an archive
// that forgets one envelope in ten, "archive-kills" one that ends the process when it should store.
const faultEnv = "SOTTO_TEST_FAULT"

func init() {
	fault, how, _ := strings.Cut(os.Getenv(faultEnv), " ")
	switch fault {
	case "clock":
		off, err := time.ParseDuration(how)
		if err != nil {
			panic(err)
		}
		clientNow = func() time.Time { return time.Now().Add(off) }
	case "archive-drops":
		wrapArchive = func(a mailserver.Archive) mailserver.Archive { return dropping{a} }
	case "archive-kills":
		wrapArchive = func(a mailserver.Archive) mailserver.Archive { return killing{a} }
	}
	faulty["dropping-relay"] = droppingRelay
}

// dropping is an archive that says of each envelope that it is stored, and stores nine in ten.
type dropping struct{ mailserver.Archive }

func (d dropping) Put(ctx context.Context, envelopes []mailserver.Stored) error {
	var kept []mailserver.Stored
	for _, e := range envelopes {
		if e.Hash[0] >= 26 {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return d.Archive.Put(ctx, kept)
}

// killing is an archive that never lives to store anything.
type killing struct{ mailserver.Archive }

func (killing) Put(context.Context, []mailserver.Stored) error {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// droppingRelay is a relay that confirms everything and hands on four envelopes in five.
func droppingRelay() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := runDroppingRelay(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitError)
	}
}

func runDroppingRelay(ctx context.Context) error {
	var data, listen, public, unused string
	fs := flag.NewFlagSet("dropping-relay", flag.ContinueOnError)
	fs.StringVar(&data, "data", "", "")
	fs.StringVar(&listen, "listen", "", "")
	fs.StringVar(&public, "public", "", "")
	fs.StringVar(&unused, "nat", "", "")
	fs.StringVar(&unused, "log-level", "", "")
	if err := fs.Parse(os.Args[1:]); err != nil {
		return err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	key, err := overlay.LoadOrCreateKey(filepath.Join(data, "nodekey"), rand.Reader)
	if err != nil {
		return err
	}
	w := whisper.New(whisper.Config{Confirmations: true})
	server, err := overlay.New(overlay.Config{
		Key: key, Name: "dropping", Protocols: []p2p.Protocol{lossy(w.Protocol())}, Listen: listen, Public: public, MaxPeers: 100,
	})
	if err != nil {
		return err
	}
	w.Start()
	defer w.Stop()
	if err := server.Start(ctx); err != nil {
		return err
	}
	defer server.Stop()
	if err := json.NewEncoder(os.Stdout).Encode(ready{Event: "ready", Enode: server.Enode(), Listen: server.ListenAddr()}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// lossy is a protocol that leaves a fifth of the envelopes out of what it writes.
func lossy(protocol p2p.Protocol) p2p.Protocol {
	run := protocol.Run
	protocol.Run = func(peer *p2p.Peer, rw p2p.MsgReadWriter) error { return run(peer, lossyLine{rw}) }
	return protocol
}

type lossyLine struct{ p2p.MsgReadWriter }

func (l lossyLine) WriteMsg(msg p2p.Msg) error {
	if msg.Code != whisper.CodeMessages {
		return l.MsgReadWriter.WriteMsg(msg)
	}
	payload := make([]byte, msg.Size)
	if _, err := io.ReadFull(msg.Payload, payload); err != nil {
		return err
	}
	var kept [][]byte
	err := whisper.SplitMessages(payload, func(raw []byte) error {
		if whisper.HashOf(raw)[1] >= 51 {
			kept = append(kept, raw)
		}
		return nil
	})
	if err != nil || len(kept) == 0 {
		return err
	}
	thinned := whisper.EncodeMessages(kept)
	return l.MsgReadWriter.WriteMsg(p2p.Msg{Code: msg.Code, Size: uint32(len(thinned)), Payload: bytes.NewReader(thinned)})
}
