//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// privateChat waits until a private chat is shown.
func (u *user) privateChat(from int) int {
	u.t.Helper()
	_, next := u.app.wait(from, "a private chat", func(l line) bool { return l.Event == "page" && strings.HasPrefix(l.Note, "chat 0x04") })
	return next
}

// TestTwoPeopleTalkInPrivate goes the way of two people: one copies their link, the other pastes it and writes, the request
// is accepted, both write, one is away meanwhile, and they compare codes.
func TestTwoPeopleTalkInPrivate(t *testing.T) {
	enode := startRelay(t)
	kay, bruno := newUser(t, "Kay", "light"), newUser(t, "Bruno", "dark")
	for _, u := range []*user{kay, bruno} {
		u.open()
		u.enrol(enode)
	}
	bruno.click(100, 72)
	bruno.click(70, 193) // My contact link
	bruno.picture("Bruno-p1-link")
	bruno.click(728, 497) // Copy
	bruno.key("Escape")
	kay.click(47, 658)  // New
	kay.click(512, 343) // Add a contact
	kay.paste(bruno.copied())
	kay.picture("Kay-p1-add")
	kay.key("Return")
	kay.privateChat(0)
	hello := kay.say("Hello, is this you?")
	kay.sees(hello, "sent")
	bruno.click(100, 164) // Requests
	bruno.picture("Bruno-p2-requests")
	bruno.click(600, 145)
	bruno.sees(hello, "")
	bruno.picture("Bruno-p3-request")
	bruno.click(1058, 696) // Accept
	kay.sees(hello, "delivered")
	answer := bruno.say("It is. Write to me here.")
	kay.sees(answer, "")
	bruno.sees(answer, "delivered")
	bruno.picture("Bruno-p4-accepted")

	bruno.app.quit()
	away := kay.say("You are away now.")
	kay.sees(away, "sent")
	kay.picture("Kay-p4-away")
	bruno.open()
	n := bruno.app.page(0, "unlock")
	bruno.write(password)
	bruno.key("Return")
	bruno.privateChat(n)
	bruno.sees(away, "")
	kay.sees(away, "delivered")

	for _, u := range []*user{kay, bruno} {
		u.click(1077, 72)
		u.click(960, 187) // Compare codes
		u.picture(u.name + "-p5-codes")
		u.click(711, 593) // They match
		u.picture(u.name + "-p6-verified")
		u.app.quit()
		noOffThread(t, u)
		if !u.knowsSomebodyVerified() {
			t.Errorf("%s has nobody verified", u.name)
		}
	}
}

// knowsSomebodyVerified asks the account in the person's folder, without a window.
func (u *user) knowsSomebodyVerified() bool {
	u.t.Helper()
	var list []struct{ ID string }
	u.ask(&list, `{"jsonrpc":"2.0","id":1,"method":"account.list"}`)
	if len(list) != 1 {
		u.t.Fatalf("accounts %v", list)
	}
	var people []struct{ Verified bool }
	u.ask(&people, fmt.Sprintf(`{"jsonrpc":"2.0","id":0,"method":"account.unlock","params":{"id":%q,"password":%q}}`, list[0].ID, password),
		`{"jsonrpc":"2.0","id":1,"method":"contacts.list"}`)
	return len(people) == 1 && people[0].Verified
}

// ask gives requests to a client over the person's folder and reads the result of the one with id 1.
func (u *user) ask(result any, requests ...string) {
	u.t.Helper()
	cmd := exec.Command(relayPath, "client", "--data", u.dir, "--listen", "127.0.0.1:0")
	cmd.Env, cmd.Stdin = u.env(), strings.NewReader(strings.Join(requests, "\n")+"\n")
	out, err := cmd.Output()
	if err != nil {
		u.t.Fatalf("ask: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		var answer struct {
			ID     int
			Result json.RawMessage
		}
		if json.Unmarshal([]byte(line), &answer) == nil && answer.ID == 1 {
			if err := json.Unmarshal(answer.Result, result); err != nil {
				u.t.Fatalf("%s: %v", line, err)
			}
			return
		}
	}
	u.t.Fatalf("no answer in %s", out)
}
