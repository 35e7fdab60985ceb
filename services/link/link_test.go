package link

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
	"sotto/services/fault"
	"sotto/services/invite"
)

// alice is the key that belongs to the private key of 32 times 0xaa.
func alice(t testing.TB) identity.PublicKey {
	t.Helper()
	key, err := crypto.ToECDSA(bytes.Repeat([]byte{0xaa}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return identity.KeyOf(&key.PublicKey)
}

const (
	wallet = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed" // of EIP-55's examples
	acme   = "sotto:join?name=Sotto%20network&node=AuinwDtYkR6Yu9ZqzLKlXVdoPzWyO_nfyonl4kTrXMPyr@192.0.2.1:30303&sum=cW5nTr"
)

// groupID is the id of a group that somebody made.
func groupID(creator identity.PublicKey) string {
	return "6d50e1c1-f5b4-4b0e-9d39-0a3cf1f0a8b3-" + creator.String()
}

// summed ends what somebody wrote by hand with its sum.
func summed(query string) string { return "sotto:group?" + invite.WithSum(query) }

func TestParse(t *testing.T) {
	key := alice(t)
	group := groupID(key)
	ours := Link{Kind: KindGroup, Key: key, Name: "Our group", Group: group}
	long, short := key.String(), key.Short()
	compressed := key.Compressed()
	bundle := bytes.Repeat([]byte{0xfb, 0xff}, 100)
	contact := Link{Kind: KindContact, Key: key}
	status, named := Link{Kind: KindChannel, Channel: "status"}, Link{Kind: KindContact, Key: key, Name: "Ann Example"}
	for text, want := range map[string]Link{
		long:                            contact,
		long[2:]:                        contact,
		short:                           contact,
		" \n" + short + "\u00a0\n":      contact,
		"fe701" + long[2:]:              contact,
		"sotto:contact?key=" + short:    contact,
		"SOTTO:Contact?key=" + long:     contact,
		"sotto://contact/?key=" + short: contact,
		"sotto:contact?later=1&key=" + short + "#part":                              contact,
		"sotto:contact?key=" + short + "&bundle=&name=":                             contact,
		"sotto:contact?name=Ann%20Example&key=" + short:                             named,
		"sotto:contact?name=Ann+Example&key=" + short:                               named,
		"sotto:contact?name=%E2%80%AEevil&key=" + short:                             contact,
		"sotto:contact?name=a%0Ab&key=" + short:                                     contact,
		"sotto:contact?name=%ff&key=" + short:                                       contact,
		"sotto:contact?name=" + long + "&key=" + short:                              contact,
		"sotto:contact?name=" + strings.Repeat("n", 101) + "&key=" + short:          contact,
		Contact(key, bundle, "Ann Example"):                                         {Kind: KindContact, Key: key, Bundle: bundle, Name: "Ann Example"},
		"sotto:channel?name=Status":                                                 status,
		"sotto:channel?name=%23status":                                              status,
		Channel("status"):                                                           status,
		"status-im://p/" + short:                                                    contact,
		"status-im://u/" + long:                                                     contact,
		"STATUS-IM://User/" + long + "/":                                            contact,
		"status-im:user/" + long:                                                    contact,
		"status-im://" + long:                                                       contact,
		"status-im://user/0x" + hex.EncodeToString(compressed[:]):                   contact,
		"https://join.status.im/p/" + short:                                         contact,
		"HTTPS://Join.Status.IM/u/" + long + "?utm=1":                               contact,
		"http://join.status.im/user/" + short:                                       contact,
		"status-im://chat/public/status":                                            status,
		"status-im://status":                                                        status,
		"https://join.status.im/chat/public/STATUS":                                 status,
		"https://join.status.im/status":                                             status,
		"https://join.status.im/%23status":                                          status,
		"https://join.status.im/users":                                              {Kind: KindChannel, Channel: "users"},
		"https://join.status.im/g/args?a=" + long + "&a1=Our%20group&a2=" + group:   ours,
		"status-im://g/args?a2=" + group + "&a=" + long:                             {Kind: KindGroup, Key: key, Group: group},
		"https://www.join.status.im/g/args?a=" + long + "&a1=Our+group&a2=" + group: ours,
		Group(key, group, "Our group"):                                              ours,
		" " + strings.Replace(Group(key, group, "Our group"), "sotto:group", "SOTTO://Group/", 1) + "#part\n": ours,
		summed("later=1&name=Our%20group&group=" + group + "&key=" + long):                                    ours,
		Group(key, group, ""):                                            {Kind: KindGroup, Key: key, Group: group},
		Group(key, group, strings.Repeat("n", 256)):                      {Kind: KindGroup, Key: key, Group: group},
		Group(key, group, long):                                          {Kind: KindGroup, Key: key, Group: group},
		summed("name=%E2%80%AEevil%0A&group=" + group + "&key=" + short): {Kind: KindGroup, Key: key, Name: "evil", Group: group},
		"ethereum:" + wallet:                                             {Kind: KindAddress, Address: wallet},
		"ETHEREUM:" + strings.ToUpper(wallet):                            {Kind: KindAddress, Address: wallet},
		"ethereum:pay-" + strings.ToLower(wallet) + "@1?value=1e18":      {Kind: KindAddress, Address: wallet},
	} {
		if got, err := Parse(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.80s: %+v, %v", text, got, err)
		}
	}
}

func TestParseRefusals(t *testing.T) {
	key := alice(t)
	long, short, group := key.String(), key.Short(), groupID(key)
	good := Group(key, group, "Our group")
	for text, want := range map[string]struct {
		code fault.Code
		part string // of the sentence
	}{
		"":                                      {fault.BadKey, "Paste"},
		" \n\t":                                 {fault.BadKey, "Paste"},
		strings.Repeat("x", MaxText+1):          {fault.BadLink, "too long"},
		"hello":                                 {fault.BadKey, "neither a chat key nor a link"},
		"hello: there":                          {fault.BadLink, "neither Sotto's nor Status's"},
		"https://example.org/p/" + short:        {fault.BadLink, "neither Sotto's nor Status's"},
		"https://join.status.im.example.org/p/": {fault.BadLink, "neither Sotto's nor Status's"},
		"https://join.status.im@example.org/p/": {fault.BadLink, "neither Sotto's nor Status's"},
		"javascript:alert(1)":                   {fault.BadLink, "neither Sotto's nor Status's"},
		long[:100]:                              {fault.BadKey, "not complete"},
		long[:131] + "7":                        {fault.BadKey, "mistake"},
		"0x1234":                                {fault.BadKey, "not complete"},
		"0xhello":                               {fault.BadKey, "mistake"},
		strings.ToLower(short):                  {fault.BadKey, "mistake"},
		"fea01" + long[2:]:                      {fault.BadKey, "neither"},
		"0xea01" + long[2:]:                     {fault.BadKey, "another kind"},
		wallet:                                  {fault.BadKey, "wallet"},
		"alice.eth":                             {fault.BadLink, "ENS name"},
		"sotto:":                                {fault.BadLink, "does not have"},
		"sotto:wallet":                          {fault.BadLink, "does not have"},
		"sotto:contact/more?key=" + short:       {fault.BadLink, "does not have"},
		"sotto:join?network=abc":                {fault.BadLink, "cut off"},
		"sotto://JOIN":                          {fault.BadLink, "cut off"},
		acme + "x":                              {fault.BadLink, "mistake"},
		"enode://abc@192.0.2.1:30303":           {fault.BadLink, "address of a node"},
		"sotto:contact":                         {fault.BadKey, "no chat key"},
		"sotto:contact?key=alice.eth":           {fault.BadKey, "mistake"},
		"sotto:contact?key=" + short[:40]:       {fault.BadKey, ""},
		"sotto:contact?key=%zz":                 {fault.BadLink, "mistake"},
		"sotto:contact?key=" + short + "&bundle=a":                                   {fault.BadLink, "chat key alone"},
		"sotto:contact?key=" + short + "&bundle=%2B%2F":                              {fault.BadLink, "chat key alone"},
		"sotto:contact?key=" + short + "&bundle=" + strings.Repeat("A", MaxBundle*2): {fault.BadLink, "chat key alone"},
		"sotto:channel":                                        {fault.BadLink, "not complete"},
		"sotto:channel?name=two%20words":                       {fault.BadLink, "letters a to z"},
		"sotto:channel?name=" + short:                          {fault.BadLink, "person's key"},
		"status-im:":                                           {fault.BadLink, "not complete"},
		"https://join.status.im/":                              {fault.BadLink, "not complete"},
		"status-im://p":                                        {fault.BadLink, "not complete"},
		"status-im://u/":                                       {fault.BadLink, "not complete"},
		"status-im://chat":                                     {fault.BadLink, "not complete"},
		"status-im://chat/public":                              {fault.BadLink, "not complete"},
		"status-im://chat/private/x":                           {fault.BadLink, "does not have"},
		"status-im://chat/public/x/y":                          {fault.BadLink, "does not have"},
		"status-im://b/www.example.org":                        {fault.BadLink, "does not have"},
		"status-im://%zz":                                      {fault.BadLink, "mistake"},
		"status-im://u/alice.eth":                              {fault.BadLink, "ENS name"},
		"https://join.status.im/user/alice":                    {fault.BadLink, "ENS name"},
		"https://join.status.im/p/" + long[:120]:               {fault.BadKey, "not complete"},
		"https://join.status.im/two%20words":                   {fault.BadLink, "letters a to z"},
		"status-im://" + strings.Repeat("a", 101):              {fault.BadLink, "at most 100"},
		"status-im://g":                                        {fault.BadKey, "no chat key"},
		"status-im://g/args?a=" + long:                         {fault.BadLink, "not complete"},
		"status-im://g/args?a=" + long + "&a2=a%00":            {fault.BadLink, "no group"},
		"status-im://g/args?a=" + long + "&a2=" + long:         {fault.BadLink, "no group"},
		"https://status.app/g/args?a=" + long + "&a2=" + group: {fault.BadLink, "neither Sotto's nor Status's"},
		"sotto:group":                                          {fault.BadLink, "cut off"},
		"sotto:group?key=" + short + "&group=" + group:         {fault.BadLink, "cut off"},
		good[:len(good)-1]:                                     {fault.BadLink, "cut off"},
		good + "x":                                             {fault.BadLink, "mistake"},
		strings.Replace(good, "&name", "&gone", 1):             {fault.BadLink, "mistake"},
		strings.Replace(good, "Our", "our", 1):                 {fault.BadLink, "mistake"},
		summed("key=" + short):                                 {fault.BadLink, "not complete"},
		summed("key=" + short + "&group=%zz"):                  {fault.BadLink, "mistake"},
		summed("key=" + short + "&group=" + group + "0"):       {fault.BadLink, "no group"},
		summed("key=" + short + "&group=" + strings.Repeat("x", 87) + group): {fault.BadLink, "no group"},
		summed("group=" + group):                        {fault.BadKey, "no chat key"},
		summed("key=" + long[:100] + "&group=" + group): {fault.BadKey, "not complete"},
		"ethereum:":               {fault.BadLink, "not complete"},
		"ethereum:alice.eth":      {fault.BadLink, "no right Ethereum address"},
		"ethereum:" + wallet[:41]: {fault.BadLink, "no right Ethereum address"},
		"ethereum:" + strings.Replace(wallet, "aA", "Aa", 1):      {fault.BadLink, "no right Ethereum address"},
		"ethereum:" + wallet + "/transfer?address=0x00&uint256=1": {fault.BadLink, "contract"},
	} {
		got, err := Parse(text)
		if fault.CodeOf(err) != want.code || !strings.Contains(fault.Sentence(err), want.part) || !reflect.DeepEqual(got, Link{}) {
			t.Errorf("%.60q: %+v, %v", text, got, err)
		}
	}
}

func TestInvitations(t *testing.T) {
	for _, text := range []string{acme, " " + acme + "\n", "SOTTO://Join/?" + strings.TrimPrefix(acme, "sotto:join?")} {
		got, err := Parse(text)
		if err != nil || got.Kind != KindJoin || got.Invite.Name != "Sotto network" || len(got.Invite.Nodes) != 1 {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	key := alice(t)
	got, err := Parse("sotto:contact?key=" + key.Short() + "&later=" + acme) // what leads to a person does so
	if err != nil || got.Kind != KindContact {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestContactLayout(t *testing.T) {
	key := alice(t)
	start := "sotto:contact?key=" + key.Short()
	for want, got := range map[string]string{
		start:                             Contact(key, nil, ""),
		start + "&bundle=-_8":             Contact(key, []byte{0xfb, 0xff}, " \n"),
		start + "&name=Ann%20%2B%20Ben":   Contact(key, nil, "Ann + Ben"),
		start + "&bundle=AA&name=%C3%84":  Contact(key, []byte{0}, "Ä"),
		start + "&name=x":                 Contact(key, make([]byte, MaxBundle+1), "x"),
		"sotto:channel?name=my-channel-1": Channel("my-channel-1"),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	largest := Contact(key, make([]byte, MaxBundle), strings.Repeat("🙂", MaxName))
	if got, err := Parse(largest); err != nil || len(got.Bundle) != MaxBundle || got.Name == "" {
		t.Errorf("the largest link, of %d bytes, is not read: %v", len(largest), err)
	}
}

// The largest link to a group is read, and a name that nobody could show whole is left out.
func TestGroupLayout(t *testing.T) {
	key := alice(t)
	id := groupID(key)
	query := "key=" + key.Short() + "&group=" + id + "&name=R%26D%20%F0%9F%99%82"
	if got, want := Group(key, id, " R&D\n🙂"), summed(query); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	wide := strings.Repeat("🙂", 63)
	largest := Group(key, strings.Repeat("x", 255-len(key.String()))+key.String(), wide)
	if got, err := Parse(largest); err != nil || got.Name != wide {
		t.Errorf("the largest link, of %d bytes, is not read: %+v, %v", len(largest), got, err)
	}
}

func FuzzParse(f *testing.F) {
	key := alice(f)
	for _, text := range []string{
		key.String(), key.Short(), Contact(key, []byte{1, 2, 3}, "Ann"), Channel("status"), acme, "sotto:join?x", "status-im://u/" + key.String(),
		"https://join.status.im/chat/public/status", "https://join.status.im/g/args?a=" + key.String() + "&a1=b&a2=" + groupID(key), Group(key, groupID(key), "Our group"), "ethereum:" + wallet, "alice.eth",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if query, ok := strings.CutPrefix(text, "sotto:group?"); ok { // past the sum, which a fuzzer does not find
			text = summed(query)
		}
		got, err := Parse(text)
		if err != nil {
			code := fault.CodeOf(err)
			if code != fault.BadLink && code != fault.BadKey || !reflect.DeepEqual(got, Link{}) {
				t.Errorf("%q: %+v, %v", text, got, err)
			}
			return
		}
		var again Link
		switch got.Kind {
		case KindContact:
			again, err = Parse(Contact(got.Key, got.Bundle, got.Name))
		case KindChannel:
			again, err = Parse(Channel(got.Channel))
		case KindJoin:
			again, err = Parse(got.Invite.Link())
		case KindGroup:
			again, err = Parse(Group(got.Key, got.Group, got.Name))
		case KindAddress:
			again, err = Parse("ethereum:" + got.Address)
		default:
			again = got
		}
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%q: %+v leads back to %+v, %v", text, got, again, err)
		}
	})
}
