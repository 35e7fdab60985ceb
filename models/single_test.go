package models

import "testing"

// underRace is set where the race detector is used.
var underRace bool

// single skips a test in which one goroutine works under the race detector, which finds nothing there.
func single(t *testing.T) {
	t.Helper()
	if underRace {
		t.Skip("nothing runs at the same time")
	}
}
