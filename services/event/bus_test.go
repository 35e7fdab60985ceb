package event

import (
	"sync"
	"testing"
)

func TestEventsArriveInOrderWithGrowingNumbers(t *testing.T) {
	bus := NewBus()
	first, second := bus.Subscribe(8), bus.Subscribe(8)
	for _, id := range []string{"a", "b", "c"} {
		bus.Publish(Event{Kind: Message, Message: id})
	}
	for _, sub := range []*Subscription{first, second} {
		for i, id := range []string{"a", "b", "c"} {
			got := <-sub.C
			if got.Seq != uint64(i+1) || got.Message != id || got.Kind != Message {
				t.Errorf("event %d: got %+v", i, got)
			}
		}
	}
}

func TestSubscriberSeesOnlyWhatCameAfterIt(t *testing.T) {
	bus := NewBus()
	bus.Publish(Event{Kind: Chat})
	sub := bus.Subscribe(2)
	bus.Publish(Event{Kind: Network})
	if got := <-sub.C; got.Seq != 2 || got.Kind != Network {
		t.Errorf("got %+v, want the second event", got)
	}
}

func TestSlowReaderGetsOneResyncInPlaceOfItsQueue(t *testing.T) {
	bus := NewBus()
	slow, quick := bus.Subscribe(3), bus.Subscribe(100)
	for range 10 {
		bus.Publish(Event{Kind: Message})
	}
	// 1 2 3 were queued, 4 overflowed into a resync, 5 and 6 fitted, 7 overflowed, 8 and 9 fitted, 10 overflowed.
	if got := <-slow.C; got.Kind != Resync || got.Seq != 10 {
		t.Errorf("slow reader: got %+v, want a resync with number 10", got)
	}
	if n := len(slow.C); n != 0 {
		t.Errorf("slow reader still has %d events", n)
	}
	bus.Publish(Event{Kind: Chat})
	if got := <-slow.C; got.Kind != Chat || got.Seq != 11 {
		t.Errorf("after the resync: got %+v", got)
	}
	if n := len(quick.C); n != 11 {
		t.Errorf("the quick reader has %d events, want all 11", n)
	}
}

func TestCloseEndsTheReaderAndMayBeRepeated(t *testing.T) {
	bus := NewBus()
	sub := bus.Subscribe(0) // becomes one
	bus.Publish(Event{Kind: Account})
	sub.Close()
	sub.Close()
	bus.Publish(Event{Kind: Account})
	if got, ok := <-sub.C; !ok || got.Seq != 1 {
		t.Errorf("the queued event is gone: %+v %v", got, ok)
	}
	if _, ok := <-sub.C; ok {
		t.Error("the channel is not closed")
	}
}

func TestPublishersAndReadersAtOnce(t *testing.T) {
	bus := NewBus()
	sub := bus.Subscribe(16)
	var publishers sync.WaitGroup
	for range 4 {
		publishers.Go(func() {
			for range 500 {
				bus.Publish(Event{Kind: Message})
			}
		})
	}
	done := make(chan uint64)
	go func() {
		var last uint64
		for e := range sub.C {
			if e.Seq <= last {
				t.Errorf("number %d after %d", e.Seq, last)
			}
			last = e.Seq
		}
		done <- last
	}()
	publishers.Wait()
	sub.Close()
	if last := <-done; last != 2000 {
		t.Errorf("the last number read is %d, want 2000: an overflow must not swallow the end", last)
	}
}

func BenchmarkPublish(b *testing.B) {
	bus := NewBus()
	for range 4 {
		bus.Subscribe(64)
	}
	b.ReportAllocs()
	for b.Loop() {
		bus.Publish(Event{Kind: Message, Chat: "lobby"})
	}
}
