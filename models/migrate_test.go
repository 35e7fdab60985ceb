package models

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/secure"
)

// atVersion makes a database of an earlier schema version with what people had in it: the contents of version n are
// testdata/version1.sql to versionN.sql.
func atVersion(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.db")
	db, err := openDB(cipherFiles, path, testKey, writing)
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{writer: db}
	for version := 1; version <= n; version++ {
		if err := s.migrate(migrations[:version]); err != nil {
			t.Fatal(err)
		}
		rows, err := os.ReadFile(fmt.Sprintf("testdata/version%d.sql", version))
		if err != nil {
			t.Fatal(err)
		}
		update(t, s, func(tx *Tx) error { return tx.exec(string(rows)) })
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReleasedMigrationsNeverChange: the databases of the tests are made by today's migrations, so an edit of an old one
// would go unnoticed, and people would have another schema than the tests. A mistake is mended by a further migration.
func TestReleasedMigrationsNeverChange(t *testing.T) {
	pinned := []string{"c104864c3f9731ba", "36d3228ffb098fac", "208dd5048a94a62b", "78636e90a24b5935", "2334220b051be38d",
		"9612ca8cec8717fb", "63a71c881209c3ff"}
	for i, m := range migrations {
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(m.statements, ";\n"))))[:16]
		if i >= len(pinned) || sum != pinned[i] {
			t.Errorf("migration %d (%s) has the sum %s", i+1, m.name, sum)
		}
	}
}

// TestEveryMigrationKeepsWhatWasThere opens a database of each earlier version and finds its contents.
func TestEveryMigrationKeepsWhatWasThere(t *testing.T) {
	checks := []func(*testing.T, *Tx){checkVersion1, checkVersion2, checkVersion3, checkVersion4, checkVersion5, checkVersion6}
	if len(checks) != len(migrations)-1 {
		t.Fatalf("%d migrations, %d of them without a test on a database from before", len(migrations), len(migrations)-1-len(checks))
	}
	for n := range checks {
		t.Run(fmt.Sprint("from ", n+1), func(t *testing.T) {
			s := openAt(t, atVersion(t, n+1))
			if v, err := s.version(); v != len(migrations) || err != nil {
				t.Errorf("version %d, %v", v, err)
			}
			view(t, s, func(tx *Tx) error {
				for _, check := range checks[:n+1] {
					check(t, tx)
				}
				return nil
			})
			update(t, s, func(tx *Tx) error { return tx.PutTopicKey(TopicKey{Name: "lobby", Topic: []byte{1}, Key: []byte{2}}) })
		})
	}
}

func checkVersion1(t *testing.T, tx *Tx) {
	c, found, err := tx.ChatNamed(PublicChat, "lobby")
	if !found || err != nil {
		t.Fatalf("the channel is gone: %v", err)
	}
	sum, err := tx.Summarize(c)
	if err != nil || sum.Unread != 1 || sum.Draft != "half a sentence" {
		t.Errorf("summary %+v, %v", sum, err)
	}
	if v, _, err := tx.Setting("budget"); string(v) != "100" || err != nil {
		t.Errorf("setting %q, %v", v, err)
	}
}

func checkVersion2(t *testing.T, tx *Tx) {
	sums, err := tx.Progress(1, 3)
	if err != nil || sums[1].State < Sent || sums[3].State != Queued {
		t.Errorf("progress %+v, %v", sums, err)
	}
	waiting := Outgoing{ID: 1, Message: 3, Chat: 7, Kind: PublicOutgoing, Payload: []byte{10, 11}, Attempts: 2, NextTry: 1750000000004}
	o, _, err := tx.Outgoing(3)
	same(t, "outbox", o, waiting, err)
	due, err := tx.DueOutgoing(waiting.NextTry, waiting.NextTry, 9)
	same(t, "due", due, []Outgoing{waiting}, err)
}

