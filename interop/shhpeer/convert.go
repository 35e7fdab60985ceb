package main

import (
	"crypto/ecdsa"
	"encoding/hex"
	"errors"
	"math"
	"strings"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rlp"
	shh "github.com/ethereum/go-ethereum/whisper/whisperv6"
)

func described(env *shh.Envelope, err error) (object, error) {
	if err != nil {
		return nil, err
	}
	return describe(env), nil
}

func describe(env *shh.Envelope) object {
	raw, err := rlp.EncodeToBytes(env)
	if err != nil {
		return object{"error": err.Error()}
	}
	return object{
		"hash": env.Hash().Hex(), "expiry": env.Expiry, "ttl": env.TTL,
		"topic": hex.EncodeToString(env.Topic[:]), "nonce": env.Nonce,
		"pow": finite(env.PoW()), "size": len(env.Data) + shh.EnvelopeHeaderLength,
		"bloom": hex.EncodeToString(env.Bloom()), "envelope": hex.EncodeToString(raw),
	}
}

// finite keeps JSON happy: an envelope with TTL 0 has infinite proof of work.
func finite(v float64) float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return math.MaxFloat64
	}
	return v
}

func decodeEnvelope(s string) (*shh.Envelope, error) {
	raw, err := unhex(s)
	if err != nil {
		return nil, err
	}
	env := new(shh.Envelope)
	return env, rlp.DecodeBytes(raw, env)
}

func topicOf(s string) (t shh.TopicType, err error) {
	b, err := unhex(s)
	if err == nil && len(b) != shh.TopicLength {
		err = errors.New("a topic is 4 bytes")
	}
	return shh.BytesToTopic(b), err
}

// topicsOf are the topics of a subscription; none means every topic.
func topicsOf(c *command) (topics [][]byte, err error) {
	names := c.Topics
	if c.Topic != "" {
		names = append(names, c.Topic)
	}
	for _, s := range names {
		t, err := topicOf(s)
		if err != nil {
			return nil, err
		}
		topics = append(topics, t[:])
	}
	return topics, nil
}

func privateKey(s string) (*ecdsa.PrivateKey, error) {
	b, err := unhex(s)
	if err != nil {
		return nil, err
	}
	return crypto.ToECDSA(b)
}

func publicKey(s string) (*ecdsa.PublicKey, error) {
	b, err := unhex(s)
	if err != nil {
		return nil, err
	}
	return crypto.UnmarshalPubkey(b)
}

func unhex(s string) ([]byte, error) { return hex.DecodeString(strings.TrimPrefix(s, "0x")) }
