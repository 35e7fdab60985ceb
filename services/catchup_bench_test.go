package services

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node"
	"sotto/node/mailserver/mailtest"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services/account"
)

// Messages that wait in the benchmarks.
const (
	manyPublic  = 5000
	manyPrivate = 2000
)

// BenchmarkCatchUpPublic is what waits in a channel until it is stored here: asked for, carried over loopback, opened, checked,
// committed.
func BenchmarkCatchUpPublic(b *testing.B) {
	mail, archive := startMailserver(b)
	wait(b, archive, "lobby", manyPublic)
	for b.Loop() {
		b.StopTimer()
		bo, _ := newAccount(b, b.TempDir(), "Bo")
		connect(b, bo, mail)
		_, err := bo.History.Sync(b.Context(), "")
		must(b, err)
		b.StartTimer()
		began := time.Now()
		_, err = bo.Chats.JoinPublic(b.Context(), "lobby")
		must(b, err)
		_, err = bo.History.Sync(b.Context(), "")
		must(b, err)
		took := time.Since(began)
		b.StopTimer()
		if n := bo.Chats.Counts().Taken; n < manyPublic {
			b.Fatalf("%d of %d are here", n, manyPublic)
		}
		b.ReportMetric(manyPublic/took.Seconds(), "messages/s")
		must(b, bo.Close(b.Context()))
		b.StartTimer()
	}
}

// wait archives texts of one person in a channel, sent over the last hour.
func wait(b *testing.B, archive *mailtest.Archive, channel string, n int) {
	author, err := crypto.GenerateKey()
	must(b, err)
	key := whisper.SymKeyOf(channel)
	for i := range n {
		at := time.Now().Add(-time.Hour + time.Duration(i)*time.Hour/time.Duration(n+1))
		text, err := payload.NewText(channel, fmt.Sprint("message ", i), "", payload.NextClock(at, 0), at)
		must(b, err)
		wrapped, _, err := text.Seal(author)
		must(b, err)
		message, err := secure.WrapPublic("", wrapped)
		must(b, err)
		e, err := whisper.Seal(b.Context(), rand.Reader, at, whisper.SealParams{
			Topic: whisper.TopicOf(channel), Payload: message, SymKey: &key, Signer: author,
		})
		must(b, err)
		archive.Add(e)
	}
}

// BenchmarkCatchUpPrivate is the same for what a contact wrote: decrypted with the key of each message, acknowledged in turn.
func BenchmarkCatchUpPrivate(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		mail, _ := startMailserver(b)
		dir := b.TempDir()
		bo, bosKeys := newAccount(b, dir, "Bo")
		writeTo(b, mail, bo, bosKeys)
		bo = openSession(b, dir)
		b.StartTimer()
		began := time.Now()
		_, err := bo.Account.Unlock(b.Context(), bosKeys.ID, account.Credential{Password: "swordfish"})
		must(b, err)
		_, err = bo.History.Sync(b.Context(), "")
		must(b, err)
		took := time.Since(began)
		b.StopTimer()
		if n := bo.Chats.Counts().Taken; n < manyPrivate {
			b.Fatalf("%d of %d are here", n, manyPrivate)
		}
		b.ReportMetric(manyPrivate/took.Seconds(), "messages/s")
		must(b, bo.Close(b.Context()))
		b.StartTimer()
	}
}

// writeTo lets a contact write while somebody is away, whose session it closes, and waits until everything is archived.
func writeTo(b *testing.B, mail *node.Node, bo *Session, bosKeys account.Created) {
	ann, annsKeys := newAccount(b, b.TempDir(), "Ann")
	for _, s := range []*Session{ann, bo} {
		must(b, s.Network.AddMailserver(b.Context(), mail.Status().Enode))
		_, err := s.History.Sync(b.Context(), "")
		must(b, err)
	}
	link, err := bo.Contacts.Link(b.Context())
	must(b, err)
	_, err = ann.Contacts.Add(b.Context(), link)
	must(b, err)
	_, err = bo.Contacts.Add(b.Context(), annsKeys.Key)
	must(b, err)
	must(b, bo.Close(b.Context()))
	var last string
	for i := range manyPrivate {
		last = send(b, ann, bosKeys.Key, fmt.Sprint("message ", i)).ID
	}
	firstStep(b, ann, last)
	must(b, ann.Close(b.Context()))
}
