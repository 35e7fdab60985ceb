package overlay

import (
	"errors"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// testID is the public key of the secret 1: the generator of secp256k1.
const testID = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798" +
	"483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"

func TestParseEnode(t *testing.T) {
	for url, address := range map[string]string{
		"enode://" + testID + "@127.0.0.1:30303":                "127.0.0.1:30303",
		"enode://" + testID + "@10.3.58.6:443?discport=30301":   "10.3.58.6:443",
		"enode://" + testID + "@[2001:db8::1]:30303":            "[2001:db8::1]:30303",
		"  enode://" + testID + "@127.0.0.1:30303\n":            "127.0.0.1:30303",
		"enode://" + testID + "@relay.example.org:443":          "relay.example.org:443",
		"enode://" + strings.ToUpper(testID) + "@localhost:1":   "localhost:1",
		"enode://" + testID + "@relay_1.example.org.:30303":     "relay_1.example.org.:30303",
		"enode://" + testID + "@[::ffff:192.0.2.1]:30303":       "192.0.2.1:30303",
		"enode://" + testID + "@192.0.2.1:30303?discport=30303": "192.0.2.1:30303",
	} {
		n, err := ParseEnode(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if got := dialAddress(n); got != address {
			t.Errorf("%s: dialled at %s, want %s", url, got, address)
		}
		if again, err := ParseEnode(n.URLv4()); err != nil || again.ID() != n.ID() {
			t.Errorf("%s: written as %s: %v", url, n.URLv4(), err)
		}
	}
}

func TestParseEnodeRefuses(t *testing.T) {
	for name, url := range map[string]string{
		"empty":         "",
		"no scheme":     testID + "@127.0.0.1:30303",
		"other scheme":  "http://" + testID + "@127.0.0.1:30303",
		"no address":    "enode://" + testID,
		"bare id":       testID,
		"no port":       "enode://" + testID + "@127.0.0.1",
		"port 0":        "enode://" + testID + "@127.0.0.1:0",
		"port too big":  "enode://" + testID + "@127.0.0.1:65536",
		"no host":       "enode://" + testID + "@:30303",
		"any address":   "enode://" + testID + "@0.0.0.0:30303",
		"short id":      "enode://" + testID[:126] + "@127.0.0.1:30303",
		"not a point":   "enode://" + strings.Repeat("11", 64) + "@127.0.0.1:30303",
		"bad discport":  "enode://" + testID + "@127.0.0.1:30303?discport=x",
		"bad host name": "enode://" + testID + "@exa mple:30303",
		"empty label":   "enode://" + testID + "@a..b:30303",
		"long label":    "enode://" + testID + "@" + strings.Repeat("a", 64) + ".org:30303",
		"long":          "enode://" + testID + "@" + strings.Repeat("a.", 200) + "org:30303",
	} {
		if n, err := ParseEnode(url); !errors.Is(err, ErrBadEnode) {
			t.Errorf("%s: %v, %v", name, n, err)
		}
	}
}

func TestAddressesToBeGiven(t *testing.T) {
	for address, test := range map[string]struct{ listen, public bool }{
		"relay.example.org:443": {true, true},
		"127.0.0.1:65535":       {true, true},
		"[2001:db8::1]:30303":   {true, true},
		":30303":                {true, false},
		"0.0.0.0:30303":         {true, false},
		"[::]:30303":            {true, false},
		"[fe80::1%eth0]:30303":  {true, false},
		"127.0.0.1:0":           {true, false},
		"127.0.0.1:65536":       {},
		"127.0.0.1:-1":          {},
		"127.0.0.1:http":        {},
		"127.0.0.1:":            {},
		"127.0.0.1":             {},
		"two words:443":         {},
		"enode://x@host:443":    {},
		"":                      {},
	} {
		if err := CheckListen(address); (err == nil) != test.listen {
			t.Errorf("listen on %q: %v", address, err)
		}
		if err := CheckPublic(address); (err == nil) != test.public {
			t.Errorf("public %q: %v", address, err)
		}
	}
}

// FuzzParseEnode: what is accepted can be dialled, and is read again from what is shown of it.
func FuzzParseEnode(f *testing.F) {
	for _, s := range []string{
		"enode://" + testID + "@127.0.0.1:30303", "enode://" + testID + "@[::1]:30303?discport=1",
		"enode://" + testID + "@relay.example.org:443", "enode://" + testID, testID, "enode://@:0", "enode://%zz@[::1",
		"enode://" + testID + "@[fe80::1%25eth0]:30303",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, url string) {
		n, err := ParseEnode(url)
		if err != nil {
			if !errors.Is(err, ErrBadEnode) {
				t.Fatalf("unnamed error %v", err)
			}
			return
		}
		again, err := ParseEnode(n.URLv4())
		if err != nil || again.ID() != n.ID() || dialAddress(again) != dialAddress(n) {
			t.Fatalf("%q: shown as %q: %v", url, n.URLv4(), err)
		}
		var key enode.Secp256k1
		if err := n.Load(&key); err != nil || n.TCP() == 0 {
			t.Fatalf("%q cannot be dialled: %v", url, err)
		}
	})
}
