package main

import (
	"encoding/json"
	"fmt"
	"testing"
)

// BenchmarkPageOfMessages is the largest page, of messages of one's own, each with its ledger.
func BenchmarkPageOfMessages(b *testing.B) {
	s := localServer(b)
	ask := func(method, params string) any {
		r := s.answer(b.Context(), fmt.Appendf(nil, `{"jsonrpc":"2.0","id":1,"method":%q,"params":%s}`, method, params))
		if r.Error != nil {
			b.Fatal(r.Error)
		}
		return r.Result
	}
	ask("account.create", `{"password":"x"}`)
	ask("chats.joinPublic", `{"name":"lobby"}`)
	for range maxPage {
		ask("chats.send", `{"chat":"lobby","text":"see you there"}`)
	}
	for b.Loop() {
		if raw, err := json.Marshal(ask("chats.messages", `{"chat":"lobby","limit":1000}`)); err != nil || len(raw) < 1000 {
			b.Fatal(err)
		}
	}
}
