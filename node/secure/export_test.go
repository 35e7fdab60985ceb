package secure

// What the recorded messages are taken apart with.
func BundlesOf(raw []byte) ([][]byte, error) {
	m, err := decodeMessage(raw)
	return m.bundles, err
}
