//go:build race

package pairwise

// The race detector makes the engine twenty times slower, and nothing here runs at the same time.
func init() { inMemory, unnoticed, onDisk = 2, 1, 0 }
