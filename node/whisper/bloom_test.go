package whisper

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"
)

func drawTopic(t *rapid.T, label string) (topic Topic) {
	binary.BigEndian.PutUint32(topic[:], rapid.Uint32().Draw(t, label))
	return topic
}

// TestContainsAgainstNaiveTwin asks bit by bit.
func TestContainsAgainstNaiveTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		topic := drawTopic(t, "topic")
		b := Bloom(rapid.SliceOfN(rapid.Byte(), BloomLength, BloomLength).Draw(t, "filter"))
		sample, want := topic.Bloom(), true
		for bit := range 8 * BloomLength {
			mask := byte(1) << (bit % 8)
			if sample[bit/8]&mask != 0 && b[bit/8]&mask == 0 {
				want = false
			}
		}
		if b.Contains(topic) != want {
			t.Errorf("contains %v, want %v", !want, want)
		}
	})
}

// TestOwnFilterFitsBothKindsOfNode: whichever form a peer computes, our announced filter has its bits.
func TestOwnFilterFitsBothKindsOfNode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var own Bloom
		topics := []Topic{drawTopic(t, "a"), drawTopic(t, "b"), drawTopic(t, "c")}
		for _, topic := range topics {
			own.Add(topic)
		}
		for _, topic := range topics {
			wide := topic.WideBloom()
			for i := range wide {
				if own[i]&wide[i] != wide[i] {
					t.Errorf("%v: byte %d lacks bits", topic, i)
				}
			}
			if !own.Contains(topic) {
				t.Errorf("%v not contained", topic)
			}
		}
	})
}

// TestPeersNarrowFilterIsServed: a deployed node announces its own form, with bits lost, and still gets its topic.
func TestPeersNarrowFilterIsServed(t *testing.T) {
	topic := Topic{0, 1, 2, 0} // all three bits fall into the first byte
	if narrow := topic.Bloom(); narrow[0] != 4 || !narrow.Contains(topic) {
		t.Errorf("filter %x", narrow[0])
	}
	if wide := topic.WideBloom(); wide[0] != 7 {
		t.Errorf("wide %x", wide[0])
	}
}

func TestFormsDifferForFourPercent(t *testing.T) {
	differ, all := 0, 1<<16
	for i := range all {
		var topic Topic
		binary.BigEndian.PutUint32(topic[:], uint32(i)*2654435761) // spreads over all topics
		if topic.Bloom() != topic.WideBloom() {
			differ++
		}
	}
	if share := float64(differ) / float64(all); share < 0.03 || share > 0.06 {
		t.Errorf("%.1f percent differ", 100*share)
	}
}

func TestFullAndEmpty(t *testing.T) {
	full, empty := FullBloom(), Bloom{}
	if !full.IsFull() || full.IsEmpty() || !empty.IsEmpty() || empty.IsFull() {
		t.Error("full and empty are confused")
	}
	if topic := TopicOf("status"); !full.Contains(topic) || empty.Contains(topic) {
		t.Error("full takes everything, empty nothing")
	}
}
