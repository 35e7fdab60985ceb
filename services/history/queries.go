package history

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"sotto/models"
	"sotto/services/chats"
	"sotto/services/history/span"
	"sotto/services/stored"
)

// view is everything that answers to questions about history follow from.
type view struct {
	now      time.Time
	needs    []chats.Need
	answered answers
	servers  standings
	chats    []models.Chat // those that were asked about
}

// view reads it, for one chat or for all.
func (k *keeper) view(ctx context.Context, chat string) (*view, error) {
	v := &view{now: k.Now(), servers: make(standings)}
	var err error
	if v.needs, err = k.Chats.Needs(ctx); err != nil {
		return nil, err
	}
	ours, err := k.Network.Mailservers(ctx)
	if err != nil {
		return nil, err
	}
	var rows []models.Mailserver
	var covered []models.Coverage
	err = k.Store.View(ctx, func(tx *models.Tx) (err error) {
		if v.chats, err = chatsOf(tx, chat); err != nil {
			return err
		}
		if rows, err = tx.Mailservers(); err != nil {
			return err
		}
		covered, err = tx.Coverage()
		return err
	})
	v.answered = answersOf(covered)
	v.servers.meet(ours, rows)
	return v, err
}

func chatsOf(tx *models.Tx, chat string) ([]models.Chat, error) {
	list, err := tx.Chats()
	if err != nil || chat == "" {
		return list, err
	}
	list = slices.DeleteFunc(list, func(c models.Chat) bool { return c.Name != chat })
	if len(list) == 0 {
		return nil, errNoSuchChat
	}
	return list, nil
}

// topics are those on which messages of a chat come, and from when on they are wanted.
func (v *view) topics(c models.Chat) map[Topic]int64 {
	list := make(map[Topic]int64)
	for _, n := range v.needs {
		if n.Chat == c.Name || n.Own && c.Kind == models.PrivateChat {
			list[n.Topic] = n.From.Unix()
		}
	}
	return list
}

// Coverage lists the spans of time for which mailservers gave everything that they had of a chat, or of every chat where none
// is given. The codes are locked, no_such_chat and storage.
func (s *Service) Coverage(ctx context.Context, chat string) ([]Coverage, error) {
	v, err := s.look(ctx, chat)
	if err != nil {
		return nil, err
	}
	var list []Coverage
	for _, c := range v.chats {
		for server, set := range v.coverage(c) {
			for _, one := range set {
				list = append(list, Coverage{Chat: c.Name, From: time.Unix(one.Start, 0), To: time.Unix(one.End, 0), Server: v.enode(server)})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Coverage) int {
		return cmp.Or(cmp.Compare(a.Chat, b.Chat), cmp.Compare(a.Server, b.Server), a.From.Compare(b.From))
	})
	return list, nil
}

// coverage is what each server answered for on every topic of a chat.
func (v *view) coverage(c models.Chat) map[Node]span.Set {
	all := make(map[Node]span.Set)
	topics := v.topics(c)
	for topic := range topics {
		for server := range v.answered[topic] {
			all[server] = nil
		}
	}
	for server := range all {
		var sets []span.Set
		for topic := range topics {
			sets = append(sets, v.answered[topic][server])
		}
		all[server] = span.AtLeast(len(sets), sets...)
	}
	return all
}

// enode is a server's address, or its id where it is none of ours any more.
func (v *view) enode(server Node) string {
	if s := v.servers[server]; s != nil {
		return s.Enode
	}
	return hex.EncodeToString(server[:])
}

// Gaps lists the spans of time in which there may be messages of a chat, or of any where none is given, that this account does
// not have: nobody answered for them. What is about to be asked for in the next minutes is not in it. The codes are locked,
// no_such_chat and storage.
func (s *Service) Gaps(ctx context.Context, chat string) ([]Gap, error) {
	v, err := s.look(ctx, chat)
	if err != nil {
		return nil, err
	}
	var list []Gap
	for _, c := range v.chats {
		for _, one := range v.gaps(c) {
			list = append(list, Gap{Chat: c.Name, From: time.Unix(one.Start, 0), To: time.Unix(one.End, 0), Text: v.why(one)})
		}
	}
	return list, nil
}

// gaps is what is missing of a chat, cut where the servers' memory begins.
func (v *view) gaps(c models.Chat) (missing span.Set) {
	end := v.now
	if v.online() {
		end = end.Add(-every - 2*overlap)
	}
	for topic, from := range v.topics(c) {
		var sets []span.Set
		for _, set := range v.answered[topic] {
			sets = append(sets, set)
		}
		missing = missing.Or(span.Of(span.Span{Start: from, End: end.Unix()}).Minus(span.AtLeast(1, sets...)))
	}
	forgotten := span.Of(span.Span{Start: 0, End: v.oldest()})
	return slices.Concat(missing.And(forgotten), missing.Minus(forgotten))
}

func (v *view) online() bool { return len(v.servers.connected(v.now)) > 0 }

// oldest is the time in Unix seconds before which no server keeps anything.
func (v *view) oldest() int64 {
	if len(v.servers) == 0 {
		return 0
	}
	oldest := v.now.Unix()
	for _, s := range v.servers {
		oldest = min(oldest, s.candidate(v.now).oldest)
	}
	return oldest
}

// why says in a sentence why a gap is there.
func (v *view) why(gap span.Span) string {
	connected := v.servers.connected(v.now)
	switch {
	case len(v.servers) == 0:
		return "No mailserver is known that could have kept what was written then."
	case gap.End <= v.oldest():
		return "No mailserver keeps messages for so long."
	case len(connected) == 0:
		return "No mailserver is connected. They are asked as soon as one is."
	case connected[0].stored.Failures > 0:
		return connected[0].stored.Trouble + " It is asked again soon."
	}
	return NameOf(connected[0].Enode) + " is asked for it."
}

// Servers lists the mailservers of ours and how they served, the best first and those without a connection last. The codes are
// locked and storage.
func (s *Service) Servers(ctx context.Context) ([]Server, error) {
	v, err := s.look(ctx, "")
	if err != nil {
		return nil, err
	}
	list := v.servers.connected(v.now)
	var away []*standing
	for _, one := range v.servers {
		if !one.Connected {
			away = append(away, one)
		}
	}
	slices.SortFunc(away, func(a, b *standing) int { return cmp.Compare(a.Enode, b.Enode) })
	var servers []Server
	for _, one := range slices.Concat(list, away) {
		servers = append(servers, serverOf(one))
	}
	return servers, nil
}

func serverOf(s *standing) Server {
	server := Server{
		Enode: s.Enode, Name: NameOf(s.Enode), Connected: s.Connected, Promises: s.Retention > 0, Retention: s.Retention,
		Failures: s.stored.Failures, Missed: s.stored.Missed, Trouble: s.stored.Trouble,
	}
	if s.stored.Answered != 0 {
		server.Answered = time.UnixMilli(s.stored.Answered)
	}
	return server
}

func (s *Service) look(ctx context.Context, chat string) (*view, error) {
	k, err := s.attached()
	if err != nil {
		return nil, err
	}
	v, err := k.view(ctx, chat)
	return v, stored.Refusal(err)
}
