//go:build network

package main

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"sotto/services/invite"
)

// mostMessages is how many messages the large network carries; -short takes a tenth.
const mostMessages = 10_000

// TestANetworkOfHosts: three relays of which two are mailservers, six people, two of them behind one home router. Lines are cut
// in the middle of packets, relays are killed and started again, one relay in three drops a fifth of what it should hand
// on, and one mailserver keeps nine envelopes in ten while it says that it kept all. Nothing is lost, nothing is doubled.
func TestANetworkOfHosts(t *testing.T) {
	n := newNetwork(t)
	relays := []*station{
		n.relay("mail-01", "45.10.1.1", "relay", nil, "--name", "Acme"),
		n.relay("mail-02", "45.10.1.2", "relay", []string{faultEnv + "=archive-drops"}, "--name", "Acme"),
		n.relay("relay-03", "45.10.1.3", "dropping-relay", nil),
	}
	link := inviteTo(t, relays, invite.Boot|invite.Relay|invite.Mail, invite.Boot|invite.Relay|invite.Mail, invite.Relay)
	people := n.crowd(t, link)
	for i, h := range []*station{relays[0], relays[1], relays[2]} {
		h.host.Delay(time.Duration(5+10*i) * time.Millisecond)
	}
	plan := newPlan(people, messages(t))
	trouble := n.troubles(t, relays, people)
	begun := time.Now()
	plan.run(t)
	trouble()
	t.Logf("%d messages written in %v", plan.total(), time.Since(begun).Round(time.Second))
	for _, p := range people {
		p.host.Mend()
	}
	for _, p := range people {
		took := eventually(t, 5*time.Minute, p.host.Name+" has everything", func() bool { return plan.missing(p) == 0 })
		t.Logf("%s has everything %v later", p.host.Name, took.Round(time.Second))
		plan.judge(t, p)
	}
}

func messages(t *testing.T) int {
	if testing.Short() {
		return mostMessages / 10
	}
	return mostMessages
}

// inviteTo is a link to relays with their roles.
func inviteTo(t *testing.T, relays []*station, roles ...invite.Role) string {
	t.Helper()
	i := invite.Invite{Name: "Acme", Channel: "lobby"}
	for at, r := range relays {
		i.Nodes = append(i.Nodes, invite.Node{Enode: r.ready.Enode, Roles: roles[at]})
	}
	return i.Link()
}

// crowd is six people, two behind one router, who know each other and are in the channel.
func (n *internet) crowd(t *testing.T, link string) (people []*person) {
	t.Helper()
	home, err := n.NAT("45.10.2.100")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"ann", "bo", "cleo", "dan", "eve", "finn"} {
		if i < 4 {
			people = append(people, n.person(n.must(n.Host(name, fmt.Sprintf("45.10.2.%d", i+1)))))
			continue
		}
		people = append(people, n.person(n.must(n.HostBehind(home, name, fmt.Sprintf("192.168.7.%d", i+1)))))
	}
	for _, p := range people {
		p.join(link)
		p.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
		p.befriend(people...)
	}
	for _, p := range people {
		eventually(t, time.Minute, p.host.Name+" is connected", func() bool { return p.peers() >= 2 })
	}
	return people
}

// plan is who writes what to whom.
type plan struct {
	people []*person
	lines  map[*person][]saying // by author
}

type saying struct {
	to   *person // nil: to the channel
	text string
}

// newPlan has six messages in ten go to the channel and the others to somebody.
func newPlan(people []*person, total int) *plan {
	p := &plan{people: people, lines: make(map[*person][]saying)}
	for i := range total {
		author := people[i%len(people)]
		l := saying{text: fmt.Sprintf("message %d of %s", i, author.host.Name)}
		if i/len(people)%10 >= 6 {
			l.to = people[(i+1+i/len(people)%(len(people)-1))%len(people)]
			l.text += " to " + l.to.host.Name
		}
		if l.to != author {
			p.lines[author] = append(p.lines[author], l)
		}
	}
	return p
}

func (p *plan) total() (n int) {
	for _, lines := range p.lines {
		n += len(lines)
	}
	return n
}

// run has everybody write at once. Whoever is away goes on writing when back.
func (p *plan) run(t *testing.T) {
	t.Helper()
	var writing sync.WaitGroup
	for author, lines := range p.lines {
		writing.Go(func() {
			for _, l := range lines {
				if err := author.write(l); err != nil {
					t.Errorf("%s cannot write: %v", author.host.Name, err)
					return
				}
			}
		})
	}
	writing.Wait()
}

func (p *person) write(l saying) error {
	chat := "lobby"
	if l.to != nil {
		chat = *l.to.made.Key
	}
	p.busy.Lock()
	defer p.busy.Unlock()
	_, err := p.send(chat, l.text)
	return err
}