func checkVersion3(t *testing.T, tx *Tx) {
	if k, found, err := tx.TopicKey("lobby"); !found || len(k.Key) != 32 || err != nil {
		t.Errorf("topic key %+v, %v", k, err)
	}
	if peers, err := tx.Peers(); len(peers) != 1 || err != nil {
		t.Errorf("peers %v, %v", peers, err)
	}
	if c, _, err := tx.ChatByID(7); c.Request || err != nil {
		t.Errorf("a channel of before is %+v, %v", c, err)
	}
	if m, _, err := tx.MessageAt(3); m.ForwardSecret || m.Addressed != 0 || err != nil {
		t.Errorf("a message of before is %+v, %v", m, err)
	}
}

func checkVersion4(t *testing.T, tx *Tx) {
	if list, err := tx.Contacts(); len(list) != 1 || list[0].Nickname != "B" || err != nil {
		t.Errorf("contacts %+v, %v", list, err)
	}
	if sums, err := tx.Progress(1); sums[1].State != Delivered || err != nil {
		t.Errorf("progress %+v, %v", sums, err)
	}
}

func checkVersion5(t *testing.T, tx *Tx) {
	who := identity.PublicKey(append([]byte{4}, bytes.Repeat([]byte{0x11}, 64)...))
	h, err := tx.Healed(who)
	same(t, "healing", h, secure.Healing{At: time.UnixMilli(1750000000006), Sent: time.UnixMilli(0)}, err)
	if c, _, err := tx.ChatByID(8); !c.Request || c.Claimed != "" || err != nil {
		t.Errorf("a request of before is %+v, %v", c, err)
	}
	for ref, id := range map[int64]datasync.ID{1: {}, 3: datasync.ID(bytes.Repeat([]byte{1}, 32))} {
		sending, found, err := tx.Sending(id)
		if !found || sending.Ref != ref || sending.Reached != (ref == 1) || err != nil {
			t.Errorf("message %d is %+v, %v", ref, sending, err)
		}
	}
	silent := datasync.Record{Installation: "silent", Sends: 20, Next: time.UnixMilli(1750003600006)}
	records, err := tx.Records(datasync.ID{})
	same(t, "records", records, []datasync.Record{silent}, err)
	due, err := tx.Due(time.UnixMilli(1750000000007), 9)
	same(t, "due", due, []datasync.ID{datasync.ID(bytes.Repeat([]byte{1}, 32))}, err)
}

func checkVersion6(t *testing.T, tx *Tx) {
	c, _, err := tx.ChatByID(9)
	if c.Claimed != "bob" || c.Title != "" || c.Invited || c.Synced != 0 || err != nil {
		t.Errorf("a chat of before is %+v, %v", c, err)
	}
	if m, _, err := tx.MessageAt(3); m.Handed != 0 || err != nil {
		t.Errorf("a message of before is %+v, %v", m, err)
	}
	steps, err := tx.Steps(1)
	if len(steps) == 0 || steps[0].Person != 0 || err != nil {
		t.Errorf("steps of before are %+v, %v", steps, err)
	}
	if o, found, err := tx.OutgoingByID(50); !found || o.Message != 0 || err != nil {
		t.Errorf("a control message of before is %+v, %v", o, err)
	}
}

func TestNewerSchemaIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := openAt(t, path)
	update(t, s, func(tx *Tx) error { return tx.db.Create(&schemaVersion{Version: len(migrations) + 1}).Error })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, testKey); !errors.Is(err, ErrNewer) {
		t.Errorf("got %v", err)
	}
}

func TestFailedMigrationLeavesNothing(t *testing.T) {
	s := open(t)
	broken := append(append([]migration{}, migrations...), migration{"broken", []string{"CREATE TABLE half (a)", "CREATE TABLE half (a)"}})
	if err := s.migrate(broken); err == nil {
		t.Fatal("a broken migration succeeded")
	}
	if v, _ := s.version(); v != len(migrations) {
		t.Errorf("version %d", v)
	}
	update(t, s, func(tx *Tx) error { return tx.exec("CREATE TABLE half (a)") })
}
