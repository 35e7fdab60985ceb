//go:build !unix

package chats

import (
	"testing"
	"time"
)

// processTime stands for what this process has used of the processor. Benchmarks report 0 where nobody tells.
func processTime(testing.TB) time.Duration { return 0 }
