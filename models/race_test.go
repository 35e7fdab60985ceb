//go:build race

package models

// The race detector makes the engine twenty times slower.
func init() { powerCuts, underRace = 3, true }
