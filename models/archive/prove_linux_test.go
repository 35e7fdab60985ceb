//go:build prove

package archive

func init() { powerCuts = 300 }
