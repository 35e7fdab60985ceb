//go:build prove

package pairwise

func init() { inMemory, onDisk = 2000, 100 }
