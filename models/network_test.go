package models

import (
	"reflect"
	"testing"
)

func TestAtMostOneNetworkIsActive(t *testing.T) {
	s := openAt(t, t.TempDir()+"/a.db")
	var list []Network
	step := func(fn func(*Tx) error) {
		t.Helper()
		update(t, s, fn)
		view(t, s, func(tx *Tx) (err error) { list, err = tx.Networks(); return err })
	}
	acme, berg := Network{"Acme", "sotto:join?a", true, 2}, Network{"Berg", "sotto:join?b", true, 1}
	step(func(tx *Tx) error { return tx.PutNetwork(acme) })
	step(func(tx *Tx) error { return tx.PutNetwork(berg) })
	acme.Active = false
	if want := []Network{berg, acme}; !reflect.DeepEqual(list, want) {
		t.Errorf("got %+v", list)
	}
	step(func(tx *Tx) error { return tx.PutNetwork(Network{"Acme", "sotto:join?c", true, 9}) })
	berg.Active = false
	if want := []Network{berg, {"Acme", "sotto:join?c", true, 2}}; !reflect.DeepEqual(list, want) {
		t.Errorf("joined again: %+v", list)
	}
	step(func(tx *Tx) error {
		found, err := tx.RemoveNetwork("Acme")
		if again, _ := tx.RemoveNetwork("Acme"); !found || again {
			t.Errorf("removed %v, again %v", found, again)
		}
		return err
	})
	if !reflect.DeepEqual(list, []Network{berg}) {
		t.Errorf("left: %+v", list)
	}
}

func TestFoundPeersAreFew(t *testing.T) {
	s := openAt(t, t.TempDir()+"/a.db")
	update(t, s, func(tx *Tx) error {
		for n := range 5 {
			p := FoundPeer{Node: [32]byte{byte(n)}, Enode: "enode://old", Roles: 2, Seen: int64(n)}
			if err := tx.PutFoundPeer(p, 3); err != nil {
				return err
			}
		}
		return tx.PutFoundPeer(FoundPeer{Node: [32]byte{2}, Enode: "enode://new", Roles: 6, Seen: 9}, 3)
	})
	view(t, s, func(tx *Tx) error {
		got, err := tx.FoundPeers(10)
		want := []FoundPeer{{[32]byte{2}, "enode://new", 6, 9}, {[32]byte{4}, "enode://old", 2, 4}, {[32]byte{3}, "enode://old", 2, 3}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v", got)
		}
		if first, _ := tx.FoundPeers(1); len(first) != 1 {
			t.Errorf("at most one: %+v", first)
		}
		return err
	})
	update(t, s, func(tx *Tx) error {
		if err := tx.ForgetFoundPeers(); err != nil {
			return err
		}
		left, err := tx.FoundPeers(10)
		if len(left) != 0 {
			t.Errorf("left: %+v", left)
		}
		return err
	})
}

func TestAPeerBecomesAMailserver(t *testing.T) {
	s := openAt(t, t.TempDir()+"/a.db")
	update(t, s, func(tx *Tx) error {
		for _, p := range []Peer{{"enode://a", 1, false}, {"enode://b", 2, true}, {"enode://a", 3, true}} {
			if _, err := tx.AddPeer(p); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(tx *Tx) error {
		got, err := tx.Peers()
		if want := []Peer{{"enode://a", 1, true}, {"enode://b", 2, true}}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v", got)
		}
		return err
	})
}
