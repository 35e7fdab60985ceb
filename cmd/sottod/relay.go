package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/node/whisper"
	"sotto/services/invite"
)

// ready is the one line that a relay prints on its standard output.
type ready struct {
	Event   string `json:"event"`
	Enode   string `json:"enode"`
	Listen  string `json:"listen"`
	Invite  string `json:"invite"`
	Metrics string `json:"metrics,omitempty"`
}

// runRelay is the verb: boot node, relay and mailserver, until ctx ends.
func runRelay(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	flags, code, done := parseRelayFlags(args, stdout, stderr)
	if done {
		return code
	}
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: flags.level}))
	if err := relay(ctx, flags, stdout, stderr, log); err != nil {
		log.Error("the relay ended", "err", plain(err))
		return exitError
	}
	return exitOK
}

func relay(ctx context.Context, flags relayFlags, stdout, screen io.Writer, log *slog.Logger) (err error) {
	if err := makeFolder(flags.data); err != nil {
		return err
	}
	key, err := overlay.LoadOrCreateKey(filepath.Join(flags.data, keyFile), rand.Reader)
	if err != nil {
		return err
	}
	box, err := openMailbox(ctx, flags, key, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.close()) }()
	invites := newInviter(&flags, screen, log)
	n, err := newRelay(flags, key, box, invites, log)
	if err != nil {
		return err
	}
	box.serve(n.Whisper())
	if err := n.Start(ctx); err != nil {
		return err
	}
	defer n.Stop()
	return serve(ctx, flags, n, box, invites, stdout, log)
}

// serve says that the relay is ready, and waits for the end of ctx.
func serve(ctx context.Context, flags relayFlags, n *node.Node, box *mailbox, invites *inviter, stdout io.Writer, log *slog.Logger) error {
	s := n.Status()
	link, err := invites.update(s.Enode)
	if err != nil {
		return err
	}
	line := ready{Event: "ready", Enode: s.Enode, Listen: s.Listen, Invite: link}
	listening := func() bool { return n.Status().Listen != "" }
	if flags.metrics != "" {
		m, err := serveMetrics(ctx, flags.metrics, healthOf(listening, box.check(), flags.data), log, nodeCollector{n}, box)
		if err != nil {
			return err
		}
		defer m.stop()
		line.Metrics = m.address
	}
	kept := relayState{
		Enode: s.Enode, Listen: s.Listen, Metrics: line.Metrics, Roles: roleNames(flags.roles()), Peers: flags.peers,
	}
	if err := writeState(flags.data, kept); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := printReady(stdout, line); err != nil {
		return fmt.Errorf("print the ready line: %w", err)
	}
	log.Info("ready", "enode", s.Enode, "listen", s.Listen, "roles", kept.Roles, "version", versionString())
	systemd(ctx, listening, log)
	log.Info("stopping", "reason", context.Cause(ctx).Error())
	return nil
}

// printReady writes the line as it can be read and copied: with the link's ampersands as they are.
func printReady(stdout io.Writer, line ready) error {
	e := json.NewEncoder(stdout)
	e.SetEscapeHTML(false)
	return e.Encode(line)
}

// makeFolder makes the data folder, and closes one that is there already to others.
func makeFolder(data string) error {
	err := os.MkdirAll(data, folderMode)
	if err == nil {
		err = os.Chmod(data, folderMode)
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return nil
}

// newRelay makes the node, whose key is kept in the data folder. As a relay or a mailserver it receives everything, since that
// is its purpose; as a boot node alone it receives nothing. Without the role of a relay it is a light node of Whisper
// (EIP-627): it hands nothing on. Other relays that it stays connected to also tell it which nodes there are.
func newRelay(flags relayFlags, key *ecdsa.PrivateKey, box *mailbox, invites *inviter, log *slog.Logger) (n *node.Node, err error) {
	receive := node.ReceiveEverything
	if flags.noRelay && flags.noMail {
		receive = node.ReceiveConcerning
	}
	w := whisper.Config{
		MinPoW: flags.minPoW(), MaxMessageSize: uint32(flags.maxMessage), PoolBytes: flags.poolMB << 20,
		Confirmations: true, Light: flags.noRelay,
	}
	box.configure(&w)
	n, err = node.New(node.Config{
		Key: key, Name: nodeName(), Listen: flags.listen, NAT: flags.nat, Public: flags.public,
		Static: flags.peers, Trusted: flags.trusted, MaxPeers: flags.maxPeers, Receive: receive, Log: log, Whisper: w,
		Search: overlay.Search{Discovery: !flags.noBoot, Boot: flags.peers}, Roles: overlayRoles(flags.roles()),
		Retention: w.Retention, OnChange: func() { invites.follow(n.Status()) },
	})
	return n, err
}

func overlayRoles(of invite.Role) (r overlay.Roles) {
	for role, same := range map[invite.Role]overlay.Roles{
		invite.Boot: overlay.RoleBoot, invite.Relay: overlay.RoleRelay, invite.Mail: overlay.RoleMail,
	} {
		if of&role != 0 {
			r |= same
		}
	}
	return r
}
