package views

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"sotto/node/identity"
	"sotto/services/chats"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/groups"
	"sotto/services/link"
)

// hikers is the id of the tests' private group.
const hikers = "4f0c2a4e-7e31-4cf4-a5f4-0d6a3f1c9e11-" + otherKey

// skiers is another one, to which a stranger invites.
const skiers = "5f0c2a4e-7e31-4cf4-a5f4-0d6a3f1c9e11-" + strangerKey

// fakeGroups keeps private groups in memory, and their chats in step. What err says is returned by the next call.
type fakeGroups struct {
	mu       sync.Mutex
	bus      *event.Bus
	chats    *fakeChats
	groups   map[string]*fakeGroup
	requests []groups.Request
	delivery []groups.Delivery
	err      error
	refused  error // what the next answer to a request comes to
	handed   int   // messages that the last newcomers got
	left     []string
}

type fakeGroup struct {
	group   groups.Group
	members []groups.Member
}

func (f *fakeGroups) fail() error {
	err := f.err
	f.err = nil
	return err
}

// add puts a group there, without its chat.
func (f *fakeGroups) add(id, name string, members ...groups.Member) *fakeGroup {
	g := &fakeGroup{group: groups.Group{ID: id, Name: name, Created: noon.AddDate(0, 0, -19)}, members: members}
	f.groups[id] = g
	g.count()
	return g
}

// count makes the group what its members amount to.
func (g *fakeGroup) count() {
	g.group.Members, g.group.Waiting, g.group.Role, g.group.Joined = len(g.members), 0, groups.Former, false
	for _, m := range g.members {
		if !m.Joined {
			g.group.Waiting++
		}
		if m.You {
			g.group.Role, g.group.Joined = m.Role, m.Joined
		}
	}
}

// member is somebody in a group.
func member(key, name string, role groups.Role, joined bool) groups.Member {
	m := groups.Member{Key: key, Pseudonym: pseudonymOf(key), Name: name, Role: role, Joined: joined, You: key == ownKey, At: noon}
	if name == "" {
		m.Name = m.Pseudonym
	}
	return m
}

func (f *fakeGroups) at(id string) (*fakeGroup, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	g := f.groups[id]
	if g == nil {
		return nil, fault.New(fault.NoSuchChat, "That group is not in your list.")
	}
	return g, nil
}

// change edits a group and its chat, and tells of it.
func (f *fakeGroups) change(id string, edit func(*fakeGroup) error) (groups.Group, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, err := f.at(id)
	if err != nil {
		return groups.Group{}, err
	}
	if err := edit(g); err != nil {
		return groups.Group{}, err
	}
	g.count()
	f.chats.edit(id, func(c *chats.Chat) { *c = withGroup(*c, g.group) })
	f.bus.Publish(event.Event{Kind: event.Group, Chat: id})
	f.bus.Publish(event.Event{Kind: event.Chat, Chat: id})
	return g.group, nil
}

func (f *fakeGroups) Create(_ context.Context, name string, keys []string) (groups.Group, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail(); err != nil {
		return groups.Group{}, err
	}
	id := fmt.Sprintf("%08d-7e31-4cf4-a5f4-0d6a3f1c9e11-%s", len(f.groups), ownKey)
	members := []groups.Member{member(ownKey, "", groups.Admin, true)}
	for _, key := range keys {
		members = append(members, member(key, "", groups.Plain, false))
	}
	g := f.add(id, name, members...)
	f.chats.put(withGroup(chats.Chat{ID: id, Kind: chats.Group}, g.group))
	return g.group, nil
}

func (f *fakeGroups) Get(_ context.Context, id string) (groups.Group, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, err := f.at(id)
	if err != nil {
		return groups.Group{}, err
	}
	return g.group, nil
}

func (f *fakeGroups) Members(_ context.Context, id string) ([]groups.Member, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, err := f.at(id)
	if err != nil {
		return nil, err
	}
	return slices.Clone(g.members), nil
}

func (f *fakeGroups) Invitations(context.Context) (list []groups.Group, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, g := range f.groups {
		if g.group.Role != groups.Former && !g.group.Joined {
			list = append(list, g.group)
		}
	}
	return list, nil
}

// you edits our own membership; removed takes us out.
func (g *fakeGroup) you(edit func(*groups.Member)) {
	for i := range g.members {
		if g.members[i].You {
			edit(&g.members[i])
		}
	}
}

