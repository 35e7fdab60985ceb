package onboarding

import (
	"strings"
	"testing"

	"sotto/services/account"
)

func TestChannelName(t *testing.T) {
	for _, c := range []struct{ typed, name, complaint string }{
		{"lobby", "lobby", ""},
		{"#Lobby", "lobby", ""},
		{"winter camp_26", "winter-camp-26", ""},
		{"  #a b ", "a-b-", ""}, // still being typed
		{"café", "caf", "Names have the letters a to z, digits and hyphens."},
		{"", "", ""},
		{strings.Repeat("a", 150), strings.Repeat("a", longestName), "A name has at most 100 characters."},
		{"0x04" + strings.Repeat("ab", 64), "", "That is a person's key, not the name of a channel."},
	} {
		name, complaint := ChannelName(c.typed)
		if name != c.name || complaint != c.complaint {
			t.Errorf("%q: %q, %q", c.typed, name, complaint)
		}
	}
}

const good = "test test test test test test test test test test test junk"

func TestPhraseComplaint(t *testing.T) {
	for _, c := range []struct {
		text     string
		finished bool
		says     string // "" means nothing
	}{
		{"", false, ""},
		{"", true, "Write the words of your phrase."},
		{"tes", false, ""}, // half a word
		{"tes ", false, "Word 1, “tes”, is not in the list of words. Did you mean"},
		{"test test", false, ""},
		{"test test", true, "Yours has 2."},
		{good, true, ""},
		{strings.ToUpper(good), true, ""},
		{strings.Replace(good, "junk", "test", 1), true, "they do not belong together"},
		{"test " + strings.Repeat("q", 300) + " ", false, "qqq…”"},
		{strings.Repeat("test ", 2000), true, "This is too long for a recovery phrase."},
	} {
		got := PhraseComplaint(c.text, c.finished)
		if (c.says == "") != (got == "") || !strings.Contains(got, c.says) {
			t.Errorf("%.40q finished %v: %q", c.text, c.finished, got)
		}
		if len(got) > 200 {
			t.Errorf("a complaint of %d bytes", len(got))
		}
	}
}

func TestWays(t *testing.T) {
	for _, c := range []struct {
		slots account.Slots
		says  string
	}{
		{account.Slots{Phrase: true}, "Opens with the recovery phrase"},
		{account.Slots{Keychain: true, Phrase: true}, "Opens with keychain"},
		{account.Slots{Keychain: true, Password: true}, "Opens with keychain or password"},
	} {
		if got := ways(c.slots); got != c.says {
			t.Errorf("%+v: %q", c.slots, got)
		}
	}
}

func TestDisplayName(t *testing.T) {
	for want, a := range map[string]account.Account{
		"Kay":               {ID: "0123", Name: "Kay", Pseudonym: "Amber Quiet Heron"},
		"Amber Quiet Heron": {ID: "0123", Pseudonym: "Amber Quiet Heron"},
		"Account 0123":      {ID: "0123456789"},
		"Account 01":        {ID: "01"},
	} {
		if got := DisplayName(a); got != want {
			t.Errorf("%+v is called %q", a, got)
		}
	}
}
