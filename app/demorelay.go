package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node"
	"sotto/node/whisper"
)

// startRelay starts a relay on a random port of the loopback interface.
func startRelay(ctx context.Context) (*node.Node, error) {
	key, err := ecdsa.GenerateKey(crypto.S256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	n, err := node.New(node.Config{
		Key: key, Name: "Sotto demo relay", Listen: "127.0.0.1:0", NAT: "none", Receive: node.ReceiveEverything,
		Whisper: whisper.Config{Confirmations: true},
	})
	if err != nil {
		return nil, err
	}
	if err := n.Start(ctx); err != nil {
		return nil, err
	}
	return n, nil
}
