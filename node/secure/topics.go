package secure

import (
	"crypto/ecdsa"
	"encoding/hex"
	"math/big"
	"strconv"

	"sotto/node/identity"
)

// partitions is how many topics share the private messages of everybody (Status spec 3/WHISPER-USAGE).
const partitions = 5000

// ContactCodeTopic is the name whose topic and key carry somebody's bundles.
func ContactCodeTopic(owner identity.PublicKey) string { return owner.String() + "-contact-code" }

// PartitionedTopic is the name whose topic carries what is encrypted to somebody's identity key; they share it with others.
func PartitionedTopic(owner identity.PublicKey) string {
	x := new(big.Int).SetBytes(owner[1:33])
	return "contact-discovery-" + strconv.FormatInt(x.Mod(x, big.NewInt(partitions)).Int64(), 10)
}

// PersonalTopic is the name whose topic belongs to somebody alone, for what is encrypted to their identity key. Deployed
// clients listen to it and write elsewhere.
func PersonalTopic(owner identity.PublicKey) string {
	return "contact-discovery-" + hex.EncodeToString(owner[:])
}

// NegotiatedTopic is the name whose topic and key carry what two people write to each other once both have answered: the
// hexadecimal digits of what their identity keys agree on. It is a secret.
func NegotiatedTopic(own *ecdsa.PrivateKey, other identity.PublicKey) (string, error) {
	theirs, err := publicOf(other)
	if err != nil {
		return "", err
	}
	secret, err := ecdh(scalar(own), theirs)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(secret[:]), nil
}
