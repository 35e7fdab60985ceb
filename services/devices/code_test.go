package devices

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
)

func testKey(t testing.TB, name string) identity.PublicKey {
	seed := sha256.Sum256([]byte(name))
	key, err := crypto.ToECDSA(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	return identity.KeyOf(&key.PublicKey)
}

// TestCode computes a code as its definition says, step by step.
func TestCode(t *testing.T) {
	ann := testKey(t, "ann")
	sum := sha256.Sum256([]byte("sotto device code 1\x00" + string(ann[:]) + "\x00\x01a\x00\x02bb"))
	var groups []string
	for text := hex.EncodeToString(sum[:30]); text != ""; text = text[12:] {
		n, _ := new(big.Int).SetString(text[:12], 16)
		groups = append(groups, fmt.Sprintf("%04d", n.Mod(n, big.NewInt(10_000))))
	}
	want := strings.Join(groups, " ")
	if got := codeOf(ann, "bb", "a"); got != want || !regexp.MustCompile(`^(\d{4} ){4}\d{4}$`).MatchString(got) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCodesDiffer(t *testing.T) {
	ann, bo := testKey(t, "ann"), testKey(t, "bo")
	is := codeOf(ann, "one", "two")
	if codeOf(ann, "two", "one") != is {
		t.Error("the two sides show different codes")
	}
	for what, other := range map[string]string{
		"another phrase": codeOf(bo, "one", "two"),
		"another device": codeOf(ann, "one", "three"),
		"another cut":    codeOf(ann, "onet", "wo"),
		"the same twice": codeOf(ann, "one", "one"),
	} {
		if other == is {
			t.Errorf("%s has the same code", what)
		}
	}
}
