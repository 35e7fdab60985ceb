package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"sotto/services"
	"sotto/services/chats"
	"sotto/services/event"
)

// localServer is a server in this process, on an empty folder.
func localServer(t testing.TB) *server {
	t.Helper()
	session, err := services.Open(services.Config{Data: t.TempDir(), State: t.TempDir(), Listen: "127.0.0.1:0", KDF: clientKDF})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return newServer(session, slog.New(slog.DiscardHandler))
}

// script runs lines of input to their end and returns what was answered, without the notifications.
func script(t *testing.T, s *server, input string) (answers []message) {
	t.Helper()
	return scriptFrom(t, s, strings.NewReader(input))
}

func scriptFrom(t *testing.T, s *server, input io.Reader) (answers []message) {
	t.Helper()
	var out bytes.Buffer
	s.serve(t.Context(), t.Context(), input, &out)
	for line := range strings.Lines(out.String()) {
		m := message{raw: line}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("no JSON: %q", line)
		}
		if m.Method == "" {
			answers = append(answers, m)
		}
	}
	return answers
}

func TestWhatJSONRPCRefuses(t *testing.T) {
	s := localServer(t)
	cases := []struct {
		name, line, id string
		code           int
	}{
		{"no JSON", `{"jsonrpc"`, "null", codeParse},
		{"a batch", `[{"jsonrpc":"2.0","id":1,"method":"account.list"}]`, "null", codeInvalidRequest},
		{"no version", `{"id":1,"method":"account.list"}`, "1", codeInvalidRequest},
		{"another version", `{"jsonrpc":"1.0","id":1,"method":"account.list"}`, "1", codeInvalidRequest},
		{"no method", `{"jsonrpc":"2.0","id":"a"}`, `"a"`, codeInvalidRequest},
		{"an object as id", `{"jsonrpc":"2.0","id":{},"method":"account.list"}`, "null", codeInvalidRequest},
		{"unknown method", `{"jsonrpc":"2.0","id":1,"method":"account.steal"}`, "1", codeNoMethod},
		{"parameters by position", `{"jsonrpc":"2.0","id":1,"method":"account.list","params":[1]}`, "1", codeParams},
		{"missing", `{"jsonrpc":"2.0","id":1,"method":"chats.send","params":{"chat":"x"}}`, "1", codeParams},
		{"null instead", `{"jsonrpc":"2.0","id":1,"method":"chats.leave","params":{"chat":null}}`, "1", codeParams},
		{"unknown parameter", `{"jsonrpc":"2.0","id":1,"method":"account.lock","params":{"hard":true}}`, "1", codeParams},
		{"wrong type", `{"jsonrpc":"2.0","id":1,"method":"account.create","params":{"password":1234567}}`, "1", codeParams},
		{"wrong type in depth", `{"jsonrpc":"2.0","id":1,"method":"chats.messages","params":{"chat":"x","before":{"clock":-1}}}`, "1", codeParams},
		{"too long", `"` + strings.Repeat("x", maxLine+1) + `"`, "null", codeInvalidRequest},
		{"locked", `{"jsonrpc":"2.0","id":1.5,"method":"chats.list"}`, "1.5", codeRefusal},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			// What follows a bad line must be answered as ever.
			answers := script(t, s, c.line+"\n"+`{"jsonrpc":"2.0","id":2,"method":"account.list"}`+"\n")
			if len(answers) != 2 || string(answers[1].Result) != "[]" {
				t.Fatalf("got %+v", answers)
			}
			got := answers[0]
			if got.Error == nil || got.Error.Code != c.code || string(got.ID) != c.id || got.Error.Message == "" {
				t.Errorf("got %s", got.raw)
			}
			if strings.Contains(got.raw, "1234567") {
				t.Error("the answer repeats a secret")
			}
		})
	}
}

func TestNotificationsAreNotAnswered(t *testing.T) {
	s := localServer(t)
	answers := script(t, s, "\r\n\n"+`{"jsonrpc":"2.0","method":"account.list"}`+"\n"+
		`{"jsonrpc":"2.0","method":"no.such"}`+"\n"+`{"jsonrpc":"2.0","id":null,"method":"account.list"}`)
	if len(answers) != 1 || string(answers[0].ID) != "null" || string(answers[0].Result) != "[]" {
		t.Errorf("got %+v", answers)
	}
}

func TestAnswersComeInTheOrderOfTheRequests(t *testing.T) {
	s := localServer(t)
	answers := script(t, s, `{"jsonrpc":"2.0","id":1,"method":"account.create","params":{"name":"<Ann>"}}`+"\n"+
		`{"jsonrpc":"2.0","id":2,"method":"chats.joinPublic","params":{"name":"lobby"}}`+"\n"+
		`{"jsonrpc":"2.0","id":3,"method":"chats.send","params":{"chat":"lobby","text":"hello"}}`)
	if len(answers) != 3 || answers[2].Error != nil || !strings.Contains(answers[0].raw, `"<Ann>"`) {
		t.Errorf("got %+v", answers)
	}
}

