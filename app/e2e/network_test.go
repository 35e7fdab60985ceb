//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// envelopeLife is longer than a relay hands an envelope on: what comes after it comes from an archive.
const envelopeLife = 30 * time.Second

// enter makes an account that joins a network with a pasted link, and waits for the network's first channel.
func (u *user) enter(invite string) {
	u.t.Helper()
	n := u.register()
	u.key("Return") // Join with a link or QR
	u.picture(u.name + "-n1-join")
	u.paste(invite)
	u.picture(u.name + "-n1-link")
	u.key("Return") // Look
	u.picture(u.name + "-n2-invitation")
	u.key("Return") // Join
	u.app.page(n, "chat lobby")
}

// TestNetworkByLink goes the way of a group: one relay, one link, and somebody who reads what was written while they were away,
// from a mailserver, with nobody online who wrote it.
func TestNetworkByLink(t *testing.T) {
	relay := start(t, relayPath, nil, "relay", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--nat", "none", "--name", "Acme")
	ready, _ := relay.wait(0, "ready", func(l line) bool { return l.Event == "ready" })
	if ready.Invite == "" {
		t.Fatal("the relay gave no link")
	}
	kay, bruno := newUser(t, "Kay", "light"), newUser(t, "Bruno", "dark")
	for _, u := range []*user{kay, bruno} {
		u.open()
		u.enter(ready.Invite)
	}
	hello := kay.say("Hello, who is here?")
	bruno.sees(hello, "")
	bruno.app.quit()
	noOffThread(t, bruno)

	var written []string
	for i := range 5 {
		written = append(written, kay.say(fmt.Sprintf("Written while Bruno is away, %d", i)))
	}
	for _, id := range written {
		kay.sees(id, "stored")
	}
	kay.picture("Kay-n3-stored")
	kay.app.quit()
	noOffThread(t, kay)
	ctx, cancel := context.WithTimeout(t.Context(), envelopeLife)
	<-ctx.Done()
	cancel()

	bruno.open()
	n := bruno.app.page(0, "unlock")
	bruno.write(password)
	bruno.key("Return")
	bruno.app.page(n, "chat lobby")
	for _, id := range append(written, hello) {
		bruno.sees(id, "")
	}
	bruno.picture("Bruno-n4-caught-up")
	bruno.click(100, 696) // the network
	bruno.picture("Bruno-n5-network")
	bruno.key("Escape")
	bruno.app.quit()
	noOffThread(t, bruno)
}
