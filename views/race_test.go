//go:build race

package views

// The race detector draws ten times slower, and pictures are no concern of its: what runs at the same time is the same
// behind all screens.
func init() { everyScreen = 4 }
