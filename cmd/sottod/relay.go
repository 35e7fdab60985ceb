package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/node/whisper"
)

// ready is the one line that a relay prints on its standard output.
type ready struct {
	Event   string `json:"event"`
	Enode   string `json:"enode"`
	Listen  string `json:"listen"`
	Metrics string `json:"metrics,omitempty"`
}

// runRelay is the verb: a Whisper relay, until ctx ends.
func runRelay(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	flags, code, done := parseRelayFlags(args, stdout, stderr)
	if done {
		return code
	}
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: flags.level}))
	if err := relay(ctx, flags, stdout, log); err != nil {
		log.Error("the relay ended", "err", err)
		return exitError
	}
	return exitOK
}

func relay(ctx context.Context, flags relayFlags, stdout io.Writer, log *slog.Logger) (err error) {
	n, err := newRelay(flags, log)
	if err != nil {
		return err
	}
	if err := n.Start(ctx); err != nil {
		return err
	}
	defer n.Stop()
	s := n.Status()
	line := ready{Event: "ready", Enode: s.Enode, Listen: s.Listen}
	if flags.metrics != "" {
		m, err := serveMetrics(ctx, flags.metrics, n, log)
		if err != nil {
			return err
		}
		defer m.stop()
		line.Metrics = m.address
	}
	if err := json.NewEncoder(stdout).Encode(line); err != nil {
		return fmt.Errorf("print the ready line: %w", err)
	}
	log.Info("ready", "enode", s.Enode, "listen", s.Listen, "version", versionString())
	systemd(ctx, func() bool { return n.Status().Listen != "" }, log)
	log.Info("stopping", "reason", context.Cause(ctx).Error())
	return nil
}

// newRelay makes the node: its key is kept in the data folder, and it receives everything, since that is its purpose.
func newRelay(flags relayFlags, log *slog.Logger) (*node.Node, error) {
	if err := os.MkdirAll(flags.data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	key, err := overlay.LoadOrCreateKey(filepath.Join(flags.data, "nodekey"), rand.Reader)
	if err != nil {
		return nil, err
	}
	return node.New(node.Config{
		Key: key, Name: nodeName(), Listen: flags.listen, NAT: flags.nat, Public: flags.public,
		Static: flags.peers, Trusted: flags.trusted, MaxPeers: flags.maxPeers,
		Receive: node.ReceiveEverything, Log: log,
		Whisper: whisper.Config{
			MinPoW: flags.minPoW(), MaxMessageSize: uint32(flags.maxMessage), PoolBytes: flags.poolMB << 20, Confirmations: true,
		},
	})
}
