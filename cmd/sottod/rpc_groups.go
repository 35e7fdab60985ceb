package main

import (
	"context"

	"sotto/services/chats"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/groups"
)

type groupObject struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Role      groups.Role `json:"role"`
	Joined    bool        `json:"joined"`
	InvitedBy string      `json:"invitedBy,omitempty"`
	Stranger  bool        `json:"stranger,omitempty"`
	Members   int         `json:"members"`
	Waiting   int         `json:"waiting"`
	Created   int64       `json:"created"`
}

func objectOfGroup(g groups.Group) groupObject {
	return groupObject{ID: g.ID, Name: g.Name, Role: g.Role, Joined: g.Joined, InvitedBy: g.InvitedBy, Stranger: g.Stranger,
		Members: g.Members, Waiting: g.Waiting, Created: g.Created.UnixMilli()}
}

type memberObject struct {
	Key       string      `json:"key"`
	Pseudonym string      `json:"pseudonym"`
	Name      string      `json:"name"`
	Role      groups.Role `json:"role"`
	Joined    bool        `json:"joined"`
	You       bool        `json:"you,omitempty"`
	AddedBy   string      `json:"addedBy,omitempty"`
	At        int64       `json:"at"`
}

type deliveryObject struct {
	Key       string `json:"key"`
	Name      string `json:"name"`
	Delivered *int64 `json:"delivered"` // null: not yet
	Waiting   bool   `json:"waiting"`
	Failed    bool   `json:"failed"`
}

type groupRequestObject struct {
	Group     string              `json:"group"`
	GroupName string              `json:"groupName"`
	Key       string              `json:"key"`
	Name      string              `json:"name"`
	Text      string              `json:"text"`
	At        int64               `json:"at"`
	State     groups.RequestState `json:"state"`
	Mine      bool                `json:"mine"`
}

func objectOfRequest(r groups.Request) groupRequestObject {
	return groupRequestObject{Group: r.Group, GroupName: r.GroupName, Key: r.Key, Name: r.Name, Text: r.Text, At: r.At.UnixMilli(),
		State: r.State, Mine: r.Mine}
}

type groupEvent struct {
	Seq   uint64      `json:"seq"`
	Group groupObject `json:"group"`
}

// describeGroup tells of a group as it is. One that was left or declined is told of by event.chat alone.
func (s *server) describeGroup(ctx context.Context, e event.Event) (any, error) {
	g, err := s.Groups.Get(ctx, e.Chat)
	return groupEvent{e.Seq, objectOfGroup(g)}, err
}

// groupChat is the chat of a group. One that is not on the list any more has its id and name only.
func (s *server) groupChat(ctx context.Context, g groups.Group, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	chat, err := s.Chats.Get(ctx, g.ID)
	if fault.CodeOf(err) == fault.NoSuchChat {
		return chatObject{ID: g.ID, Kind: chats.Group, Name: g.Name}, nil
	}
	if err != nil {
		return nil, err
	}
	return s.objectOfChat(ctx, chat)
}

// groupCall is a method that takes a group and returns its chat as it is then.
func groupCall(call func(*groups.Service, context.Context, string) (groups.Group, error)) method {
	return bind(func(ctx context.Context, s *server, p chatParams) (any, error) {
		g, err := call(s.Groups, ctx, p.Chat)
		return s.groupChat(ctx, g, err)
	}, "chat")
}

type membersParams struct {
	Chat    string   `json:"chat"`
	Members []string `json:"members"`
	History int      `json:"history"`
}

// membersCall is a method that does something to people of a group.
func membersCall(call func(ctx context.Context, s *groups.Service, p membersParams) (groups.Group, error)) method {
	return bind(func(ctx context.Context, s *server, p membersParams) (any, error) {
		g, err := call(ctx, s.Groups, p)
		return s.groupChat(ctx, g, err)
	}, "chat", "members")
}

func addMembers(ctx context.Context, s *groups.Service, p membersParams) (groups.Group, error) {
	return s.Add(ctx, p.Chat, p.Members, p.History)
}

func removeMembers(ctx context.Context, s *groups.Service, p membersParams) (groups.Group, error) {
	return s.Remove(ctx, p.Chat, p.Members)
}

func promoteMembers(ctx context.Context, s *groups.Service, p membersParams) (groups.Group, error) {
	return s.Promote(ctx, p.Chat, p.Members)
}

type createGroupParams struct {
	Name    string   `json:"name"`
	Members []string `json:"members"`
}

func createGroup(ctx context.Context, s *server, p createGroupParams) (any, error) {
	g, err := s.Groups.Create(ctx, p.Name, p.Members)
	return s.groupChat(ctx, g, err)
}

type renameGroupParams struct {
	Chat string `json:"chat"`
	Name string `json:"name"`
}

func renameGroup(ctx context.Context, s *server, p renameGroupParams) (any, error) {
	g, err := s.Groups.Rename(ctx, p.Chat, p.Name)
	return s.groupChat(ctx, g, err)
}

func groupMembers(ctx context.Context, s *server, p chatParams) (any, error) {
	list, err := s.Groups.Members(ctx, p.Chat)
	objects := make([]memberObject, 0, len(list))
	for _, m := range list {
		objects = append(objects, memberObject{Key: m.Key, Pseudonym: m.Pseudonym, Name: m.Name, Role: m.Role, Joined: m.Joined,
			You: m.You, AddedBy: m.AddedBy, At: m.At.UnixMilli()})
	}
	return objects, err
}

func groupDelivery(ctx context.Context, s *server, p idParams) (any, error) {
	list, err := s.Groups.Delivery(ctx, p.ID)
	objects := make([]deliveryObject, 0, len(list))
	for _, d := range list {
		o := deliveryObject{Key: d.Key, Name: d.Name, Waiting: d.Waiting, Failed: d.Failed}
		if !d.Delivered.IsZero() {
			at := d.Delivered.UnixMilli()
			o.Delivered = &at
		}
		objects = append(objects, o)
	}
	return objects, err
}

func groupInvitations(ctx context.Context, s *server, _ none) (any, error) {
	list, err := s.Groups.Invitations(ctx)
	objects := make([]groupObject, 0, len(list))
	for _, g := range list {
		objects = append(objects, objectOfGroup(g))
	}
	return objects, err
}

func groupLink(ctx context.Context, s *server, p chatParams) (any, error) {
	link, err := s.Groups.Link(ctx, p.Chat)
	return linkObject{link}, err
}

type askParams struct {
	Link string `json:"link"`
	Text string `json:"text"`
}

func askGroup(ctx context.Context, s *server, p askParams) (any, error) {
	r, err := s.Groups.Ask(ctx, p.Link, p.Text)
	return objectOfRequest(r), err
}

func groupRequests(ctx context.Context, s *server, _ none) (any, error) {
	list, err := s.Groups.Requests(ctx)
	objects := make([]groupRequestObject, 0, len(list))
	for _, r := range list {
		objects = append(objects, objectOfRequest(r))
	}
	return objects, err
}

type answerParams struct {
	Chat string `json:"chat"`
	Key  string `json:"key"`
	Let  bool   `json:"let"`
}

func answerRequest(ctx context.Context, s *server, p answerParams) (any, error) {
	return true, s.Groups.Answer(ctx, p.Chat, p.Key, p.Let)
}
