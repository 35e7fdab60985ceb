package archive

import (
	"fmt"
	"testing"

	"sotto/node/mailserver"
)

// BenchmarkPut is a batch of so many envelopes of 500 bytes on 10,000 topics, durable.
func BenchmarkPut(b *testing.B) {
	for _, n := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			onBoth(b, b.Run, func(b *testing.B, dsn string) {
				a := open(b, dsn)
				for i := 0; b.Loop(); i++ {
					put(b, a, spread(i, n)...)
				}
			})
		})
	}
}

// BenchmarkFind is the first page of 50 of so many topics among 1,000 with 50,000 envelopes.
func BenchmarkFind(b *testing.B) {
	for _, n := range []int{1, 50, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			onBoth(b, b.Run, func(b *testing.B, dsn string) {
				a := open(b, dsn)
				put(b, a, envelopesOf(1, 1000, 50_000, 1000, 500)...)
				q := mailserver.Query{Upper: 1<<32 - 1, Limit: 50, Bytes: 1 << 20}
				for i := range n {
					q.Topics = append(q.Topics, topicOf(i))
				}
				for b.Loop() {
					if found, _ := find(b, a, q); len(found) != 50 {
						b.Fatal(len(found))
					}
				}
			})
		})
	}
}
