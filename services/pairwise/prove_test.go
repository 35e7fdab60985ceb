//go:build prove

package pairwise

func init() { inMemory, unnoticed, onDisk = 1500, 500, 100 }
