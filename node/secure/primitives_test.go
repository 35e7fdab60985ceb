package secure

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
	"sotto/node/vectortest"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func bytes32(t testing.TB, s string) [32]byte { return [32]byte(unhex(t, s)) }

func privateKey(t testing.TB, s string) *ecdsa.PrivateKey {
	t.Helper()
	key, err := crypto.HexToECDSA(s)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestVectorPrimitives(t *testing.T) {
	var c struct {
		Encrypt []struct {
			Associated string `json:"associated_data"`
			Ciphertext string
			Ratchet    string `json:"header_dh"`
			N          uint32 `json:"header_n"`
			PN         uint32 `json:"header_pn"`
			Key        string `json:"message_key"`
			Plaintext  string
		}
		Chain struct {
			Key     string `json:"chain_key"`
			Message string `json:"message_key"`
			Next    string `json:"new_chain_key"`
		} `json:"kdf_ck"`
		Root struct {
			Chain  string `json:"chain_key"`
			Secret string `json:"dh_out"`
			Next   string `json:"new_root_key"`
			Key    string `json:"root_key"`
		} `json:"kdf_rk"`
		Message struct {
			MAC    string `json:"auth_key"`
			Cipher string `json:"enc_key"`
			Key    string `json:"message_key"`
		} `json:"message_keys"`
	}
	vectortest.Load(t, "doubleratchet.json", "primitives", &c)
	t.Run("kdf_ck", func(t *testing.T) {
		next, message := nextChain(bytes32(t, c.Chain.Key))
		if next != bytes32(t, c.Chain.Next) || message != bytes32(t, c.Chain.Message) {
			t.Errorf("%x, %x", next, message)
		}
	})
	t.Run("kdf_rk", func(t *testing.T) {
		next, chain := nextRoot(bytes32(t, c.Root.Key), bytes32(t, c.Root.Secret))
		if next != bytes32(t, c.Root.Next) || chain != bytes32(t, c.Root.Chain) {
			t.Errorf("%x, %x", next, chain)
		}
	})
	t.Run("message_keys", func(t *testing.T) {
		keys := keysOf(bytes32(t, c.Message.Key))
		if keys.cipher != bytes32(t, c.Message.Cipher) || keys.mac != bytes32(t, c.Message.MAC) {
			t.Errorf("%x", keys)
		}
	})
	for _, e := range c.Encrypt {
		t.Run("encrypt "+e.Plaintext[:min(len(e.Plaintext), 16)], func(t *testing.T) {
			h := header{Point(unhex(t, e.Ratchet)), e.N, e.PN}
			if a := h.associated(); !bytes.Equal(a[:], unhex(t, e.Associated)) {
				t.Errorf("associated data %x", a)
			}
			want, plaintext, key := unhex(t, e.Ciphertext), unhex(t, e.Plaintext), bytes32(t, e.Key)
			got, err := encrypt(bytes.NewReader(want[:ivSize]), key, h, plaintext)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("wrote %x, %v", got, err)
			}
			back, err := decrypt(key, h, want)
			if err != nil || !bytes.Equal(back, plaintext) {
				t.Errorf("read %x, %v", back, err)
			}
		})
	}
}

