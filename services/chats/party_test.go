package chats

import (
	"context"
	"crypto/rand"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/groups"
	"sotto/services/pairwise"
)

// guest is a person with groups.
type guest struct {
	*person
	name   string
	groups *groups.Service
	away   bool // nothing reaches them, and they send nothing
}

// party is several people whose programs reach each other.
type party struct {
	t    testing.TB
	all  []*guest
	lost func(from, to *guest) bool // drops what one sends to another, if set
}

// newParty opens the accounts of people; the test closes them.
func newParty(t testing.TB, names ...string) *party {
	p := &party{t: t}
	for _, name := range names {
		p.join(name)
	}
	return p
}

func (p *party) join(name string) *guest {
	p.t.Helper()
	g := &guest{person: newPerson(p.t, name), name: name}
	g.lend()
	p.all = append(p.all, g)
	return g
}

// lend lends the open account to the groups service.
func (g *guest) lend() {
	g.groups = groups.New(g.log)
	g.groups.Attach(groups.Account{Store: g.store, Keeper: g.open.Groups, Rand: rand.Reader, Changed: g.ContactsChanged})
}

// again ends somebody's program and starts it anew.
func (g *guest) again() {
	g.restart(1)
	g.carried = 0
	g.meet()
	g.lend()
}

func (p *party) close() {
	for _, g := range p.all {
		g.close()
	}
}

// carry hands on what was posted since, and says whether there was anything.
func (p *party) carry() (some bool) {
	for _, from := range p.all {
		if from.away {
			continue
		}
		list := from.node.posts()[from.carried:]
		from.carried += len(list)
		some = some || len(list) > 0
		for _, post := range list {
			for _, to := range p.all {
				if to != from && !to.away && (p.lost == nil || !p.lost(from, to)) {
					to.node.take(post, "relay")
				}
			}
			post.observe(Outcome{Kind: AcceptedBy, Peer: "enode://relay"})
		}
	}
	return some
}

// settle carries everything until nobody posts any more.
func (p *party) settle() {
	for settle(); p.carry(); {
		settle()
	}
}

// pass lets time go by, and carries what that brings about.
func (p *party) pass(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		pass(min(time.Until(end), 30*time.Second))
		p.settle()
	}
}

// friends makes everybody everybody's contact.
func (p *party) friends() {
	for i, a := range p.all {
		for _, b := range p.all[i+1:] {
			must(a.contacts.Add(p.t.Context(), must(b.contacts.Link(p.t.Context()))(p.t)))(p.t)
			must(b.contacts.Add(p.t.Context(), must(a.contacts.Link(p.t.Context()))(p.t)))(p.t)
		}
	}
	p.settle()
}

// keys are those of people.
func keys(people ...*guest) (list []string) {
	for _, g := range people {
		list = append(list, g.self())
	}
	return list
}

// team makes a group of the first person's, which everybody else accepts, and returns its id.
func (p *party) team(name string) string {
	p.t.Helper()
	id := must(p.all[0].groups.Create(context.Background(), name, keys(p.all[1:]...)))(p.t).ID
	p.settle()
	for _, g := range p.all[1:] {
		must(g.groups.Accept(context.Background(), id))(p.t)
		p.settle()
	}
	return id
}

// roster is who is in a group as somebody has it: admins with a star, who has not joined with a question mark.
func (g *guest) roster(p *party, id string) (list []string) {
	p.t.Helper()
	for _, m := range must(g.groups.Members(context.Background(), id))(p.t) {
		for _, other := range p.all {
			if other.self() != m.Key {
				continue
			}
			mark := map[bool]string{true: "", false: "?"}[m.Joined]
			if m.Role == groups.Admin {
				mark += "*"
			}
			list = append(list, other.name+mark)
		}
	}
	slices.Sort(list)
	return list
}

// wantRoster holds that people have the same group, and that the rows say what the log does.
func (p *party) wantRoster(id string, people []*guest, want ...string) {
	p.t.Helper()
	for _, g := range people {
		if got := g.roster(p, id); !slices.Equal(got, want) {
			p.t.Errorf("%s has %q, want %q", g.name, got, want)
		}
		g.wantRows(id)
	}
}

