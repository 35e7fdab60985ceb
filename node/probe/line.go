package probe

import (
	"bytes"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/rlpx"
	"github.com/ethereum/go-ethereum/rlp"

	"sotto/node/whisper"
)

// The packets of devp2p itself. Those of Whisper, the only protocol that is offered, follow from 16 on.
const (
	codeHello      = 0
	codeDisconnect = 1
	codePing       = 2
	codePong       = 3
	codeWhisper    = 16

	devp2pVersion  = 5
	snappyVersion  = 5       // from this version on, packets after the first are compressed
	maxHello       = 2 << 10 // bytes, as devp2p has it
	maxPackets     = 1000    // that are read while waiting for one
	answerPatience = 5 * time.Second
)

var errNoWhisper = errors.New("it does not speak Whisper v6 (shh/6)")

// line is one RLPx connection, used by one goroutine.
type line struct {
	fd   net.Conn
	conn *rlpx.Conn
}

func newLine(fd net.Conn, to *ecdsa.PublicKey) *line {
	return &line{fd: fd, conn: rlpx.NewConn(fd, to)}
}

// handshake is the first packet of devp2p.
type handshake struct {
	Version    uint64
	Name       string
	Caps       []p2p.Cap
	ListenPort uint64
	ID         []byte
	Rest       []rlp.RawValue `rlp:"tail"`
}

// hello exchanges the first packets and returns what the node calls its program. It fails with a p2p.DiscReason where the
// node says why it does not want us.
func (l *line) hello(key *ecdsa.PrivateKey, name string) (string, error) {
	own := handshake{
		Version: devp2pVersion, Name: name, Caps: []p2p.Cap{{Name: whisper.ProtocolName, Version: whisper.ProtocolVersion}},
		ID: crypto.FromECDSAPub(&key.PublicKey)[1:],
	}
	packet, err := rlp.EncodeToBytes(&own)
	if err != nil {
		return "", err
	}
	if _, err := l.conn.Write(codeHello, packet); err != nil {
		return "", err
	}
	code, payload, _, err := l.conn.Read()
	switch {
	case err != nil:
		return "", err
	case code == codeDisconnect:
		return "", disconnected(payload)
	case code != codeHello || len(payload) > maxHello:
		return "", fmt.Errorf("packet %d of %d bytes instead of a greeting", code, len(payload))
	}
	var theirs handshake
	if err := rlp.DecodeBytes(payload, &theirs); err != nil {
		return "", err
	}
	l.conn.SetSnappy(theirs.Version >= snappyVersion)
	wanted := func(c p2p.Cap) bool { return c.Name == whisper.ProtocolName && c.Version == whisper.ProtocolVersion }
	if !slices.ContainsFunc(theirs.Caps, wanted) {
		return theirs.Name, errNoWhisper
	}
	return theirs.Name, nil
}

// disconnected is the reason in a packet that ends the connection: in a list, or bare, as some nodes send it.
func disconnected(payload []byte) error {
	var list []p2p.DiscReason
	if err := rlp.DecodeBytes(payload, &list); err == nil && len(list) > 0 {
		return list[0]
	}
	var bare p2p.DiscReason
	if err := rlp.DecodeBytes(payload, &bare); err == nil {
		return bare
	}
	return p2p.DiscReason(p2p.DiscInvalid)
}

// write sends a packet of Whisper.
func (l *line) write(code uint64, payload []byte) error {
	_, err := l.conn.Write(codeWhisper+code, payload)
	return err
}

// read waits for a packet of Whisper with this code, and passes others over.
func (l *line) read(code uint64) ([]byte, error) { return l.wait(codeWhisper + code) }

func (l *line) wait(code uint64) ([]byte, error) {
	if err := l.conn.SetReadDeadline(time.Now().Add(answerPatience)); err != nil {
		return nil, err
	}
	for range maxPackets {
		got, payload, _, err := l.conn.Read()
		switch {
		case err != nil:
			return nil, err
		case got == code:
			return bytes.Clone(payload), nil
		case got == codeDisconnect:
			return nil, disconnected(payload)
		case got == codePing:
			if _, err := l.conn.Write(codePong, rlp.EmptyList); err != nil {
				return nil, err
			}
		}
	}
	return nil, errors.New("too much came instead of an answer")
}

// ping measures how long the node takes to answer.
func (l *line) ping(now func() time.Time) (time.Duration, error) {
	start := now()
	if _, err := l.conn.Write(codePing, rlp.EmptyList); err != nil {
		return 0, err
	}
	if _, err := l.wait(codePong); err != nil {
		return 0, err
	}
	return now().Sub(start), nil
}

// bye tells the node that nothing is wrong.
func (l *line) bye() {
	packet, err := rlp.EncodeToBytes([]p2p.DiscReason{p2p.DiscQuitting})
	if err == nil && l.conn.SetWriteDeadline(time.Now().Add(time.Second)) == nil {
		_, _ = l.conn.Write(codeDisconnect, packet) // it notices the end of the connection anyway
	}
}
