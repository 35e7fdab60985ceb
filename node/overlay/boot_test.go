package overlay

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
)

// exampleList is the URL of a list, as EIP-1459 gives it.
const exampleList = "enrtree://AM5FCQLWIZX2QFPNJAP7VUERCCRNGRHWZG3YYHIUV7BVDQ5FDPRT2@nodes.example.org"

// exampleRecord is the record of the example in EIP-778: 127.0.0.1, UDP port 30303.
const exampleRecord = "enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gm" +
	"lwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8"

func TestParseBoot(t *testing.T) {
	for _, text := range []string{
		"enode://" + testID + "@127.0.0.1:30303", " enode://" + testID + "@boot.example.org:443?discport=30303\n", exampleRecord,
	} {
		n, err := ParseBoot(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if n.UDP() != 30303 {
			t.Errorf("%s: UDP port %d", text, n.UDP())
		}
	}
}

func TestParseBootRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":              "",
		"no enode":           "enode://" + testID,
		"empty record":       "enr:",
		"no base64":          "enr:!!!",
		"changed":            strings.Replace(exampleRecord, "_oxV", "_oxW", 1),
		"cut":                exampleRecord[:100],
		"long":               "enr:" + strings.Repeat("A", maxENR),
		"without address":    unplaced(t),
		"scheme in capitals": strings.ToUpper(exampleRecord[:4]) + exampleRecord[4:],
	} {
		if n, err := ParseBoot(text); !errors.Is(err, ErrBadBoot) {
			t.Errorf("%s: %v, %v", name, n, err)
		}
	}
}

// unplaced is a valid record that leads nowhere.
func unplaced(t testing.TB) string {
	var r enr.Record
	if err := enode.SignV4(&r, testKey(t)); err != nil {
		t.Fatal(err)
	}
	n, err := enode.New(enode.ValidSchemes, &r)
	if err != nil {
		t.Fatal(err)
	}
	return n.String()
}

func FuzzParseBoot(f *testing.F) {
	f.Add("enode://" + testID + "@127.0.0.1:30303")
	f.Add(exampleRecord)
	f.Add(unplaced(f))
	f.Add("enr:" + strings.Repeat("A", maxENR))
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseBoot(text)
		if err != nil {
			if !errors.Is(err, ErrBadBoot) {
				t.Errorf("error %v", err)
			}
			return
		}
		if n.Pubkey() == nil || n.Hostname() == "" && !n.IPAddr().IsValid() {
			t.Errorf("%q: nobody to ask", text)
		}
		rolesOf(n)
		for _, a := range dialAddresses(n) {
			if a == "" {
				t.Errorf("%q: empty address", text)
			}
		}
	})
}

func TestCheckList(t *testing.T) {
	if err := CheckList(exampleList); err != nil {
		t.Error(err)
	}
	for name, url := range map[string]string{
		"empty":        "",
		"other scheme": strings.Replace(exampleList, "enrtree", "https", 1),
		"no key":       "enrtree://nodes.example.org",
		"bad key":      "enrtree://AAAA@nodes.example.org",
		"no domain":    exampleList[:strings.Index(exampleList, "@")+1],
		"a path":       exampleList + "/x",
		"a space":      exampleList + " x",
		"long":         exampleList + strings.Repeat(".org", 200),
	} {
		if err := CheckList(url); !errors.Is(err, ErrBadList) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzCheckList(f *testing.F) {
	f.Add(exampleList)
	f.Add("enrtree://@")
	f.Add("enrtree://AAAA@x")
	f.Fuzz(func(t *testing.T, url string) {
		if err := CheckList(url); err == nil {
			if l := newLists([]string{url}, nil, nil, nil, nil); len(l.all) != 1 {
				t.Errorf("%q is fine and cannot be read", url)
			}
		} else if !errors.Is(err, ErrBadList) {
			t.Errorf("error %v", err)
		}
	})
}

func TestSearchIsBounded(t *testing.T) {
	boot, list := "enode://"+testID+"@127.0.0.1:30303", exampleList
	for name, test := range map[string]struct {
		Search
		want error
	}{
		"many boot nodes": {Search{Boot: repeat(boot, maxBoot+1)}, ErrBadBoot},
		"many lists":      {Search{DNS: repeat(list, maxLists+1)}, ErrBadList},
		"bad boot node":   {Search{Boot: []string{"x"}}, ErrBadBoot},
		"bad list":        {Search{DNS: []string{"x"}}, ErrBadList},
		"as many as may":  {Search{Boot: repeat(boot, maxBoot), DNS: repeat(list, maxLists)}, nil},
	} {
		cfg := testConfig(t)
		cfg.Search = test.Search
		if _, err := New(cfg); !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func repeat(text string, n int) []string { return strings.Fields(strings.Repeat(text+" ", n)) }

// TestAddressesOfRecords: a record with an address of each kind is dialled at both, but what is beside a public address does
// not lead into our own network.
func TestAddressesOfRecords(t *testing.T) {
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		four, six string
		tcp6      uint16
		want      string
	}{
		{"44.0.0.1", "", 0, "44.0.0.1:30303"},
		{"", "2600::1", 0, "[2600::1]:30303"},
		{"44.0.0.1", "2600::1", 0, "44.0.0.1:30303 [2600::1]:30303"},
		{"44.0.0.1", "2600::1", 443, "44.0.0.1:30303 [2600::1]:443"},
		{"192.168.1.5", "2600::1", 0, "[2600::1]:30303"},
		{"44.0.0.1", "::1", 0, "44.0.0.1:30303"},
		{"192.168.1.5", "fd00::1", 0, "192.168.1.5:30303 [fd00::1]:30303"},
		{"127.0.0.1", "::1", 0, "127.0.0.1:30303 [::1]:30303"},
		{"44.0.0.1", "ff02::1", 0, "44.0.0.1:30303"},
		{"44.0.0.1", "::", 0, "44.0.0.1:30303"},
		{"0.0.0.0", "", 0, ""},
		{"", "", 0, ""},
	} {
		var r enr.Record
		r.Set(enr.TCP(30303))
		for _, text := range []string{test.four, test.six} {
			if a, err := netip.ParseAddr(text); err == nil && a.Is4() {
				r.Set(enr.IPv4Addr(a))
			} else if err == nil {
				r.Set(enr.IPv6Addr(a))
			}
		}
		if test.tcp6 != 0 {
			r.Set(enr.TCP6(test.tcp6))
		}
		if err := enode.SignV4(&r, key); err != nil {
			t.Fatal(err)
		}
		n, err := enode.New(enode.ValidSchemes, &r)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(dialAddresses(n), " "); got != test.want {
			t.Errorf("%s and %s: dialled at %q, want %q", test.four, test.six, got, test.want)
		}
	}
}
