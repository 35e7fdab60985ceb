package interop

import "testing"

// TestRelay puts a node of one side between two of the other.
func TestRelay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		ends, middle func(*testing.T, ...string) *process
	}{
		{"ours between theirs", theirs, ours},
		{"theirs between ours", ours, theirs},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, m, b := c.ends(t, lowPoWFlag), c.middle(t, lowPoWFlag), c.ends(t, lowPoWFlag)
			connect(t, a, m)
			connect(t, b, m)
			t.Run("forth", func(t *testing.T) { exchange(t, a, b, []int{0, 500, 70000}) })
			t.Run("back", func(t *testing.T) { exchange(t, b, a, []int{0, 500, 70000}) })
		})
	}
}

// TestFullPoolIsSplit: a node with three times as much in its pool as go-ethereum takes in one packet meets one, and all
// of it arrives. go-ethereum's own nodes lose the line here.
func TestFullPoolIsSplit(t *testing.T) {
	t.Parallel()
	const count, size = 1500, 1900
	a, b := ours(t, lowPoWFlag), theirs(t, lowPoWFlag)
	payload := random(size)
	for range count {
		a.call("post", with(object{"password": "full"}, object{"payload": payload, "pow": lowPoW}))
	}
	connect(t, a, b)
	until(t, "everything is there", func() bool { n, _ := b.call("info", nil)["pool"].(float64); return n == count })
	if n := b.count(func(o object) bool { return o["event"] == "peer" && o["type"] == "drop" }); n > 0 {
		t.Errorf("the line was cut %d times", n)
	}
}