// wantRows holds that the rows of people are what the log amounts to.
func (g *guest) wantRows(id string) {
	g.t.Helper()
	err := g.store.View(context.Background(), func(tx *models.Tx) error {
		chat, found, err := tx.ChatNamed(models.GroupChat, id)
		if err != nil || !found {
			return err
		}
		stored, err := tx.GroupEvents(chat.ID)
		if err != nil {
			return err
		}
		var events []group.Event
		for _, s := range stored {
			events = append(events, must(group.DecodeEvent(id, s.Raw))(g.t))
		}
		state, _ := group.Replay(id, events)
		rows, err := tx.GroupPeople(chat.ID)
		if err != nil {
			return err
		}
		for _, row := range rows {
			is := group.Person{Member: row.Member, Joined: row.Joined, Admin: row.Admin, Added: row.Added, JoinedAt: row.JoinedAt, Left: row.GoneAt}
			copy(is.AddedBy[:], row.AddedBy)
			if is != state.People[row.Key] {
				g.t.Errorf("%s has a row %+v, want %+v", g.name, is, state.People[row.Key])
			}
			delete(state.People, row.Key)
		}
		if len(state.People) > 0 || chat.Title != group.Title(state.Name) {
			g.t.Errorf("%s misses rows of %v, title %q, want %q", g.name, state.People, chat.Title, state.Name)
		}
		return nil
	})
	if err != nil {
		g.t.Fatal(err)
	}
}

// words are what somebody reads in a group: texts and lines, the oldest first.
func (g *guest) words(id string) (list []string) { return g.texts(id) }

// said is the texts alone.
func (g *guest) said(id string) (list []string) {
	messages := g.messages(id)
	for _, m := range slices.Backward(messages) {
		if !m.System {
			list = append(list, m.Text)
		}
	}
	return list
}

func (g *guest) chat(id string) Chat {
	g.t.Helper()
	return must(g.Get(context.Background(), id))(g.t)
}

// called is what somebody calls another.
func (g *guest) called(other *guest) (name string) {
	g.t.Helper()
	err := g.store.View(context.Background(), func(tx *models.Tx) (err error) {
		x := authors{tx: tx}
		name, err = x.called(keyOf(other))
		return err
	})
	return must(name, err)(g.t)
}

// owes is how many messages somebody waits for others to acknowledge.
func (g *guest) owes() (n int) {
	g.t.Helper()
	err := g.store.View(context.Background(), func(tx *models.Tx) error {
		_, waits, err := tx.NextRecord(g.node.Now())
		if waits {
			n++
		}
		return err
	})
	return must(n, err)(g.t)
}

// keyOf is a person's key.
func keyOf(g *guest) identity.PublicKey { return identity.KeyOf(&g.key.PublicKey) }

// inParty runs a test with people in a bubble of time.
func inParty(t *testing.T, names []string, test func(*testing.T, *party)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newParty(t, names...)
		defer p.close()
		test(t, p)
	})
}

// chatRow is the row of a chat.
func (g *guest) chatRow(id string) (row models.Chat, err error) {
	err = g.store.View(context.Background(), func(tx *models.Tx) (err error) {
		row, err = chatRow(tx, id)
		return err
	})
	return row, err
}

// sendRaw sends a text to a group as it stands, past what the program would say.
func (g *guest) sendRaw(chat models.Chat, said payload.Chat) error {
	err := g.store.Update(context.Background(), func(tx *models.Tx) error {
		wrapped, id, err := g.open.Groups.Wrap(tx, chat, said)
		if err != nil {
			return err
		}
		row := rowOf(said, id, g.open.author[:], g.node.Now())
		row.Chat, row.Outgoing, row.Seen = chat.ID, true, true
		if _, err := tx.AddMessage(&row); err != nil {
			return err
		}
		_, err = g.open.Groups.Deliver(tx, chat, wrapped, row.Row)
		return err
	})
	g.open.wake()
	return err
}

// sendWrapped sends a signed message to somebody as it stands.
func (g *guest) sendWrapped(to identity.PublicKey, wrapped []byte) error {
	err := g.store.Update(context.Background(), func(tx *models.Tx) error {
		_, err := g.open.Pair.Send(tx, to, wrapped, pairwise.Ref{})
		return err
	})
	g.open.wake()
	return err
}

// zeros is no randomness.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
