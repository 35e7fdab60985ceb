package message

import (
	"strings"
	"testing"

	"sotto/services/chats"
	"sotto/views/message/messagetest"
	"sotto/views/theme"
)

// large is a list on a chat of 100,000 messages, at its end.
func large(b *testing.B) *stage {
	s := newStage(b, theme.Light, messagetest.History(100_000)).show(chats.Public)
	s.idle()
	b.ReportAllocs()
	b.ResetTimer()
	return s
}

// Pages are loaded as in the program, but what the loader does itself is not counted here.
func benchScroll(b *testing.B, dy float32) {
	s := large(b)
	for i := 0; b.Loop(); i++ {
		s.list.scrollBy(dy)
		s.queue.Drain()
		if i%2000 == 1999 {
			dy = -dy
		}
	}
}

func BenchmarkScrollWheel100k(b *testing.B)     { benchScroll(b, 75) }
func BenchmarkScrollScreenful100k(b *testing.B) { benchScroll(b, 600) }

func BenchmarkAppend100k(b *testing.B) {
	s := large(b)
	more := messagetest.History(110_000)[100_000:]
	for i := 0; b.Loop(); i++ {
		s.list.Put(more[i%len(more)])
	}
}

func BenchmarkAppendAwayFromTheEnd100k(b *testing.B) {
	s := large(b)
	s.list.PageUp()
	more := messagetest.History(110_000)[100_000:]
	for i := 0; b.Loop(); i++ {
		s.list.Put(more[i%len(more)])
	}
}

func BenchmarkAppendBatchOf64(b *testing.B) {
	s := large(b)
	more := messagetest.History(110_000)[100_000:]
	for i := 0; b.Loop(); i++ {
		at := i * 64 % (len(more) - 64)
		s.list.Put(more[at : at+64]...)
	}
}

func BenchmarkBindRow(b *testing.B) {
	s := large(b)
	all := messagetest.History(500)
	r := newRow(listRows{s.list})
	for i := 0; b.Loop(); i++ {
		r.bind(content{msg: all[i%len(all)], shape: shape{header: true}, chat: chats.Public}, 720)
	}
}

// What strangers may send must not hold the UI goroutine.
func BenchmarkBindHostile(b *testing.B) {
	var distinct strings.Builder
	for r := rune(0x4E00); distinct.Len() < 3*textLimit; r++ {
		distinct.WriteRune(r)
	}
	for name, text := range map[string]string{
		"long word": strings.Repeat("W", textLimit), "emoji": strings.Repeat("👍🏽", textLimit/2), "ideographs": distinct.String(),
		"lines": strings.Repeat("x\n", textLimit/2), "stars": strings.Repeat(" *a", textLimit/3), "links": strings.Repeat("http://a.b ", textLimit/11),
		"marks": strings.Repeat("e\u0301\u0302\u0303", textLimit/4), "huge": strings.Repeat("word ", 200_000),
	} {
		b.Run(name, func(b *testing.B) {
			s := newStage(b, theme.Light, nil)
			r := newRow(listRows{s.list})
			m := say("01", 1, 0, text)
			for b.Loop() {
				clear(s.list.fonts.widths)
				r.unbind()
				r.bind(content{msg: m, chat: chats.Public}, 720)
			}
		})
	}
}

func BenchmarkOpenChat(b *testing.B) {
	s := large(b)
	for b.Loop() {
		s.show(chats.Public)
	}
}
