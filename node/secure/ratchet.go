package secure

import (
	"encoding/binary"
	"io"
	"math"
)

// Limits of a session (Status spec 5/SECURE-TRANSPORT).
const (
	maxSkip    = 1000 // messages that one message may leave out, in each of two chains
	maxSkipped = 2000 // keys kept of a session
)

// sealNext encrypts the next message of the sending chain and moves the session on.
func (s *Session) sealNext(random io.Reader, plaintext []byte) (header, []byte, error) {
	next, key := nextChain(s.SendChain)
	h := header{ratchet: s.OwnPublic, n: s.SendN, pn: s.PN}
	ciphertext, err := encrypt(random, key, h, plaintext)
	if err != nil {
		return header{}, nil, err
	}
	s.SendChain, s.SendN = next, s.SendN+1
	return h, ciphertext, nil
}

// openNext decrypts a message whose key was not skipped earlier. It moves a copy of the session on and returns it with
// the keys of messages that were left out; nothing of it holds unless the message proves genuine.
func (s Session) openNext(random io.Reader, h header, ciphertext []byte) (Session, []SkippedKey, []byte, error) {
	var skipped []SkippedKey
	if h.ratchet != s.Remote || s.RecvChain == [32]byte{} {
		more, err := s.skipTo(h.pn)
		if err != nil {
			return s, nil, nil, err
		}
		skipped = more
		if s.RecvChain != [32]byte{} {
			skipped = append(skipped, endOf(s.Remote, s.RecvN))
		}
		if err := s.turn(random, h.ratchet); err != nil {
			return s, nil, nil, err
		}
	}
	more, err := s.skipTo(h.n)
	if err != nil {
		return s, nil, nil, err
	}
	if h.n < s.RecvN {
		return s, nil, nil, ReasonPast
	}
	next, key := nextChain(s.RecvChain)
	plaintext, err := decrypt(key, h, ciphertext)
	if err != nil {
		return s, nil, nil, err
	}
	s.RecvChain, s.RecvN = next, s.RecvN+1
	return s, append(skipped, more...), plaintext, nil
}

// chainEnd is the number under which the length of a receiving chain that has ended lies among the skipped keys: what has a
// lower number and no key there was read before. No message has it, since no chain gets that long.
const chainEnd = math.MaxUint32

func endOf(ratchet Point, length uint32) SkippedKey {
	end := SkippedKey{Ratchet: ratchet, N: chainEnd}
	binary.BigEndian.PutUint32(end.Key[:], length)
	return end
}

// skipTo moves the receiving chain on to message n, if it began, and returns the keys that it passes.
func (s *Session) skipTo(n uint32) ([]SkippedKey, error) {
	if s.RecvChain == ([32]byte{}) || n <= s.RecvN {
		return nil, nil
	}
	if n-s.RecvN > maxSkip {
		return nil, ReasonGap
	}
	keys := make([]SkippedKey, 0, n-s.RecvN)
	for ; s.RecvN < n; s.RecvN++ {
		next, key := nextChain(s.RecvChain)
		keys = append(keys, SkippedKey{Ratchet: s.Remote, N: s.RecvN, Key: key})
		s.RecvChain = next
	}
	return keys, nil
}

// turn is a step of the Diffie-Hellman ratchet: a receiving chain for their new key, and a sending chain for a new one of
// ours.
func (s *Session) turn(random io.Reader, remote Point) error {
	theirs, err := onCurve(remote)
	if err != nil {
		return err
	}
	secret, err := ecdh(s.Own, theirs)
	if err != nil {
		return err
	}
	s.Root, s.RecvChain = nextRoot(s.Root, secret)
	own, err := newPair(random)
	if err != nil {
		return err
	}
	s.Own, s.OwnPublic, s.Remote = own.private, own.public, remote
	if secret, err = ecdh(s.Own, theirs); err != nil {
		return err
	}
	s.PN, s.SendN, s.RecvN = s.SendN, 0, 0
	s.Root, s.SendChain = nextRoot(s.Root, secret)
	return nil
}
