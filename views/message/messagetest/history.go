package messagetest

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"strings"
	"time"

	"sotto/services/chats"
)

// Noon is when the histories end.
var Noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var (
	people = []string{"Amber Quiet Heron", "Bold Cedar Lark", "Calm Slate Otter", "Dusty Olive Wren"}
	vocab  = strings.Fields("the quick brown fox jumps over a lazy dog relay envelope key tomorrow at the station please " +
		"bring the maps and coffee because nobody else will remember 😀 👍🏽 Привет https://example.org/a/b *later* `code`")
)

// History is n messages of different lengths, always the same ones.
func History(n int) []chats.Message {
	r := rand.New(rand.NewPCG(1, 2))
	at := Noon.Add(-time.Duration(n) * 3 * time.Minute)
	out := make([]chats.Message, n)
	for i := range out {
		out[i] = sample(r, i, at)
		at = at.Add(time.Duration(r.IntN(360)) * time.Second)
	}
	return out
}

func sample(r *rand.Rand, i int, at time.Time) chats.Message {
	k := 1 + r.IntN(9)
	if r.IntN(5) == 0 {
		k = 10 + r.IntN(60)
	}
	var b strings.Builder
	for range k {
		b.WriteString(vocab[r.IntN(len(vocab))] + " ")
	}
	if r.IntN(12) == 0 {
		b.WriteString("\nsecond line\nthird line")
	}
	who := r.IntN(len(people))
	return chats.Message{
		ID: fmt.Sprintf("0x%064x", i+1), Chat: "lobby", Author: Author(who), Text: b.String(), ContentType: 1,
		Clock: uint64(at.UnixMilli()) + uint64(i), Timestamp: at, State: chats.Sent, Seen: true, Outgoing: who == 0,
	}
}

// Author is the i-th of a few people.
func Author(i int) chats.Author {
	return chats.Author{Key: fmt.Sprintf("0x04%0128x", i*77+5), Pseudonym: people[i%len(people)]}
}

// Picture is a picture that differs by key.
func Picture(key string) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	hue := uint8(len(key)) * key[len(key)-1]
	for y := range 64 {
		for x := range 64 {
			c := color.NRGBA{R: hue, G: 120, B: 255 - hue, A: 255}
			if (x/13+y/13)%2 == 0 {
				c = color.NRGBA{R: 230, G: 230, B: 230, A: 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}