func TestVectorSharedSecrets(t *testing.T) {
	var cases []struct {
		Active struct {
			Shared string `json:"shared_secret"`
		}
		Passive struct {
			Shared string `json:"shared_secret"`
		}
		Ephemeral        string `json:"initiator_ephemeral_compressed"`
		EphemeralPrivate string `json:"initiator_ephemeral_private"`
		Initiator        string `json:"initiator_identity_private"`
		Responder        string `json:"responder_identity_private"`
		Prekey           string `json:"responder_signed_prekey_compressed"`
		PrekeyPrivate    string `json:"responder_signed_prekey_private"`
	}
	vectortest.Load(t, "x3dh.json", "shared_secrets", &cases)
	for _, c := range cases {
		t.Run(c.Ephemeral, func(t *testing.T) {
			alice, bob := privateKey(t, c.Initiator), privateKey(t, c.Responder)
			active, err := agreeAsInitiator(alice, bytes32(t, c.EphemeralPrivate), identity.KeyOf(&bob.PublicKey), Point(unhex(t, c.Prekey)))
			if err != nil || active != bytes32(t, c.Active.Shared) {
				t.Errorf("initiator: %x, %v", active, err)
			}
			passive, err := agreeAsResponder(bob, bytes32(t, c.PrekeyPrivate), identity.KeyOf(&alice.PublicKey), Point(unhex(t, c.Ephemeral)))
			if err != nil || passive != bytes32(t, c.Passive.Shared) {
				t.Errorf("responder: %x, %v", passive, err)
			}
		})
	}
}

// A coordinate that begins with zero keeps its 32 bytes.
func TestVectorLeadingZero(t *testing.T) {
	var c struct{ DH, Private, Public, SK string }
	vectortest.Load(t, "x3dh.json", "leading_zero", &c)
	public, err := crypto.UnmarshalPubkey(unhex(t, c.Public))
	if err != nil {
		t.Fatal(err)
	}
	private := bytes32(t, c.Private)
	secret, err := ecdh(private, public)
	if err != nil || secret != bytes32(t, c.DH) || secret[0] != 0 {
		t.Errorf("%x, %v", secret, err)
	}
	p := product{private, public}
	shared, err := agree(p, p, p)
	if err != nil || shared != bytes32(t, c.SK) {
		t.Errorf("%x, %v", shared, err)
	}
}

// Our HMAC and HKDF are the standard library's.
func TestDerivations(t *testing.T) {
	for n := range longest + 1 { // beyond nothing is derived from
		var key [32]byte
		data := make([]byte, n)
		rand.Read(key[:])
		rand.Read(data)
		mac := hmac.New(sha256.New, key[:])
		mac.Write(data)
		if got := hmacOf(key, data); !hmac.Equal(mac.Sum(nil), got[:]) {
			t.Fatalf("HMAC of %d bytes: %x", n, got)
		}
		got := make([]byte, 3*n)
		expand(got, key, [32]byte{1}, infoRoot)
		want, err := hkdf.Key(sha256.New, key[:], append([]byte{1}, make([]byte, 31)...), infoRoot, 3*n)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("HKDF of %d bytes: %x, %v", 3*n, got, err)
		}
	}
}

// Everybody who is given a key finds out whether it is one.
func TestKeysOffTheCurve(t *testing.T) {
	d, them := newDevice(t, "alice"), newDevice(t, "bob").self()
	for name, p := range map[string]Point{
		"zero": {}, "no form": {5, 1}, "x beyond the field": Point(append([]byte{2}, bytes.Repeat([]byte{0xff}, 32)...)),
		"no y": Point(append([]byte{2}, append(make([]byte, 31), 5)...)), // 5³+7 is no square
	} {
		if _, err := agreeAsInitiator(d.Key, [32]byte{1}, them, p); !errors.Is(err, ReasonKey) {
			t.Errorf("%s as a prekey: %v", name, err)
		}
		if _, err := agreeAsResponder(d.Key, [32]byte{1}, them, p); !errors.Is(err, ReasonKey) {
			t.Errorf("%s as an ephemeral key: %v", name, err)
		}
		begun, _ := agreed(t)
		if _, _, _, err := begun.openNext(rand.Reader, header{ratchet: p}, make([]byte, 100)); !errors.Is(err, ReasonKey) {
			t.Errorf("%s as a ratchet key: %v", name, err)
		}
		if _, err := d.openDH(direct{dh: &p, payload: make([]byte, 100)}); !errors.Is(err, ReasonKey) {
			t.Errorf("%s of a message without a session: %v", name, err)
		}
	}
	if _, err := agreeAsInitiator(d.Key, [32]byte{1}, identity.PublicKey{}, newPrekey(t).Key); !errors.Is(err, ReasonKey) {
		t.Errorf("nobody as identity: %v", err)
	}
	// The point at infinity would come of a private key of zero, or of the curve's order.
	public, err := onCurve(newPrekey(t).Key)
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range [][32]byte{{}, [32]byte(crypto.S256().Params().N.Bytes())} {
		if secret, err := ecdh(private, public); !errors.Is(err, ReasonKey) {
			t.Errorf("%x times a point: %x, %v", private, secret, err)
		}
	}
}

