// Package interop proves that Sotto's Whisper node and go-ethereum 1.9.20's, the last release that has one, understand
// each other (EIP-627), and compares what both cost.
//
// It is a module of its own because one build holds one version of go-ethereum only: the application needs a current
// one, the foreign node the old one. So each side is a process, driven by JSON lines over its standard input and
// output: shhpeer (here) is the foreign node, node/whisper/internal/shhnode (in the application's module) is ours. Both
// answer the same commands, so a test does not care which it holds. Everything stays on loopback.
//
//	go test ./...              exchange messages, relay, light nodes, every form of the status packet
//	go run ./compare           alternate the benchmarks of both sides and print a table of medians and ratios
package interop
