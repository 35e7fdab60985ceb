package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// startNetwork runs a whole network in one process until the end of the test, and returns its link.
func startNetwork(t *testing.T) string {
	t.Helper()
	relay := exec.Command(mustFind(t, "sottod"), "relay", "--listen", "127.0.0.1:0", "--name", "Acme", "--data", t.TempDir())
	out, err := relay.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := relay.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { relay.Process.Kill(); relay.Wait() })
	var hello ready
	if err := json.NewDecoder(out).Decode(&hello); err != nil {
		t.Fatal(err)
	}
	return hello.Invite
}

// TestTenMembers: ten people join through one relay by its link, and what one of them writes, all read, also who was away.
func TestTenMembers(t *testing.T) {
	link := startNetwork(t)
	members := make([]*process, 10)
	away := t.TempDir()
	for i := range members {
		dir := t.TempDir()
		if i == len(members)-1 {
			dir = away
		}
		members[i] = client4test(t, dir)
		create(t, members[i].talk, fmt.Sprintf("Member %d", i))
	}
	begun := time.Now()
	for _, p := range members {
		var joined struct{ Channel string }
		p.call(t, "network.join", fmt.Sprintf(`{"link":%q}`, link), &joined)
		p.call(t, "chats.joinPublic", fmt.Sprintf(`{"name":%q}`, joined.Channel), nil)
	}
	for _, p := range members {
		p.event(t, "event.network", `"state":"online"`)
	}
	t.Logf("ten members are connected %v after the first joined", time.Since(begun).Round(time.Millisecond))

	last := members[len(members)-1]
	last.stdin.Close()
	if err := last.end(); err != nil {
		t.Fatal(err)
	}
	members[0].call(t, "chats.send", `{"chat":"lobby","text":"Welcome"}`, nil)
	back := client4test(t, away)
	var accounts []accountObject
	back.call(t, "account.list", "", &accounts)
	back.call(t, "account.unlock", fmt.Sprintf(`{"id":%q,"password":%s}`, accounts[0].ID, password), nil)
	for i, p := range append(members[:len(members)-1:len(members)-1], back) {
		waitFor(t, fmt.Sprintf("the message at member %d", i), func() bool {
			return slices.Equal(texts(t, p.talk, "lobby"), []string{"Welcome"})
		})
	}
}
