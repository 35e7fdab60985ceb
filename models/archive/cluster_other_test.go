//go:build !linux

package archive

import "testing"

type cluster struct{}

const guarded = ""

func startCluster() (*cluster, error) { return nil, errElsewhere }

func (*cluster) stop() error                 { return nil }
func (*cluster) database(testing.TB) string  { return "" }
func (*cluster) address(string) string       { return "" }
func (*cluster) exec(_ testing.TB, _ string) {}
