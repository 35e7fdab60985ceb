package whisper

import "github.com/ethereum/go-ethereum/rlp"

// SyncRequest is packet 123: a mailserver asks another for the envelopes sent between Lower and Upper (Unix
// seconds) whose topics are in Bloom.
type SyncRequest struct {
	Lower, Upper uint32
	Bloom        Bloom
	Limit        uint32
	Cursor       []byte
}

// SyncResponse is packet 124. Envelopes are their RLP; Final says that no further response comes; Failure ends the
// exchange.
type SyncResponse struct {
	Envelopes [][]byte
	Cursor    []byte
	Final     bool
	Failure   string
}

// EncodeSyncRequest is the payload of packet 123.
func EncodeSyncRequest(q SyncRequest) []byte {
	return encodeList(func(w rlp.EncoderBuffer) {
		w.WriteUint64(uint64(q.Lower))
		w.WriteUint64(uint64(q.Upper))
		w.WriteBytes(q.Bloom[:])
		w.WriteUint64(uint64(q.Limit))
		w.WriteBytes(q.Cursor)
	})
}

// DecodeSyncRequest reads the payload of packet 123. The cursor shares memory with payload.
func DecodeSyncRequest(payload []byte) (q SyncRequest, err error) {
	r, err := readList(payload)
	if err != nil {
		return q, err
	}
	q.Lower, q.Upper = r.uint32(), r.uint32()
	r.fixed(q.Bloom[:])
	q.Limit = r.uint32()
	q.Cursor = r.cursor()
	return q, r.end()
}

// EncodeSyncResponse is the payload of packet 124.
func EncodeSyncResponse(s SyncResponse) []byte {
	return encodeList(func(w rlp.EncoderBuffer) {
		writeRaws(w, s.Envelopes)
		w.WriteBytes(s.Cursor)
		w.WriteBool(s.Final)
		w.WriteString(s.Failure)
	})
}

// DecodeSyncResponse reads the payload of packet 124. Envelopes are handed on undecoded and share memory with
// payload, like the cursor.
func DecodeSyncResponse(payload []byte) (s SyncResponse, err error) {
	r, err := readList(payload)
	if err != nil {
		return s, err
	}
	envelopes := r.list()
	err = splitRaws(envelopes, func(raw []byte) error {
		s.Envelopes = append(s.Envelopes, raw)
		return nil
	})
	if err != nil {
		return SyncResponse{}, err
	}
	s.Cursor = r.cursor()
	s.Final = r.bool()
	s.Failure = string(r.bytes())
	if err := r.end(); err != nil {
		return SyncResponse{}, err
	}
	return s, nil
}
