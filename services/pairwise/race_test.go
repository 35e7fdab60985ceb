//go:build race

package pairwise

// The race detector makes the engine twenty times slower, and nothing here runs at the same time.
func init() { inMemory, onDisk = 3, 0 }