func (f *fakeGroups) Accept(_ context.Context, id string) (groups.Group, error) {
	return f.change(id, func(g *fakeGroup) error {
		g.you(func(m *groups.Member) { m.Joined = true })
		f.chats.edit(id, func(c *chats.Chat) { c.Request = false })
		return nil
	})
}

func (f *fakeGroups) Decline(ctx context.Context, id string) (groups.Group, error) {
	return f.Leave(ctx, id)
}

func (f *fakeGroups) Leave(_ context.Context, id string) (groups.Group, error) {
	return f.change(id, func(g *fakeGroup) error {
		g.members = slices.DeleteFunc(g.members, func(m groups.Member) bool { return m.You })
		f.left = append(f.left, id)
		f.chats.drop(id)
		return nil
	})
}

func (f *fakeGroups) Add(_ context.Context, id string, keys []string, history int) (groups.Group, error) {
	return f.change(id, func(g *fakeGroup) error {
		for _, key := range keys {
			g.members = append(g.members, member(key, "", groups.Plain, false))
		}
		f.handed = history
		return nil
	})
}

func (f *fakeGroups) Remove(_ context.Context, id string, keys []string) (groups.Group, error) {
	return f.change(id, func(g *fakeGroup) error {
		g.members = slices.DeleteFunc(g.members, func(m groups.Member) bool { return slices.Contains(keys, m.Key) })
		return nil
	})
}

// roles gives people another role.
func (f *fakeGroups) roles(id string, keys []string, role groups.Role) (groups.Group, error) {
	return f.change(id, func(g *fakeGroup) error {
		for i, m := range g.members {
			if slices.Contains(keys, m.Key) {
				g.members[i].Role = role
			}
		}
		return nil
	})
}

func (f *fakeGroups) Promote(_ context.Context, id string, keys []string) (groups.Group, error) {
	return f.roles(id, keys, groups.Admin)
}

func (f *fakeGroups) Resign(_ context.Context, id string) (groups.Group, error) {
	return f.roles(id, []string{ownKey}, groups.Plain)
}

func (f *fakeGroups) Rename(_ context.Context, id, name string) (groups.Group, error) {
	return f.change(id, func(g *fakeGroup) error {
		if len(name) > 255 {
			return fault.New(fault.BadName, "A group's name has something to read in it, and at most 255 bytes.")
		}
		g.group.Name = name
		return nil
	})
}

func (f *fakeGroups) Link(_ context.Context, id string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, err := f.at(id)
	if err != nil {
		return "", err
	}
	return groupLinkOf(ownKey, id, g.group.Name), nil
}

// groupLinkOf is the link by which an admin is asked.
func groupLinkOf(admin, id, name string) string {
	key, _ := identity.ParsePublicKey(admin)
	return link.Group(key, id, name)
}

func (f *fakeGroups) Ask(_ context.Context, text, introduction string) (groups.Request, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	to, err := link.Parse(text)
	if err != nil {
		return groups.Request{}, err
	}
	if err := f.fail(); err != nil {
		return groups.Request{}, err
	}
	r := groups.Request{Group: to.Group, GroupName: to.Name, Key: ownKey, Text: strings.TrimSpace(introduction), At: noon.Add(-time.Minute),
		State: groups.Asked, Mine: true}
	f.requests = append(f.requests, r)
	f.bus.Publish(event.Event{Kind: event.Group, Chat: to.Group})
	return r, nil
}

func (f *fakeGroups) Requests(context.Context) ([]groups.Request, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests), nil
}

func (f *fakeGroups) Answer(ctx context.Context, id, key string, let bool) error {
	f.mu.Lock()
	if err := f.refused; err != nil {
		f.refused = nil
		f.mu.Unlock()
		return err
	}
	f.requests = slices.DeleteFunc(f.requests, func(r groups.Request) bool { return r.Group == id && r.Key == key })
	f.mu.Unlock()
	f.bus.Publish(event.Event{Kind: event.Group, Chat: id})
	if !let {
		return nil
	}
	_, err := f.Add(ctx, id, []string{key}, 0)
	return err
}

func (f *fakeGroups) Delivery(context.Context, string) ([]groups.Delivery, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.delivery, f.fail()
}

// put adds a chat, drop takes one away.
func (f *fakeChats) put(c chats.Chat) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.chats = append(f.chats, c)
}

func (f *fakeChats) drop(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.chats = slices.DeleteFunc(f.chats, func(c chats.Chat) bool { return c.ID == id })
}
