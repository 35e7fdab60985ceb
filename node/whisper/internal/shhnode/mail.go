package main

import (
	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/mailserver"
	"sotto/node/mailserver/mailtest"
	"sotto/node/whisper"
)

// newMailServer makes a mailserver with an archive in memory and the default password.
func newMailServer() (*mailserver.Server, error) {
	return mailserver.NewServer(mailserver.ServerConfig{Archive: mailtest.NewArchive()})
}

// requestMail sends an envelope with a request to a mailserver.
func (n *node) requestMail(c *command) (object, error) {
	peer, err := enode.ParseV4(c.Enode)
	if err != nil {
		return nil, err
	}
	e, err := decodeEnvelope(c.Envelope)
	if err != nil {
		return nil, err
	}
	return describe(e), n.whisper.SendRequest(peer.ID(), whisper.Request{Envelope: e.Encode()})
}
