package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"

	"sotto/services/invite"
)

const inviteHelp = `Print the invite link of a relay's data folder; the relay need not run. Links of other relays, given as arguments, are
joined with it: the link that comes out names the nodes of all, with the name and the first channel of this relay's.

Usage:

  sottod invite [flags] [INVITE…]

Flags:

  --data DIR            the relay's data folder (default: the folder for programs' data)
  --png FILE            write the link's QR code to this file, too
  --qr                  draw the QR code on the terminal, too
`

// runInvite is the verb: the link alone goes to standard output.
func runInvite(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("invite", flag.ContinueOnError)
	data := fs.String("data", "", "")
	picture := fs.String("png", "", "")
	draw := fs.Bool("qr", false, "")
	rest, code, done := parseFlagsAndArguments(fs, args, inviteHelp, stdout, stderr)
	if done {
		return code
	}
	if *data == "" {
		var err error
		if *data, err = defaultRelayData(); err != nil {
			return badUsage(stderr, "invite", err)
		}
	}
	link, err := joined(*data, rest)
	if err == nil && *picture != "" {
		err = writePicture(*picture, link)
	}
	if err == nil && *draw {
		err = drawQR(stderr, link)
	}
	if err != nil {
		fmt.Fprintf(stderr, "sottod invite: %s\n", plain(err))
		return exitError
	}
	fmt.Fprintln(stdout, link)
	return exitOK
}

// joined is the folder's link with the nodes of other links.
func joined(data string, others []string) (string, error) {
	all, err := readInvite(data)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no invite in %s: start the relay once with --data %s", data, data)
	}
	if err != nil {
		return "", err
	}
	for _, text := range others {
		other, err := invite.Parse(text)
		if err != nil {
			return "", err
		}
		all.Nodes = append(all.Nodes, other.Nodes...)
	}
	all.Nodes = without(all.Nodes, "")
	if err := all.Check(); err != nil {
		return "", err
	}
	return all.Link(), nil
}

func writePicture(file, link string) error {
	picture, err := invitePNG(link)
	if err != nil {
		return err
	}
	return writeWhole(file, picture)
}
