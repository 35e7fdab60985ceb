//go:build !windows

package main

import "golang.org/x/sys/unix"

// freeSpace is how many bytes the file system of a folder still takes from a program without privileges.
func freeSpace(folder string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil //nolint:unconvert // the types of the fields differ between systems
}
