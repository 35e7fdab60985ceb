package invite

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/services/fault"
)

const (
	keyA = "e8a7c03b58911e98bbd66accb2a55d57683f35b23bf9dfca89e5e244eb5cc3f25018b4112db507faca34fb69ffb44b362f79eda97a669a8df29c72e654416784"
	keyB = "43947863cfa5aad1178f482ac35a8ebb9116cded1c23f7f9af1a47badfc1ee7f0dd9ec0543417cc347225a6e47e46c6873f647559e43434596c54e17a4d3a1e4"
	keyC = "436cc6f674928fdc9a9f7990f2944002b685d1c37f025c1be425185b5b1f0900feaf1ccc2a6130268f9901be4a7d252f37302c8335a2c1a62736e9232691cc3a"
)

func acme() Invite {
	return Invite{
		Name: "Acme & Søn", Channel: "lobby",
		Nodes: []Node{
			{"enode://" + keyA + "@relay.example.org:443", Boot | Relay | Mail},
			{"enode://" + keyB + "@[2001:db8::1]:30303", Relay},
			{"enode://" + keyC + "@192.0.2.1:30303?discport=30301", Mail},
		},
		Unknown: []Field{{"access", "a=b&c"}, {"pow", ""}},
	}
}

// golden are links as they were given out: they work for ever.
var golden = map[string]Invite{
	"sotto:join?name=Acme%20%26%20S%C3%B8n&channel=lobby" +
		"&node=AuinwDtYkR6Yu9ZqzLKlXVdoPzWyO_nfyonl4kTrXMPybrm@relay.example.org:443" +
		"&node=AkOUeGPPparRF49IKsNajruRFs3tHCP3-a8aR7rfwe5_r@%5B2001:db8::1%5D:30303" +
		"&node=AkNsxvZ0ko_cmp95kPKUQAK2hdHDfwJcG-QlGFtbHwkAm@192.0.2.1:30303,30301" +
		"&access=a%3Db%26c&pow=&sum=G3KRNm": acme(),
	"sotto:join?name=Sotto%20network&node=AuinwDtYkR6Yu9ZqzLKlXVdoPzWyO_nfyonl4kTrXMPyr@192.0.2.1:30303&sum=cW5nTr": {
		Name: "Sotto network", Nodes: []Node{{"enode://" + keyA + "@192.0.2.1:30303", Relay}},
	},
}

func TestGoldenLinks(t *testing.T) {
	for link, want := range golden {
		if got := want.Link(); got != link {
			t.Errorf("got  %s\nwant %s", got, link)
		}
		if got, err := Parse(link); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", link, got, err)
		}
	}
}

// signed ends what somebody wrote by hand with its sum.
func signed(query string) string { return start + query + sumField + sumOf(query) }

func TestParseFindsALinkInText(t *testing.T) {
	want, link := acme(), acme().Link()
	for _, text := range []string{
		link, " \n" + link + "\u00a0\n", "SOTTO:Join?" + strings.TrimPrefix(link, start), "sotto://join/?" + strings.TrimPrefix(link, start),
		"Come to us: " + link + ". See you there", "<" + link + ">", `<a href="` + link + `">Acme</a>`, "(" + link + ")", "# Acme\r\n\r\n" + link + "\r\n", link + "#part",
		link + "\n" + Invite{Name: "Other", Nodes: want.Nodes}.Link(),
	} {
		if got, err := Parse(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.80q: %+v, %v", text, got, err)
		}
	}
}

func TestACutLinkSaysThatItWasCut(t *testing.T) {
	link := acme().Link()
	for n := len("sotto:join"); n < len(link); n++ {
		if _, err := Parse(link[:n]); fault.CodeOf(err) != fault.BadLink || !strings.Contains(fault.Sentence(err), "cut off") {
			t.Fatalf("%s: %v", link[:n], err)
		}
	}
}

func TestATypingErrorIsFound(t *testing.T) {
	link := acme().Link()
	for i := len(start); i < len(link); i++ {
		wrong := []byte(link)
		wrong[i] ^= 1
		if got, err := Parse(string(wrong)); fault.CodeOf(err) != fault.BadLink {
			t.Fatalf("%s: %+v, %v", wrong, got, err)
		}
		if got, err := Parse(link[:i] + link[i+1:]); fault.CodeOf(err) != fault.BadLink { // a character is missing
			t.Fatalf("without character %d: %+v, %v", i, got, err)
		}
	}
}

