package whisper

// marks is a set of small numbers. The first 64 need no memory of their own.
type marks struct {
	low  uint64
	high []uint64
}

func (m *marks) has(i int) bool {
	if i < 64 {
		return m.low>>i&1 == 1
	}
	word := i/64 - 1
	return word < len(m.high) && m.high[word]>>(i%64)&1 == 1
}

func (m *marks) set(i int) {
	if i < 64 {
		m.low |= 1 << i
		return
	}
	word := i/64 - 1
	for len(m.high) <= word {
		m.high = append(m.high, 0)
	}
	m.high[word] |= 1 << (i % 64)
}

func (m *marks) clear(i int) {
	if i < 64 {
		m.low &^= 1 << i
	} else if word := i/64 - 1; word < len(m.high) {
		m.high[word] &^= 1 << (i % 64)
	}
}
