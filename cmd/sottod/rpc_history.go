package main

import (
	"context"

	"sotto/services/event"
	"sotto/services/history"
)

type maybeChatParams struct {
	Chat string `json:"chat"` // empty: all
}

type progressObject struct {
	Chat   string `json:"chat,omitempty"`
	Done   int    `json:"done"`
	Total  int    `json:"total,omitempty"` // not known where it is missing
	Server string `json:"server,omitempty"`
}

type historyEvent struct {
	Seq uint64 `json:"seq"`
	progressObject
	Running bool `json:"running"`
}

type coverageObject struct {
	Chat   string `json:"chat"`
	From   int64  `json:"from"`
	To     int64  `json:"to"`
	Server string `json:"server"`
}

type gapObject struct {
	Chat string `json:"chat"`
	From int64  `json:"from"`
	To   int64  `json:"to"`
	Text string `json:"text"`
}

type mailserverObject struct {
	Enode       string `json:"enode"`
	Name        string `json:"name"`
	Connected   bool   `json:"connected"`
	RetentionMs int64  `json:"retentionMs"` // 0: it promises nothing
	Answered    *int64 `json:"answered"`    // null: never
	Failures    int    `json:"failures"`
	Missed      int    `json:"missed"`
	Trouble     string `json:"trouble,omitempty"`
}

func objectOfProgress(p history.Progress) progressObject {
	return progressObject{Chat: p.Chat, Done: p.Done, Total: p.Total, Server: p.Server}
}

func syncHistory(ctx context.Context, s *server, p maybeChatParams) (any, error) {
	reached, err := s.History.Sync(ctx, p.Chat)
	return objectOfProgress(reached), err
}

func historyCoverage(ctx context.Context, s *server, p maybeChatParams) (any, error) {
	list, err := s.History.Coverage(ctx, p.Chat)
	objects := make([]coverageObject, 0, len(list))
	for _, c := range list {
		objects = append(objects, coverageObject{Chat: c.Chat, From: c.From.UnixMilli(), To: c.To.UnixMilli(), Server: c.Server})
	}
	return objects, err
}

func historyGaps(ctx context.Context, s *server, p maybeChatParams) (any, error) {
	list, err := s.History.Gaps(ctx, p.Chat)
	objects := make([]gapObject, 0, len(list))
	for _, g := range list {
		objects = append(objects, gapObject{Chat: g.Chat, From: g.From.UnixMilli(), To: g.To.UnixMilli(), Text: g.Text})
	}
	return objects, err
}

func historyServers(ctx context.Context, s *server, _ none) (any, error) {
	list, err := s.History.Servers(ctx)
	objects := make([]mailserverObject, 0, len(list))
	for _, m := range list {
		o := mailserverObject{
			Enode: m.Enode, Name: m.Name, Connected: m.Connected, RetentionMs: m.Retention.Milliseconds(),
			Failures: m.Failures, Missed: m.Missed, Trouble: m.Trouble,
		}
		if !m.Answered.IsZero() {
			at := m.Answered.UnixMilli()
			o.Answered = &at
		}
		objects = append(objects, o)
	}
	return objects, err
}

func (s *server) describeHistory(ctx context.Context, e event.Event) historyEvent {
	p := s.History.Progress(ctx)
	return historyEvent{e.Seq, objectOfProgress(p), p.Running}
}
