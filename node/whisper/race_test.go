//go:build race

package whisper

// raceEnabled: the race detector empties pools at random, so allocations cannot be counted under it.
const raceEnabled = true
