// Package theirs measures go-ethereum 1.9.20's Whisper node, under the names that the benchmarks of package whisper have
// for ours, so that the program compare can put the two side by side. It holds nothing but benchmarks.
package theirs
