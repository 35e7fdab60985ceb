package overlay

import (
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
)

func TestRolesInRecords(t *testing.T) {
	for roles, want := range map[Roles]Roles{
		0: 0, RoleBoot: 0, RoleRelay: RoleRelay, RoleMail: RoleMail,
		RoleBoot | RoleRelay | RoleMail: RoleRelay | RoleMail,
	} {
		got, retention := rolesOf(record(t, "44.0.0.1", roles))
		if got != want || (retention != 0) != want.Has(RoleMail) {
			t.Errorf("%b: read %b, %v", roles, got, retention)
		}
	}
}

// TestForeignEntries: entries of the same name that say something else say nothing.
func TestForeignEntries(t *testing.T) {
	for name, test := range map[string]struct {
		key   string
		value any
		want  Roles
	}{
		"another Whisper":   {"shh", uint64(5), 0},
		"a text":            {"shh", "6", 0},
		"a list":            {"shh", []uint{6}, 0},
		"too large":         {"shh", []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, 0},
		"keeps for nothing": {"mail", uint64(0), 0},
		"keeps as a list":   {"mail", []uint{1, 2}, 0},
		"keeps for ever":    {"mail", ^uint64(0), RoleMail},
	} {
		var r enr.Record
		r.Set(enr.WithEntry(test.key, test.value))
		if err := enode.SignV4(&r, testKey(t)); err != nil {
			t.Fatal(err)
		}
		n, err := enode.New(enode.ValidSchemes, &r)
		if err != nil {
			t.Fatal(err)
		}
		if roles, retention := rolesOf(n); roles != test.want || retention < 0 || retention > maxRetention {
			t.Errorf("%s: roles %b, retention %v", name, roles, retention)
		}
	}
}

// TestRecordFits: all that a record may say stays within its 300 bytes.
func TestRecordFits(t *testing.T) {
	cfg := serving(t, RoleBoot|RoleRelay|RoleMail)
	cfg.Retention = maxRetention
	cfg.Record = []enr.Entry{enr.WithEntry("x", make([]byte, 90))}
	cfg.Public = "[2001:db8::1]:65535"
	s := start(t, cfg)
	if size := len(enrOf(s)); size > maxENR {
		t.Errorf("%d characters", size)
	}
}

// TestShortRetention: a mailserver that keeps for less than a second says one.
func TestShortRetention(t *testing.T) {
	if all := entries(RoleMail, time.Millisecond); len(all) != 1 {
		t.Errorf("%d entries", len(all))
	}
	var r enr.Record
	for _, e := range entries(RoleMail, time.Millisecond) {
		r.Set(e)
	}
	var seconds uint64
	if err := r.Load(enr.WithEntry(entryMail, &seconds)); err != nil || seconds != 1 {
		t.Errorf("%d seconds, %v", seconds, err)
	}
}
