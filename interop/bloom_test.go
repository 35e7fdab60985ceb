package interop

import "testing"

// collidingTopic has all three bits of its bloom in one byte, where go-ethereum keeps only the last of them.
const collidingTopic = "00010200"

// TestLightNodes connects a light node of each side with a full one of the other. A foreign light node takes what
// comes for direct messages.
func TestLightNodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		light, full func(*testing.T, ...string) *process
	}{
		{"ours is light", ours, theirs},
		{"theirs is light", theirs, ours},
	} {
		t.Run(c.name, func(t *testing.T) {
			light, full := c.light(t, lowPoWFlag, "-light"), c.full(t, lowPoWFlag)
			connect(t, light, full)
			t.Run("from it", func(t *testing.T) { exchange(t, light, full, []int{10}) })
			t.Run("to it", func(t *testing.T) { exchange(t, full, light, []int{10}) })
			t.Run("on a topic whose bits collide", func(t *testing.T) { exchangeOn(t, collidingTopic, full, light, []int{10}) })
		})
	}
}

// TestTwoLightNodesPart: go-ethereum refuses another light node. Ours must take that without harm.
func TestTwoLightNodesPart(t *testing.T) {
	t.Parallel()
	a, b := ours(t, lowPoWFlag, "-light"), theirs(t, lowPoWFlag, "-light")
	a.call("addPeer", object{"enode": b.enode})
	b.await("refusal", func(o object) bool { return o["event"] == "peer" && o["type"] == "drop" })
	until(t, "no peer left", func() bool { return a.peerCount() == 0 })
}

// TestNarrowNode: ours asks for its topic only, and again for one that it subscribes to later.
func TestNarrowNode(t *testing.T) {
	t.Parallel()
	a, b := ours(t, lowPoWFlag, "-narrow"), theirs(t, lowPoWFlag)
	connect(t, a, b)
	other := b.call("post", with(object{"topic": "01020304", "password": "x"}, object{"payload": "00", "pow": lowPoW}))
	exchange(t, b, a, []int{10})
	if n, _ := a.call("info", nil)["pool"].(float64); n != 2 {
		t.Errorf("%v envelopes in the pool; one was for %s", n, other.text("topic"))
	}
	a.call("subscribe", object{"topic": "01020304", "password": "x"})
	a.await("what was there before", func(o object) bool { return o["event"] == "message" && o["hash"] == other["hash"] })
}

// TestRequirementsAreKept: what a foreign node does not want is not sent to it, since it would cut the line.
func TestRequirementsAreKept(t *testing.T) {
	t.Parallel()
	const high = 0.5
	post := func(p *process, topic string, pow float64) string {
		return p.call("post", with(object{"topic": topic, "password": "kept"}, object{"payload": random(8), "pow": pow})).text("hash")
	}
	for name, c := range map[string]struct {
		cmd    string
		fields object
		low    func(*process) string // posts what is not wanted
	}{
		"proof of work": {"setMinPoW", object{"pow": high}, func(p *process) string { return post(p, topic, lowPoW) }},
		"bloom":         {"setBloom", nil, func(p *process) string { return post(p, "aabbccdd", high) }},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := ours(t, lowPoWFlag), theirs(t, lowPoWFlag)
			if c.fields == nil {
				sample := b.call("seal", with(object{"password": "kept"}, object{"pow": lowPoW}))
				c.fields = object{"bloom": sample.text("bloom")}
			}
			b.call(c.cmd, c.fields)
			connect(t, a, b)
			unwanted := c.low(a)
			wanted := post(a, topic, high)
			until(t, "the wanted one is there", func() bool { return pooled(b, wanted) })
			if pooled(b, unwanted) {
				t.Error("sent what was not wanted")
			}
			if n := b.count(func(o object) bool { return o["event"] == "peer" && o["type"] == "drop" }); n > 0 {
				t.Error("the line was cut")
			}
		})
	}
}

// pooled tells whether a foreign node has an envelope.
func pooled(p *process, hash string) bool {
	all, _ := p.call("pool", nil)["envelopes"].([]any)
	for _, e := range all {
		if e, _ := e.(map[string]any); e["hash"] == hash {
			return true
		}
	}
	return false
}
