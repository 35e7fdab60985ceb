package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sotto/node/overlay"
)

// The files of a relay's data folder, beside the archive.
const (
	keyFile        = "nodekey"    // the node's secret: what links point to
	stateFile      = "relay.json" // a relayState
	inviteFile     = "invite.txt" // the invite link
	invitePicture  = "invite.png" // the same as a QR code
	maxStateFile   = 1 << 20
	folderMode     = 0o700
	privateMode    = 0o600
	inviteFileMode = 0o600 // whoever has the link may join
)

// relayState is what a relay's last start tells later calls of this program. It holds no secret.
type relayState struct {
	Enode   string   `json:"enode"`
	Listen  string   `json:"listen"`
	Metrics string   `json:"metrics,omitempty"`
	Roles   []string `json:"roles"`
	Peers   []string `json:"peers,omitempty"` // that it stays connected to
}

func (s relayState) has(role string) bool {
	for _, r := range s.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// writeState keeps it in the data folder.
func writeState(data string, s relayState) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(data, stateFile), append(b, '\n'))
}

// readState checks what it reads: a person may have edited it.
func readState(data string) (s relayState, err error) {
	b, err := readSmall(filepath.Join(data, stateFile))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return relayState{}, fmt.Errorf("%s is damaged; the next start of the relay writes it anew", stateFile)
	}
	_, err = overlay.ParseEnode(s.Enode)
	err = errors.Join(err, overlay.CheckListen(s.Listen), enodesOf(s.Peers))
	if err != nil || s.Metrics != "" && !isLoopback(s.Metrics) {
		return relayState{}, fmt.Errorf("%s is damaged; the next start of the relay writes it anew", stateFile)
	}
	return s, nil
}

func enodesOf(urls []string) error {
	for _, url := range urls {
		if _, err := overlay.ParseEnode(url); err != nil {
			return err
		}
	}
	return nil
}

func readSmall(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxStateFile+1))
	if err == nil && len(b) > maxStateFile {
		err = fmt.Errorf("%s is too long", filepath.Base(file))
	}
	return b, err
}

// writeWhole writes a private file whole or not at all.
func writeWhole(file string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