// expected is what a person should have, by chat.
func (p *plan) expected(who *person) map[string][]string {
	want := make(map[string][]string)
	for author, lines := range p.lines {
		for _, l := range lines {
			switch {
			case l.to == nil:
				want["lobby"] = append(want["lobby"], l.text)
			case l.to == who:
				want[*author.made.Key] = append(want[*author.made.Key], l.text)
			case author == who:
				want[*l.to.made.Key] = append(want[*l.to.made.Key], l.text)
			}
		}
	}
	return want
}

func (p *plan) missing(who *person) (n int) {
	for chat, texts := range p.expected(who) {
		have := who.history(chat)
		for _, text := range texts {
			if have[text] == 0 {
				n++
			}
		}
	}
	return n
}

// judge wants everything once and nothing else.
func (p *plan) judge(t *testing.T, who *person) {
	t.Helper()
	for chat, texts := range p.expected(who) {
		have := who.history(chat)
		if len(have) != len(texts) {
			t.Errorf("%s has %d messages in %.10s, not %d", who.host.Name, len(have), chat, len(texts))
		}
		for _, text := range texts {
			if have[text] != 1 {
				t.Errorf("%s has %q %d times", who.host.Name, text, have[text])
			}
		}
	}
}

// troubles cuts lines, kills relays, and sends people away and back, until it is told to end; then all is well again.
func (n *internet) troubles(t *testing.T, relays []*station, people []*person) (end func()) {
	stop := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() {
		dice := rand.New(rand.NewPCG(1, 2))
		for round := 0; ; round++ {
			if idle(stop, time.Duration(1+dice.IntN(3))*time.Second) {
				return
			}
			switch round % 4 {
			case 0:
				p := people[dice.IntN(len(people))]
				p.host.CutAfter(dice.IntN(50))
				idle(stop, 4*time.Second)
				p.host.Mend()
			case 1:
				r := relays[dice.IntN(len(relays))]
				r.kill()
				idle(stop, 2*time.Second)
				r.start()
			default:
				p := people[dice.IntN(len(people))]
				p.busy.Lock()
				p.leave()
				idle(stop, time.Duration(2+dice.IntN(6))*time.Second)
				p.again()
				p.busy.Unlock()
			}
		}
	})
	return func() { close(stop); work.Wait() }
}

// idle waits, and says whether the end came first.
func idle(stop chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-stop:
		return true
	case <-timer.C:
		return false
	}
}

