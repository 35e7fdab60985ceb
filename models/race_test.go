//go:build race

package models

// The race detector makes the engine twenty times slower.
func init() { powerCuts = 3 }
