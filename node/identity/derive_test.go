package identity

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcutil/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg"
	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/vectortest"
)

// derivedKey is one recorded key of a phrase.
type derivedKey struct {
	Address    string
	ChainCode  string `json:"chain_code"`
	Compressed string
	Private    string `json:"private_key"`
	Public     string `json:"public_key"`
}

// mnemonicCase is one recorded phrase.
type mnemonicCase struct {
	Mnemonic, Passphrase, Seed string
	Checksum                   bool   `json:"valid_checksum"`
	UID                        string `json:"key_uid_sha256_of_master_pub"`
	MasterAddress              string `json:"master_address"`
	MasterPublic               string `json:"master_public_key"`
	MasterXprv                 string `json:"master_xprv"`
}

func TestVectorMnemonics(t *testing.T) {
	var raw []json.RawMessage
	vectortest.Load(t, "account.json", "mnemonics", &raw)
	for i, r := range raw {
		var c mnemonicCase
		var keys map[string]json.RawMessage
		if err := errors.Join(json.Unmarshal(r, &c), json.Unmarshal(r, &keys)); err != nil {
			t.Fatal(err)
		}
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			phrase, err := ParsePhrase(c.Mnemonic)
			if (err == nil) != c.Checksum {
				t.Fatalf("checksum right: %v, want %v", err == nil, c.Checksum)
			}
			seed := phrase.Seed(c.Passphrase)
			if hexOf(seed) != c.Seed {
				t.Fatal("another seed")
			}
			checkMaster(t, seed, c)
			for path, r := range keys {
				if strings.HasPrefix(path, "m/") {
					t.Run(path, func(t *testing.T) { checkPath(t, seed, path, r) })
				}
			}
		})
	}
}

func checkMaster(t *testing.T, seed []byte, c mnemonicCase) {
	t.Helper()
	master, err := hdkeychain.NewMaster(seed, &chaincfg.MainNetParams)
	if err != nil {
		t.Fatal(err)
	}
	key, err := privateKey(master)
	if err != nil {
		t.Fatal(err)
	}
	public := KeyOf(&key.PublicKey)
	if master.String() != c.MasterXprv || hexOf(public[:]) != c.MasterPublic ||
		crypto.PubkeyToAddress(key.PublicKey).Hex() != c.MasterAddress {
		t.Error("another master key")
	}
	keys, err := DeriveKeys(seed)
	if err != nil || hexOf(keys.UID[:]) != c.UID {
		t.Errorf("another key UID: %v", err)
	}
}

// checkPath compares every recorded form of the key at a path, and what DeriveKeys gives for the two paths it knows.
func checkPath(t *testing.T, seed []byte, path string, raw json.RawMessage) {
	t.Helper()
	var want derivedKey
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	master, err := hdkeychain.NewMaster(seed, &chaincfg.MainNetParams)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := descend(master, parsePath(t, path))
	if err != nil {
		t.Fatal(err)
	}
	key, err := privateKey(leaf)
	if err != nil {
		t.Fatal(err)
	}
	public := KeyOf(&key.PublicKey)
	compressed := public.Compressed()
	got := derivedKey{crypto.PubkeyToAddress(key.PublicKey).Hex(), hexOf(leaf.ChainCode()), hexOf(compressed[:]),
		hexOf(crypto.FromECDSA(key)), hexOf(public[:])}
	if got != want {
		t.Errorf("another key")
	}
	keys, err := DeriveKeys(seed)
	if err != nil {
		t.Fatal(err)
	}
	switch path {
	case "m/43'/60'/1581'/0'/0":
		if !keys.Chat.Equal(key) {
			t.Error("another chat key")
		}
	case "m/43'/60'/1581'/1'/0":
		if hexOf(keys.Slot[:]) != want.Private {
			t.Error("another slot key")
		}
	}
}

func parsePath(t *testing.T, text string) []uint32 {
	t.Helper()
	var path []uint32
	for _, part := range strings.Split(text, "/")[1:] {
		digits, hard := strings.CutSuffix(part, "'")
		n, err := strconv.ParseUint(digits, 10, 31)
		if err != nil {
			t.Fatal(err)
		}
		if hard {
			n += hardened
		}
		path = append(path, uint32(n))
	}
	return path
}

func TestDeriveKeysRefusesBadSeeds(t *testing.T) {
	for _, size := range []int{0, 15, 65} {
		if _, err := DeriveKeys(make([]byte, size)); !errors.Is(err, ErrSeed) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func BenchmarkDeriveKeys(b *testing.B) {
	phrase, err := ParsePhrase(knownPhrase)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := DeriveKeys(phrase.Seed("")); err != nil {
			b.Fatal(err)
		}
	}
}