// TestNeverOnlineTogether: who writes is gone before who reads comes.
func TestNeverOnlineTogether(t *testing.T) {
	n := newNetwork(t)
	mail := n.relay("mail-01", "45.10.1.1", "relay", nil, "--name", "Acme")
	ann := n.person(n.must(n.Host("ann", "45.10.2.1")))
	bo := n.person(n.must(n.Host("bo", "45.10.2.2")))
	for _, p := range []*person{ann, bo} {
		p.join(mail.ready.Invite)
		p.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
	}
	ann.befriend(bo)
	bo.befriend(ann)
	for _, p := range []*person{ann, bo} {
		eventually(t, time.Minute, "connected", func() bool { return p.peers() == 1 })
	}
	bo.leave()
	const count = 200
	for i := range count {
		for _, chat := range []string{"lobby", *bo.made.Key} {
			if _, err := ann.send(chat, fmt.Sprintf("message %d", i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	eventually(t, time.Minute, "everything is stored by the mailserver", func() bool { return ann.unsent("lobby")+ann.unsent(*bo.made.Key) == 0 })
	ann.leave()
	bo.again()
	took := eventually(t, time.Minute, "everything", func() bool {
		return len(bo.history("lobby")) == count && len(bo.history(*ann.made.Key)) == count
	})
	t.Logf("%d messages, all there %v after unlocking", 2*count, took.Round(10*time.Millisecond))
}

// unsent counts own messages of a chat that no mailserver has stored yet.
func (p *person) unsent(chat string) (n int) {
	var page []messageObject
	p.call(p.net.t, "chats.messages", fmt.Sprintf(`{"chat":%q,"limit":1000}`, chat), &page)
	for _, m := range page {
		if m.Outgoing && m.State != "stored" && m.State != "delivered" {
			n++
		}
	}
	return n
}

// TestWrongClocks: a clock that is wrong by up to a minute is named within ten seconds, and loses nothing.
func TestWrongClocks(t *testing.T) {
	n := newNetwork(t)
	relays := []*station{
		n.relay("mail-01", "45.10.1.1", "relay", nil, "--name", "Acme"),
		n.relay("mail-02", "45.10.1.2", "relay", nil, "--name", "Acme"),
	}
	link := inviteTo(t, relays, invite.Boot|invite.Relay|invite.Mail, invite.Boot|invite.Relay|invite.Mail)
	right := n.person(n.must(n.Host("right", "45.10.2.100")))
	right.join(link)
	right.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
	for i, off := range []int{-60, -20, 20, 60} {
		wrong := n.person(n.must(n.Host(fmt.Sprint("off", off), fmt.Sprintf("45.10.2.%d", i+1))), fmt.Sprintf("%s=clock %ds", faultEnv, off))
		begun := time.Now()
		wrong.join(link)
		wrong.event(t, "event.degraded", `"name":"clock"`)
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("%d s: named after %v", off, took)
		}
		wrong.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
		if _, err := wrong.send("lobby", fmt.Sprintf("message from %d", off)); err != nil {
			t.Fatal(err)
		}
		if _, err := right.send("lobby", fmt.Sprintf("message to %d", off)); err != nil {
			t.Fatal(err)
		}
		eventually(t, 40*time.Second, "heard", func() bool { return right.history("lobby")[fmt.Sprintf("message from %d", off)] == 1 })
		eventually(t, 40*time.Second, "hears", func() bool { return wrong.history("lobby")[fmt.Sprintf("message to %d", off)] == 1 })
	}
}

// TestWaking: a process that was suspended is connected again, and has what it missed, within 15 seconds.
func TestWaking(t *testing.T) {
	n := newNetwork(t)
	mail := n.relay("mail-01", "45.10.1.1", "relay", nil, "--name", "Acme")
	ann := n.person(n.must(n.Host("ann", "45.10.2.1")))
	bo := n.person(n.must(n.Host("bo", "45.10.2.2")))
	for _, p := range []*person{ann, bo} {
		p.join(mail.ready.Invite)
		p.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
		eventually(t, time.Minute, "connected", func() bool { return p.peers() == 1 })
	}
	bo.signal(syscall.SIGSTOP)
	if _, err := ann.send("lobby", "message while asleep"); err != nil {
		t.Fatal(err)
	}
	<-time.After(40 * time.Second) // longer than any node waits for an answer, and than the envelope lives
	bo.signal(syscall.SIGCONT)
	took := eventually(t, 15*time.Second, "connected and told after waking", func() bool {
		return bo.peers() == 1 && bo.history("lobby")["message while asleep"] == 1
	})
	t.Logf("back after %v", took.Round(10*time.Millisecond))
}

// TestKilledBetweenPoolAndArchive: a mailserver that dies before its archive has an envelope has promised nothing.
func TestKilledBetweenPoolAndArchive(t *testing.T) {
	n := newNetwork(t)
	mail := n.relay("mail-01", "45.10.1.1", "relay", []string{faultEnv + "=archive-kills"}, "--name", "Acme")
	ann := n.person(n.must(n.Host("ann", "45.10.2.1")))
	ann.join(mail.ready.Invite)
	ann.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
	eventually(t, time.Minute, "connected", func() bool { return ann.peers() == 1 })
	sent, err := ann.send("lobby", "message")
	if err != nil {
		t.Fatal(err)
	}
	if err := mail.cmd.Wait(); err == nil {
		t.Fatal("the mailserver ended well")
	}
	eventually(t, time.Minute, "the end is noticed", func() bool { return ann.peers() == 0 })
	for _, step := range ann.message("lobby", sent.ID).Ledger {
		if step.State != "queued" {
			t.Errorf("the ledger has %+v of a mailserver that was killed", step)
		}
	}
	mail.env = nil
	mail.start()
	eventually(t, 2*time.Minute, "it is stored then", func() bool { return ann.message("lobby", sent.ID).State == "stored" })
}

func (p *person) message(chat, id string) (found messageObject) {
	var page []messageObject
	p.call(p.net.t, "chats.messages", fmt.Sprintf(`{"chat":%q}`, chat), &page)
	for _, m := range page {
		if m.ID == id {
			found = m
		}
	}
	return found
}

// TestTenPeopleBehindOneRouter: all of them are in within 15 seconds.
func TestTenPeopleBehindOneRouter(t *testing.T) {
	n := newNetwork(t)
	mail := n.relay("mail-01", "45.10.1.1", "relay", nil, "--name", "Acme")
	home, err := n.NAT("45.10.2.100")
	if err != nil {
		t.Fatal(err)
	}
	var people []*person
	for i := range 10 {
		people = append(people, n.person(n.must(n.HostBehind(home, fmt.Sprint("p", i), fmt.Sprintf("192.168.7.%d", i+2)))))
	}
	begun := time.Now()
	for _, p := range people {
		p.join(mail.ready.Invite)
	}
	for _, p := range people {
		eventually(t, 15*time.Second-time.Since(begun), p.host.Name+" is connected", func() bool { return p.peers() == 1 })
	}
	t.Logf("ten connected %v after the first joined", time.Since(begun).Round(10*time.Millisecond))
}
