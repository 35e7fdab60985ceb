package fleet

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"sotto/services/fault"
	"sotto/services/invite"
)

const (
	keyA = "enode://e8a7c03b58911e98bbd66accb2a55d57683f35b23bf9dfca89e5e244eb5cc3f25018b4112db507faca34fb69ffb44b362f79eda97a669a8df29c72e654416784@"
	keyB = "enode://43947863cfa5aad1178f482ac35a8ebb9116cded1c23f7f9af1a47badfc1ee7f0dd9ec0543417cc347225a6e47e46c6873f647559e43434596c54e17a4d3a1e4@"
)

const published = `{"fleets":{
	"berg":{"boot":{"boot-01":"` + keyA + `192.0.2.1:443"},"mail":{"mail-01":"` + keyB + `192.0.2.2:443"},
		"whisper":{"node-01":"` + keyB + `192.0.2.2:443"},"rendezvous":{"192.0.2.3":"/ip4/192.0.2.3/tcp/30703/ethv4/16Uiu2"}},
	"acme":{"whisper":{"node-01":"` + keyA + `relay.example.org:443"}},
	"later":{"waku":{"x":{"y":1}}}},
	"meta":{"hostname":"example.org","timestamp":"2019-11-22T12:00:00Z"}}`

func TestParseKnowsTheGroupsOfAFleet(t *testing.T) {
	list, err := Parse([]byte(published))
	if err != nil || len(list) != 2 || list[0].Name != "acme" || list[1].Name != "berg" {
		t.Fatalf("%+v, %v", list, err)
	}
	nodes, err := list[1].Nodes()
	want := []invite.Node{{Enode: keyA + "192.0.2.1:443", Roles: invite.Boot}, {Enode: keyB + "192.0.2.2:443", Roles: invite.Mail | invite.Relay}}
	if err != nil || !reflect.DeepEqual(nodes, want) {
		t.Errorf("%+v, %v", nodes, err)
	}
}

func TestWhatIsWrittenSaysTheSame(t *testing.T) {
	list, err := Parse([]byte(published))
	if err != nil {
		t.Fatal(err)
	}
	nodes, _ := list[1].Nodes()
	data, err := list[1].With(nodes).Encode(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var got, all map[string]map[string]any
	for text, to := range map[string]*map[string]map[string]any{string(data): &got, published: &all} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(got["fleets"]["berg"], all["fleets"]["berg"]) || len(got["fleets"]) != 1 {
		t.Errorf("got %s", data)
	}
	if want := map[string]any{"hostname": "sotto", "timestamp": "2026-11-22T12:00:00Z"}; !reflect.DeepEqual(got["meta"], want) {
		t.Errorf("got %v", got["meta"])
	}
}

func TestNodesThatMovedOrAreNew(t *testing.T) {
	list, _ := Parse([]byte(published))
	got := list[1].With([]invite.Node{
		{Enode: keyA + "192.0.2.9:443", Roles: invite.Boot | invite.Mail}, {Enode: keyB + "new.example.org:1"}, {Enode: keyB + "new.example.org:2"},
	})
	want := map[string]json.RawMessage{
		"boot": json.RawMessage(`{"boot-01":"` + keyA + `192.0.2.9:443"}`), "mail": json.RawMessage(`{"boot-01":"` + keyA + `192.0.2.9:443"}`),
		"whisper":    json.RawMessage(`{"node-01":"` + keyB + `new.example.org:1","node-01-2":"` + keyB + `new.example.org:2"}`),
		"rendezvous": list[1].Groups["rendezvous"],
	}
	if !reflect.DeepEqual(got.Groups, want) {
		t.Errorf("got %s", got.Groups)
	}
	fresh := Fleet{Name: "x"}.With([]invite.Node{{Enode: keyA + "relay.example.org:1"}, {Enode: keyB + "192.0.2.1:1", Roles: invite.Relay}})
	if s := string(fresh.Groups["whisper"]); !strings.Contains(s, `"relay.example.org":`) || !strings.Contains(s, `"192.0.2.1":`) || len(fresh.Groups) != 1 {
		t.Errorf("got %s", fresh.Groups)
	}
}

func TestParseRefusals(t *testing.T) {
	many := make(map[string]map[string]string)
	for n := range MaxFleets + 1 {
		many[strings.Repeat("x", n)] = nil
	}
	tooMany, _ := json.Marshal(map[string]any{"fleets": many})
	for text, part := range map[string]string{
		"":                                    "no network file",
		"[]":                                  "no network file",
		"{}":                                  "no network file",
		`{"fleets":{"x":{"boot":["a"]}}}`:     "no network file",
		`{"fleets":{"x":{"boot":{"a":"b"}}}}`: "cannot be",
		`{"fleets":{"x":{"waku":{"a":"b"}}}}`: "no node",
		`{"fleets":{}}`:                       "no node",
		strings.Repeat(" ", MaxFile+1):        "too large",
		string(tooMany):                       "more than 64",
	} {
		if _, err := Parse([]byte(text)); fault.CodeOf(err) != fault.BadLink || !strings.Contains(fault.Sentence(err), part) {
			t.Errorf("%.50s: %v, want %q", text, err, part)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(published))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := Parse(data)
		if err != nil {
			if fault.CodeOf(err) != fault.BadLink {
				t.Error(err)
			}
			return
		}
		for _, fleet := range list {
			nodes, err := fleet.Nodes()
			if err != nil || len(nodes) == 0 {
				t.Fatalf("%+v, %v", nodes, err)
			}
			text, err := fleet.With(nodes).Encode(time.Unix(0, 0))
			if err != nil {
				t.Fatal(err)
			}
			again, err := Parse(text)
			if len(text) <= MaxFile && (err != nil || len(again) != 1) {
				t.Errorf("%s leads to %s: %v", data, text, err)
			}
		}
	})
}
