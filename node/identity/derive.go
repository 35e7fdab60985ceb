package identity

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg"
	"github.com/ethereum/go-ethereum/crypto"
)

const hardened = hdkeychain.HardenedKeyStart

// The derivation paths of an account (Status spec 2/ACCOUNT).
var (
	chatPath = []uint32{43 + hardened, 60 + hardened, 1581 + hardened, 0 + hardened, 0} // m/43'/60'/1581'/0'/0
	slotPath = []uint32{43 + hardened, 60 + hardened, 1581 + hardened, 1 + hardened, 0} // m/43'/60'/1581'/1'/0
)

// ErrSeed tells that no keys can be derived from a seed. One in 2^127 has that fate, and one of the wrong length.
var ErrSeed = errors.New("no keys can be derived from this seed")

// Keys is what an account needs of its phrase.
type Keys struct {
	Chat *ecdsa.PrivateKey // m/43'/60'/1581'/0'/0: signs and decrypts; its public key is the identity
	Slot [32]byte          // private key at m/43'/60'/1581'/1'/0: input of the key that opens the account's file
	UID  [32]byte          // SHA-256 of the uncompressed master public key: the same for the same phrase everywhere
}

// String hides the secrets from logs and formatted output.
func (Keys) String() string { return "account keys" }

// GoString hides the secrets from %#v.
func (Keys) GoString() string { return "account keys" }

// DeriveKeys derives the keys of an account from the seed of its phrase (16 to 64 bytes; Phrase.Seed gives 64). The error
// is ErrSeed.
func DeriveKeys(seed []byte) (Keys, error) {
	master, err := hdkeychain.NewMaster(seed, &chaincfg.MainNetParams)
	if err != nil {
		return Keys{}, ErrSeed
	}
	defer master.Zero()
	chat, err := derive(master, chatPath)
	if err != nil {
		return Keys{}, err
	}
	slot, err := derive(master, slotPath)
	if err != nil {
		return Keys{}, err
	}
	root, err := privateKey(master)
	if err != nil {
		return Keys{}, err
	}
	public := KeyOf(&root.PublicKey)
	return Keys{Chat: chat, Slot: [32]byte(crypto.FromECDSA(slot)), UID: sha256.Sum256(public[:])}, nil
}

// derive walks a path down from the master key. The keys on the way are wiped.
func derive(master *hdkeychain.ExtendedKey, path []uint32) (*ecdsa.PrivateKey, error) {
	leaf, err := descend(master, path)
	if err != nil {
		return nil, err
	}
	defer leaf.Zero()
	return privateKey(leaf)
}

func descend(master *hdkeychain.ExtendedKey, path []uint32) (*hdkeychain.ExtendedKey, error) {
	key := master
	for _, index := range path {
		child, err := key.Derive(index)
		if key != master {
			key.Zero()
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSeed, err)
		}
		key = child
	}
	return key, nil
}

// privateKey copies the private key out of an extended one.
func privateKey(key *hdkeychain.ExtendedKey) (*ecdsa.PrivateKey, error) {
	private, err := key.ECPrivKey()
	if err != nil {
		return nil, ErrSeed
	}
	defer private.Zero()
	scalar := private.Serialize()
	defer clear(scalar)
	return crypto.ToECDSA(scalar)
}