func TestParseRefusals(t *testing.T) {
	node := "&node=" + acme().Nodes[0].text()
	for text, part := range map[string]string{
		"":                                                                   "no invitation",
		"hello":                                                              "no invitation",
		"sotto:joined?name=x":                                                "no invitation",
		"sotto:contact?key=x":                                                "no invitation",
		signed("name=x"):                                                     "no node",
		signed("channel=a" + node):                                           "no right name",
		signed("name=" + node):                                               "no right name",
		signed("name=%20x" + node):                                           "no right name",
		signed("name=a%0Ab" + node):                                          "no right name",
		signed("name=%E2%80%AEevil" + node):                                  "no right name",
		signed("name=%ff" + node):                                            "no right name",
		signed("name=x&name=y" + node):                                       "twice",
		signed("name=%zz" + node):                                            "mistake",
		signed("name=x&channel=a b" + node):                                  "cut off", // a link has no blanks
		signed("name=x&channel=a%20b" + node):                                "channel that cannot be",
		signed("name=x&channel=" + node):                                     "channel that cannot be",
		signed("name=x&channel=a&channel=b" + node):                          "twice",
		signed("name=x&node="):                                               "node that cannot be",
		signed("name=x&node=@192.0.2.1:30303"):                               "node that cannot be",
		signed("name=x" + node[:20]):                                         "node that cannot be",
		signed("name=x" + strings.Replace(node, "@", "", 1)):                 "node that cannot be",
		signed("name=x" + strings.Replace(node, "=A", "=B", 1)):              "node that cannot be", // no compressed key begins so
		signed("name=x" + strings.Replace(node, ":443", "", 1)):              "node that cannot be",
		signed("name=x" + strings.Replace(node, ":443", ":0", 1)):            "node that cannot be",
		signed("name=x" + strings.Replace(node, ":443", ":443,x", 1)):        "node that cannot be",
		signed("name=x" + strings.Replace(node, "relay.", "relay%20", 1)):    "node that cannot be",
		signed("name=x" + strings.Replace(node, "relay.", "evil@relay.", 1)): "node that cannot be",
		signed("name=" + strings.Repeat("n", MaxName+1) + node):              "no right name",
		signed("name=x&later=" + strings.Repeat("n", MaxLink) + node):        "too long",
		signed("name=x&later=" + strings.Repeat("/", MaxLink/2) + node):      "too long", // longer once it is written again
	} {
		got, err := Parse(text)
		if fault.CodeOf(err) != fault.BadLink || !strings.Contains(fault.Sentence(err), part) || !reflect.DeepEqual(got, Invite{}) {
			t.Errorf("%.90q: %+v, %v, want %q", text, got, err, part)
		}
	}
}

func TestBounds(t *testing.T) {
	i := Invite{Name: strings.Repeat("🙂", MaxName)}
	for k := range MaxNodes + 1 {
		key, err := crypto.ToECDSA(append(make([]byte, 31), byte(k+1)))
		if err != nil {
			t.Fatal(err)
		}
		i.Nodes = append(i.Nodes, Node{fmt.Sprintf("enode://%x@192.0.2.%d:30303", crypto.FromECDSAPub(&key.PublicKey)[1:], k), Relay})
	}
	if _, err := Parse(i.Link()); !strings.Contains(fault.Sentence(err), "more than 64") {
		t.Errorf("65 nodes: %v", err)
	}
	i.Nodes = i.Nodes[:MaxNodes]
	if got, err := Parse(i.Link()); err != nil || !reflect.DeepEqual(got, i) {
		t.Errorf("64 nodes, %d bytes: %v", len(i.Link()), err)
	}
	short := i.Within(2331)
	if n := len(short.Nodes); n < 12 || n >= MaxNodes || len(short.Link()) > 2331 || short.Check() != nil {
		t.Errorf("a QR code holds %d nodes", n)
	}
	if n := len(i.Within(10).Nodes); n != 1 || len(i.Nodes) != MaxNodes {
		t.Errorf("%d nodes are left", n)
	}
}

func TestOneNodeNamedTwiceHasTheRolesOfBoth(t *testing.T) {
	i := acme()
	again := i.Nodes[1]
	again.Roles = Mail
	i.Nodes = append(i.Nodes, again)
	got, err := Parse(i.Link())
	if err != nil || len(got.Nodes) != 3 || got.Nodes[1].Roles != Relay|Mail {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestUnknownRolesAreIgnored(t *testing.T) {
	node := strings.Replace(acme().Nodes[0].text(), "brm@", "xbz@", 1)
	if got, err := Parse(signed("name=x&node=" + node)); err != nil || got.Nodes[0].Roles != Boot {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCheckKnowsWhatParseWouldRefuse(t *testing.T) {
	for part, spoil := range map[string]func(*Invite){
		"no right name":          func(i *Invite) { i.Name = "a\nb" },
		"no node":                func(i *Invite) { i.Nodes = nil },
		"node that cannot be":    func(i *Invite) { i.Nodes[1].Enode = "enode://abc@192.0.2.1:1" },
		"channel that cannot be": func(i *Invite) { i.Channel = "#Lobby" },
	} {
		i := acme()
		spoil(&i)
		if err := i.Check(); !strings.Contains(fault.Sentence(err), part) {
			t.Errorf("%s: %v", part, err)
		}
		_ = i.Link() // whatever it is, nothing breaks
	}
	if err := acme().Check(); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	link := acme().Link()
	f.Add(link)
	f.Add("Come: " + link[:100])
	f.Add(signed("name=x&node=" + acme().Nodes[1].text() + "&&=&sum=1&x"))
	f.Fuzz(func(t *testing.T, text string) {
		check(t, text)
		if query, ok := strings.CutPrefix(text, start); ok { // past the sum, which a fuzzer does not find
			check(t, signed(query))
		}
	})
}

func check(t *testing.T, text string) {
	got, err := Parse(text)
	if err != nil {
		if fault.CodeOf(err) != fault.BadLink || !reflect.DeepEqual(got, Invite{}) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
		return
	}
	again, err := Parse(got.Link())
	if err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("%q: %+v leads back to %+v, %v", text, got, again, err)
	}
}
