package whisper

import "encoding/binary"

// BloomLength is the length of a bloom filter in bytes (EIP-627).
const BloomLength = 64

// Bloom is a filter of 512 bits over topics: three bits each. A node announces the OR of its topics' blooms and is
// then sent only the envelopes that fit (EIP-627).
//
// Deployed nodes set the three bits of a topic by assigning whole bytes, so of two bits in one byte the first is
// lost; that concerns about 4 percent of topics. Hence two forms: [Topic.Bloom] is theirs and judges what a peer
// wants, since a peer may have announced only those bits; [Topic.WideBloom] is EIP-627's and goes into a filter
// of one's own, since it contains whatever bits either kind of node tests.
type Bloom [BloomLength]byte

// FullBloom lets every topic through.
func FullBloom() (b Bloom) {
	for i := range b {
		b[i] = 0xff
	}
	return b
}

// Bloom is the topic's bloom as deployed nodes compute it, with up to two bits lost.
func (t Topic) Bloom() (b Bloom) {
	for _, n := range t.bits() {
		b[n/8] = 1 << (n % 8)
	}
	return b
}

// WideBloom is the topic's bloom with all its bits.
func (t Topic) WideBloom() (b Bloom) {
	b.Add(t)
	return b
}

// bits are the places of the topic's three bits, counted from the lowest bit of the first byte. The fourth byte of
// the topic gives the ninth bit of each place.
func (t Topic) bits() (places [3]int) {
	for j := range places {
		places[j] = int(t[j]) | int(t[3]>>j&1)<<8
	}
	return places
}

// Add widens the filter to let t through, whichever form a peer judges by.
func (b *Bloom) Add(t Topic) {
	for _, n := range t.bits() {
		b[n/8] |= 1 << (n % 8)
	}
}

// Contains tells whether a node that announced b wants envelopes of topic t.
func (b Bloom) Contains(t Topic) bool {
	sample := t.Bloom()
	for i := 0; i < BloomLength; i += 8 {
		s := binary.LittleEndian.Uint64(sample[i:])
		if binary.LittleEndian.Uint64(b[i:])&s != s {
			return false
		}
	}
	return true
}

// IsFull tells whether every topic passes.
func (b Bloom) IsFull() bool { return b == FullBloom() }

// IsEmpty tells whether no topic passes.
func (b Bloom) IsEmpty() bool { return b == Bloom{} }
