package invite

import (
	"encoding/base64"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/overlay"
)

// keyLength is how many characters the key of a node has in a link.
const keyLength = 44

// letters of the roles, in the order in which they are written.
var letters = []struct {
	role   Role
	letter byte
}{{Boot, 'b'}, {Relay, 'r'}, {Mail, 'm'}}

// text is the node as a link has it, or nothing where its URL is none.
func (n Node) text() string {
	parsed, err := overlay.ParseEnode(n.Enode)
	if err != nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(base64.RawURLEncoding.EncodeToString(crypto.CompressPubkey(parsed.Pubkey())))
	for _, l := range letters {
		if n.Roles&l.role != 0 {
			b.WriteByte(l.letter)
		}
	}
	b.WriteByte('@')
	b.WriteString(address(parsed))
	if parsed.UDP() != 0 && parsed.UDP() != parsed.TCP() {
		fmt.Fprintf(&b, ",%d", parsed.UDP())
	}
	return b.String()
}

// parseNode reads what text wrote.
func parseNode(text string) (Node, error) {
	who, where, ok := strings.Cut(text, "@")
	if !ok || len(who) < keyLength {
		return Node{}, errNode
	}
	compressed, err := base64.RawURLEncoding.Strict().DecodeString(who[:keyLength])
	if err != nil {
		return Node{}, errNode
	}
	key, err := crypto.DecompressPubkey(compressed)
	if err != nil {
		return Node{}, errNode
	}
	var roles Role
	for _, l := range letters {
		if strings.IndexByte(who[keyLength:], l.letter) >= 0 {
			roles |= l.role
		}
	}
	where, udp, other := strings.Cut(where, ",")
	url := fmt.Sprintf("enode://%x@%s", crypto.FromECDSAPub(key)[1:], where)
	if other {
		url += "?discport=" + udp
	}
	parsed, err := overlay.ParseEnode(url)
	if err != nil {
		return Node{}, errNode
	}
	return Node{Enode: canonical(parsed), Roles: roles}, nil
}

// canonical is the one URL of a node at an address, so that those of two links can be compared.
func canonical(n *enode.Node) string {
	url := fmt.Sprintf("enode://%x@%s", crypto.FromECDSAPub(n.Pubkey())[1:], address(n))
	if n.UDP() != 0 && n.UDP() != n.TCP() {
		url += "?discport=" + strconv.Itoa(n.UDP())
	}
	return url
}

// address is HOST:PORT with the host name, where there is one.
func address(n *enode.Node) string {
	host := n.Hostname()
	if host == "" {
		host = n.IPAddr().String()
	}
	return net.JoinHostPort(host, strconv.Itoa(n.TCP()))
}
