package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
)

// listenPrivately listens on a Unix socket that only its owner can connect to. A socket that a killed process left
// behind is replaced; one that somebody answers on, or any other file, is not.
func listenPrivately(ctx context.Context, path string) (net.Listener, error) {
	if err := clearStale(ctx, path); err != nil {
		return nil, err
	}
	var listener net.Listener
	err := withPrivateUmask(func() (err error) {
		listener, err = (&net.ListenConfig{}).Listen(ctx, "unix", path)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listen on the socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("close the socket to others: %w", err), listener.Close())
	}
	return listener, nil
}

func clearStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("%s is there already and is no socket", path)
	}
	if conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path); err == nil {
		conn.Close()
		return fmt.Errorf("another process answers on %s", path)
	}
	return os.Remove(path)
}