// A draw that is no key is drawn again, and a source that has none is not asked for ever.
func TestRandomKeys(t *testing.T) {
	order := crypto.S256().Params().N.Bytes()
	p, err := newPair(bytes.NewReader(append(append(make([]byte, 32), order...), bytes.Repeat([]byte{7}, 32)...)))
	if err != nil || p.private[0] != 7 {
		t.Errorf("%x, %v", p.private, err)
	}
	if _, err := newPair(bytes.NewReader(make([]byte, 1000))); err == nil {
		t.Error("a key of nothing but zeros")
	}
	if _, err := newPair(bytes.NewReader(nil)); err == nil {
		t.Error("a key of no randomness")
	}
}

// Numbers at the end of their range neither wrap nor keep us busy.
func TestNumbersAtTheEnd(t *testing.T) {
	alice, bob := agreed(t)
	h, ciphertext, err := alice.sealNext(rand.Reader, text)
	if err != nil {
		t.Fatal(err)
	}
	turned, _, _, err := bob.openNext(rand.Reader, h, ciphertext)
	if err != nil {
		t.Fatal(err)
	}
	other := newPrekey(t).Key
	for name, h := range map[string]header{
		"n in the chain": {ratchet: h.ratchet, n: 1<<32 - 1},
		"n in the next":  {ratchet: other, n: 1<<32 - 1, pn: 1},
		"pn":             {ratchet: other, pn: 1<<32 - 1},
		"one too many":   {ratchet: h.ratchet, n: turned.RecvN + maxSkip + 1},
	} {
		if _, skipped, _, err := turned.openNext(rand.Reader, h, ciphertext); !errors.Is(err, ReasonGap) || skipped != nil {
			t.Errorf("%s: %v, %d skipped", name, err, len(skipped))
		}
	}
	turned.RecvN = 1<<32 - 1
	if _, _, _, err := turned.openNext(rand.Reader, header{ratchet: h.ratchet, n: 1<<32 - 2}, ciphertext); !errors.Is(err, ReasonPast) {
		t.Errorf("below the highest number: %v", err)
	}
}

func TestShortCiphertexts(t *testing.T) {
	alice, bob := agreed(t)
	h, ciphertext, err := alice.sealNext(rand.Reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(ciphertext) {
		if _, _, _, err := bob.openNext(rand.Reader, h, ciphertext[:n]); !errors.Is(err, ReasonMalformed) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	d := newDevice(t, "carol")
	e, err := d.sealDH(d.self(), []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(e.payload) {
		if _, err := d.openDH(direct{dh: e.dh, payload: e.payload[:n]}); ReasonOf(err) == "" {
			t.Errorf("%d bytes without a session: %v", n, err)
		}
	}
}

// Before anything has come there is no receiving chain. That its place is zero must not make a chain of zeros of it, whose
// keys everybody can compute.
func TestZeroChain(t *testing.T) {
	begun, answered := agreed(t)
	for name, s := range map[string]Session{"begun": begun, "answered": answered} {
		_, key := nextChain([32]byte{})
		h := header{ratchet: s.Remote}
		forged, err := encrypt(rand.Reader, key, h, []byte("forged"))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, plaintext, err := s.openNext(rand.Reader, h, forged); ReasonOf(err) == "" {
			t.Errorf("%s: %q, %v", name, plaintext, err)
		}
	}
}
