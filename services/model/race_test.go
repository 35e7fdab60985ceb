//go:build race

package model_test

// The race detector makes the engine twenty times slower.
func init() { rounds, length = 1, 12 }
