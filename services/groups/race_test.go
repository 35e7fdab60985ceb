//go:build race

package groups

// The race detector makes the engine twenty times slower, and nothing here runs at the same time.
func init() { checks = 1 }
