package services

import (
	"testing"

	"sotto/services/account"
	"sotto/services/invite"
	"sotto/services/network"
)

// TestANetworkIsJoinedByItsLinkAndKept joins with nothing but a link and is connected again after the account was closed.
func TestANetworkIsJoinedByItsLinkAndKept(t *testing.T) {
	hub := startRelay(t).Status().Enode
	dir := t.TempDir()
	s, made := newAccount(t, dir, "Ann")
	link := invite.Invite{Name: "Acme", Channel: "lobby", Nodes: []invite.Node{{Enode: hub, Roles: invite.Boot | invite.Relay}}}.Link()
	joined, err := s.Network.Join(t.Context(), link)
	must(t, err)
	if joined.Channel != "lobby" || len(joined.Nodes) != 1 {
		t.Errorf("joined %+v", joined)
	}
	waitOnline(t, s)
	must(t, s.Network.SetBudget(t.Context(), 2_000_000))
	_, err = s.Chats.JoinPublic(t.Context(), joined.Channel)
	must(t, err)
	send(t, s, joined.Channel, "hello")
	eventually(t, "counted", func() bool { return s.Network.Status(t.Context()).Today.Traffic.Out > 0 })
	must(t, s.Account.Lock(t.Context()))
	_, err = s.Account.Unlock(t.Context(), made.ID, account.Credential{Password: "swordfish"})
	must(t, err)
	waitOnline(t, s)
	status := s.Network.Status(t.Context())
	if status.Network != "Acme" || status.Budget != 2_000_000 || status.Today.Bytes == 0 || status.Today.Traffic.Out == 0 {
		t.Errorf("after unlocking: %+v", status)
	}
	must(t, s.Network.Leave(t.Context(), "Acme"))
	eventually(t, "alone", func() bool { return s.Network.Status(t.Context()).State != network.Online })
}

// TestNothingIsDialledThatNobodyChose opens an account and shows it everything there is to see.
func TestNothingIsDialledThatNobodyChose(t *testing.T) {
	s, _ := newAccount(t, t.TempDir(), "Ann")
	if presets := s.Network.Presets(t.Context()); len(presets) == 0 || len(presets[0].Nodes) == 0 {
		t.Fatal("there is nothing that could be dialled")
	}
	if list, err := s.Network.Networks(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("joined by itself: %+v, %v", list, err)
	}
	if known := s.Network.Status(t.Context()).Known; len(known) != 0 {
		t.Errorf("kept connected: %v", known)
	}
}
