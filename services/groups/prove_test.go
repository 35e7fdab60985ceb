//go:build prove

package groups

func init() { checks = 400 }
