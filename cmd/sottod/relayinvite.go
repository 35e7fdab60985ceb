package main

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/term"

	"sotto/node"
	"sotto/services/invite"
	"sotto/services/qr"
)

// The roles of a node, as programs read them.
const (
	roleBoot  = "boot"
	roleRelay = "relay"
	roleMail  = "mail"
)

// pictureSize is the width of a QR code in pixels: large enough for a printed page.
const pictureSize = 768

func (f *relayFlags) roles() (r invite.Role) {
	for role, off := range map[invite.Role]bool{invite.Boot: f.noBoot, invite.Relay: f.noRelay, invite.Mail: f.noMail} {
		if !off {
			r |= role
		}
	}
	return r
}

func roleNames(r invite.Role) (names []string) {
	for _, role := range []struct {
		role invite.Role
		name string
	}{{invite.Boot, roleBoot}, {invite.Relay, roleRelay}, {invite.Mail, roleMail}} {
		if r&role.role != 0 {
			names = append(names, role.name)
		}
	}
	return names
}

// inviter keeps the invite link in the data folder, and anew when the relay's address changes.
type inviter struct {
	data   string
	invite invite.Invite // without its node
	roles  invite.Role
	screen io.Writer // where people look
	log    *slog.Logger

	mu      sync.Mutex
	link    string
	started bool
}

func newInviter(f *relayFlags, screen io.Writer, log *slog.Logger) *inviter {
	i := &inviter{
		data: f.data, invite: invite.Invite{Name: f.name, Channel: f.channel}, roles: f.roles(), screen: screen, log: log,
	}
	if kept, err := readInvite(f.data); err == nil {
		i.link = kept.Link() // whoever knows it already needs no picture
	}
	return i
}

// update writes the link that leads to enode, if it is another one than before, and returns it.
func (i *inviter) update(enode string) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.started = true
	inv := i.invite
	inv.Nodes = []invite.Node{{Enode: enode, Roles: i.roles}}
	if err := inv.Check(); err != nil {
		return "", err
	}
	link := inv.Link()
	if link == i.link && fileExists(filepath.Join(i.data, invitePicture)) {
		return link, nil
	}
	if err := writeInvite(i.data, link); err != nil {
		return "", fmt.Errorf("keep the invite: %w", err)
	}
	i.link = link
	i.log.Info("invite", "link", link, "picture", filepath.Join(i.data, invitePicture))
	i.show(link)
	return link, nil
}

// follow is called when the node has changed: a router may have mapped its port since it started.
func (i *inviter) follow(s node.Status) {
	i.mu.Lock()
	started := i.started
	i.mu.Unlock()
	if !started {
		return
	}
	if _, err := i.update(s.Enode); err != nil {
		i.log.Error("the invite cannot be kept", "err", err)
	}
}

// show draws the QR code where somebody may see it.
func (i *inviter) show(link string) {
	f, ok := i.screen.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return
	}
	if err := drawQR(f, link); err != nil {
		i.log.Warn("the QR code cannot be drawn", "err", err)
	}
}

// drawQR draws on a terminal whatever its colours are: white on black is set for each line.
func drawQR(w io.Writer, link string) error {
	picture, err := qr.Blocks(link)
	if err != nil {
		return err
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(picture, "\n"), "\n") {
		fmt.Fprintf(w, "\x1b[40;97m%s\x1b[0m\n", line)
	}
	return nil
}

func writeInvite(data, link string) error {
	picture, err := invitePNG(link)
	if err != nil {
		return err
	}
	return errors.Join(
		writeWhole(filepath.Join(data, inviteFile), []byte(link+"\n")),
		writeWhole(filepath.Join(data, invitePicture), picture),
	)
}

func invitePNG(link string) ([]byte, error) {
	picture, err := qr.Encode(link, pictureSize)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, picture)
	return b.Bytes(), err
}

// readInvite reads what a relay kept in its data folder.
func readInvite(data string) (invite.Invite, error) {
	text, err := readSmall(filepath.Join(data, inviteFile))
	if err != nil {
		return invite.Invite{}, err
	}
	return invite.Parse(string(text))
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
