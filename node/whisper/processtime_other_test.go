//go:build !unix

package whisper

import (
	"testing"
	"time"
)

// ProcessTime stands for what this process has used of the processor. Benchmarks report 0 where nobody tells.
func ProcessTime(testing.TB) time.Duration { return 0 }
