package services

import (
	"reflect"
	"testing"
	"time"

	"sotto/node/overlay"
	"sotto/services/network"
)

func TestAccountKeepsItsNetworks(t *testing.T) {
	p := &netStore{store: openStore(t), folder: "x", now: time.Now}
	joined := time.UnixMilli(1000)
	acme := network.Kept{Name: "Acme", Link: "sotto:join?a", Active: true, Joined: joined, Groups: []byte(`{"a":{}}`)}
	berg := network.Kept{Name: "Berg", Link: "sotto:join?b", Active: true, Joined: joined.Add(time.Second)}
	must(t, p.PutNetwork(t.Context(), acme))
	must(t, p.PutNetwork(t.Context(), berg))
	acme.Active = false
	got, err := p.Networks(t.Context())
	must(t, err)
	if want := []network.Kept{acme, berg}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	must(t, p.RemoveNetwork(t.Context(), "Acme"))
	must(t, p.PutNetwork(t.Context(), network.Kept{Name: "Acme", Link: "sotto:join?c", Joined: joined}))
	got, err = p.Networks(t.Context())
	must(t, err)
	if len(got) != 2 || got[0].Groups != nil {
		t.Errorf("what was left is remembered: %+v", got)
	}
}

func TestAccountKeepsWhatWasFound(t *testing.T) {
	p := &netStore{store: openStore(t), folder: "x", now: time.Now}
	c := overlay.Candidate{
		Enode: "enode://e8a7c03b58911e98bbd66accb2a55d57683f35b23bf9dfca89e5e244eb5cc3f25018b4112db507faca34fb69ffb44b362f79eda97a669a8df29c72e654416784@192.0.2.1:30303",
		Roles: overlay.RoleRelay | overlay.RoleMail, Source: overlay.SourceDiscovery, Seen: time.UnixMilli(5000),
	}
	must(t, p.keepFound(t.Context(), c))
	if err := p.keepFound(t.Context(), overlay.Candidate{Enode: "garbage"}); err == nil {
		t.Error("garbage was kept")
	}
	got, err := p.Found(t.Context())
	must(t, err)
	c.Source = overlay.SourceCached
	if !reflect.DeepEqual(got, []overlay.Candidate{c}) {
		t.Errorf("got %+v", got)
	}
	must(t, p.ForgetFound(t.Context()))
	if got, err := p.Found(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("left %+v, %v", got, err)
	}
}

func TestAccountKeepsThatOnlyNamedNodesAreConnected(t *testing.T) {
	p := &netStore{store: openStore(t), folder: "x", now: time.Now}
	for _, want := range []bool{false, true, false} {
		must(t, p.SetStaticOnly(t.Context(), want))
		if got, err := p.StaticOnly(t.Context()); err != nil || got != want {
			t.Errorf("got %v, %v", got, err)
		}
	}
}
