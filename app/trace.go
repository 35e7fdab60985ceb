package app

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"sotto/services/chats"
)

// trace prints what is shown, one JSON line each, for scripts that watch the window. It prints ids, never texts.
type trace struct {
	mu  sync.Mutex
	out io.Writer
}

// traceLine is one line of it.
type traceLine struct {
	Event string      `json:"event"` // started, page, displayed, ended
	At    int64       `json:"at"`    // Unix milliseconds
	Chat  string      `json:"chat,omitempty"`
	ID    string      `json:"id,omitempty"`
	State chats.State `json:"state,omitempty"`
	Note  string      `json:"note,omitempty"`
}

func (t *trace) print(line traceLine) {
	line.At = time.Now().UnixMilli()
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = json.NewEncoder(t.out).Encode(line)
}

// page says that another page or chat is shown.
func (t *trace) page(name string) { t.print(traceLine{Event: "page", Note: name}) }

// displayed says that a message is in the open chat's list, in this state.
func (t *trace) displayed(m chats.Message) {
	t.print(traceLine{Event: "displayed", Chat: m.Chat, ID: m.ID, State: m.State})
}
