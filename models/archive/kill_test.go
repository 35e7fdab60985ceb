package archive

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// childVariable tells the test program that it is the child of TestKill, and the path of its archive.
const childVariable = "SOTTO_ARCHIVE_CHILD"

const killBatch = 20

// TestKill kills a process that puts and puts, and finds every envelope of which it heard that it was stored.
func TestKill(t *testing.T) {
	for round := range 3 {
		path := filepath.Join(t.TempDir(), "mail.db")
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childVariable+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stored := 0
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if stored++; stored == 3+9*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
			}
		}
		_ = cmd.Wait() // it was killed
		if stored < 3+9*round {
			t.Fatalf("the child ended after %d", stored)
		}
		lookForStored(t, path, stored)
	}
}

func lookForStored(t *testing.T, path string, stored int) {
	t.Helper()
	a := open(t, path)
	found := findAll(t, a)
	if size := sizeOf(t, a); size.Envelopes != int64(len(found)) || size.Bytes != int64(bytesOf(found)) {
		t.Errorf("size %+v, but %d envelopes of %d bytes", size, len(found), bytesOf(found))
	}
	if len(found)%killBatch != 0 {
		t.Errorf("%d envelopes: a batch was stored in part", len(found))
	}
	have := map[string]bool{}
	for _, s := range found {
		have[string(s.Raw)] = true
	}
	for batch := range stored {
		for _, s := range envelopesOf(uint64(batch), 1000, killBatch, 3, 500) {
			if !have[string(s.Raw)] {
				t.Fatalf("an envelope of batch %d of %d is lost", batch, stored)
			}
		}
	}
}

// putUntilKilled is the child: it says a line for each batch that is stored.
func putUntilKilled(path string) {
	ctx := context.Background()
	a, err := Open(ctx, path)
	for batch := uint64(0); err == nil; batch++ {
		if err = a.Put(ctx, envelopesOf(batch, 1000, killBatch, 3, 500)); err == nil {
			_, err = fmt.Println("stored", batch)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