// Whoever reads the answers may go away: what was asked is done all the same.
func TestNobodyReadsTheAnswers(t *testing.T) {
	s := localServer(t)
	script(t, s, `{"jsonrpc":"2.0","id":1,"method":"account.create"}`+"\n"+
		`{"jsonrpc":"2.0","id":2,"method":"chats.joinPublic","params":{"name":"lobby"}}`)
	const many = 50
	send := `{"jsonrpc":"2.0","id":3,"method":"chats.send","params":{"chat":"lobby","text":"hello"}}` + "\n"
	s.serve(t.Context(), t.Context(), strings.NewReader(strings.Repeat(send, many)), brokenPipe{})
	list, err := s.Chats.Messages(t.Context(), "lobby", chats.Page{Limit: 2 * many})
	if err != nil || len(list) != many {
		t.Errorf("%d of %d messages are stored, %v", len(list), many, err)
	}
}

func TestMethodsAreTheContracts(t *testing.T) {
	for _, name := range []string{
		"account.create", "account.recover", "account.list", "account.unlock", "account.lock", "account.remove",
		"account.backupChallenge", "account.confirmBackup",
		"network.status", "network.addPeer", "network.removePeer", "chats.joinPublic", "chats.leave", "chats.list",
		"chats.send", "chats.messages", "chats.markRead",
	} {
		if _, ok := methods[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestEveryKindOfEventIsTold(t *testing.T) {
	s := localServer(t)
	s.Network.Report("storage", "The disk is full.", "Free some space.")
	for kind, want := range map[event.Kind]string{
		event.Resync:   `{"seq":7}`,
		event.Account:  `{"seq":7,"account":null}`,
		event.Network:  `"state":"offline"`,
		event.Degraded: `"until":null,"text":"The disk is full.","remedy":"Free some space."`,
	} {
		name, params, err := s.describe(t.Context(), event.Event{Seq: 7, Kind: kind, Name: "storage"})
		raw, _ := json.Marshal(params)
		if err != nil || name != "event."+string(kind) || !strings.Contains(string(raw), want) {
			t.Errorf("%s: %s %s %v", kind, name, raw, err)
		}
	}
	for _, e := range []event.Event{{Kind: "strange"}, {Kind: event.Degraded, Name: "unknown"}, {Kind: event.Message}} {
		if _, _, err := s.describe(t.Context(), e); err == nil {
			t.Errorf("%+v was told", e)
		}
	}
}

func TestLinesAreBounded(t *testing.T) {
	long := strings.Repeat("y", maxLine)
	r := newLineReader(strings.NewReader("a\r\n" + long + "\n" + long + "yyy\nb\n\nlast"))
	for _, want := range []string{"a", long, "too long", "b", "", "last", "end"} {
		got, err := r.next()
		switch {
		case want == "too long" && errors.Is(err, errLineTooLong):
		case want == "end" && errors.Is(err, io.EOF):
		case err != nil || string(got) != want:
			t.Fatalf("got %.20q %v, want %.20q", got, err, want)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	s := localServer(f)
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"chats.messages","params":{"chat":"x","before":{"clock":1,"id":"0x00"}}}`))
	f.Add([]byte(`{"jsonrpc":"2.0","id":"a","method":"network.addPeer","params":{"enode":"enode://"}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if bytes.Contains(line, []byte("create")) || bytes.Contains(line, []byte("recover")) {
			t.Skip() // they start nodes
		}
		r := s.answer(t.Context(), line)
		if r == nil {
			return
		}
		if (r.Error == nil) == (r.Result == nil) {
			t.Errorf("neither or both of result and error: %+v", r)
		}
		if err := writeLine(io.Discard, r); err != nil {
			t.Error(err)
		}
	})
}

func TestLedgerIsNotAheadOfTheState(t *testing.T) {
	s := localServer(t)
	script(t, s, `{"jsonrpc":"2.0","id":1,"method":"account.create"}`+"\n"+
		`{"jsonrpc":"2.0","id":2,"method":"chats.joinPublic","params":{"name":"lobby"}}`)
	relay := startTestRelay(t)
	if err := s.Network.AddPeer(t.Context(), relay); err != nil {
		t.Fatal(err)
	}
	queued, err := s.Chats.Send(t.Context(), "lobby", "hello", "")
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "sent", func() bool {
		m, err := s.Chats.Message(t.Context(), queued.ID)
		return err == nil && m.State == chats.Sent
	})
	o, err := s.objectOfMessage(t.Context(), queued) // as it was read before
	if err != nil || len(o.Ledger) != 1 || o.Ledger[0].State != chats.Queued {
		t.Errorf("got %+v %v", o, err)
	}
}
