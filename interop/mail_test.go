package interop

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
)

// TestMail asks each side's mailserver from the other side for what expired long before they met. go-ethereum knows neither
// lists in packet 127 nor packet 125: it gets each envelope alone, ignores the completion, and stays connected.
func TestMail(t *testing.T) {
	t.Parallel()
	const password = "status-offline-inbox"
	for name, c := range map[string]struct {
		server, client func(*testing.T, ...string) *process
	}{
		"ours serves": {ours, theirs}, "theirs serves": {theirs, ours},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, client := c.server(t, lowPoWFlag, "-mail"), c.client(t, lowPoWFlag)
			maker := theirs(t, lowPoWFlag)
			poster := c.client(t, lowPoWFlag) // not the server: go-ethereum does not archive its own
			connect(t, poster, server)
			for _, payload := range []string{"01", "02"} {
				poster.call("post", with(object{"password": name}, object{"payload": payload, "pow": lowPoW, "ttl": 3}))
			}
			until(t, "taken", func() bool { return inPool(server) == 2 })
			until(t, "expired", func() bool { return inPool(server) == 0 })
			connect(t, client, server)
			client.call("trust", object{"enode": server.enode})
			filter := client.call("subscribe", object{"topic": topic, "password": name, "allowP2P": true}).text("filter")
			request := maker.call("seal", object{
				"topic": "00000000", "password": password, "signKey": privateKey(t), "ttl": 50, "pow": lowPoW,
				"payload": hex.EncodeToString(mailRequest(t)),
			})
			client.call("requestMail", object{"enode": server.enode, "envelope": request["envelope"]})
			for _, payload := range []string{"01", "02"} {
				client.await("history", func(o object) bool {
					return o["event"] == "message" && o["filter"] == filter && o["payload"] == payload
				})
			}
			exchange(t, server, client, []int{10})
			exchange(t, client, server, []int{10})
			if server.peerCount() != 2 || client.peerCount() != 1 {
				t.Error("a line was cut")
			}
		})
	}
}

// inPool counts a node's envelopes.
func inPool(p *process) float64 {
	p.t.Helper()
	n, _ := p.call("info", nil)["pool"].(float64)
	return n
}

// mailRequest asks for the last hour, in seven fields.
func mailRequest(t *testing.T) []byte {
	now := time.Now()
	everything := bytes.Repeat([]byte{0xff}, 64)
	return encode(t, uint32(now.Add(-time.Hour).Unix()), uint32(now.Unix()), everything, [][]byte{}, uint32(0), []byte{}, true)
}

func privateKey(t *testing.T) string {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(crypto.FromECDSA(key))
}
