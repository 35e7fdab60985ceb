package account

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"sotto/services/fault"
)

// Phrase is the recovery phrase of the open account, as long as its backup is not confirmed. It refuses with locked, or
// with not_allowed once the phrase is no longer kept.
func (s *Service) Phrase(ctx context.Context) (string, error) {
	done, err := s.exclusive(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	o, err := s.pending()
	if err != nil {
		return "", err
	}
	return o.secrets.phrase, nil
}

// Challenge draws which words ConfirmBackup has to be given: three different positions, counted from 1, ascending. Each
// call draws anew. It refuses as Phrase does.
func (s *Service) Challenge(ctx context.Context) ([ChallengeWords]int, error) {
	done, err := s.exclusive(ctx)
	if err != nil {
		return [ChallengeWords]int{}, err
	}
	defer done()
	o, err := s.pending()
	if err != nil {
		return [ChallengeWords]int{}, err
	}
	positions, err := s.draw(len(strings.Fields(o.secrets.phrase)))
	if err != nil {
		return [ChallengeWords]int{}, err
	}
	o.challenge = positions
	return positions, nil
}

// ConfirmBackup compares the words at the positions that Challenge drew last. When they are right, the phrase is deleted
// from the vault. It refuses with bad_phrase, which points out the first wrong word, with storage, and as Phrase does.
func (s *Service) ConfirmBackup(ctx context.Context, words map[int]string) error {
	done, err := s.exclusive(ctx)
	if err != nil {
		return err
	}
	defer done()
	o, err := s.pending()
	if err != nil {
		return err
	}
	if err := o.compare(words); err != nil {
		return err
	}
	kept := *o.secrets
	kept.phrase = ""
	file := o.file.clone()
	if err := file.seal(s.cfg.Rand, o.wrapping, &kept); err != nil {
		return err
	}
	if err := s.replace(o, file, &kept); err != nil {
		return err
	}
	o.secrets.wipe()
	return nil
}

// pending is the open account while its vault still has the phrase.
func (s *Service) pending() (*opened, error) {
	o, err := s.unlocked()
	if err != nil {
		return nil, err
	}
	if o.secrets.phrase == "" {
		return nil, fault.New(fault.NotAllowed,
			"Your recovery phrase is no longer kept here, because you confirmed that you have it.")
	}
	return o, nil
}

func (o *opened) compare(words map[int]string) error {
	if o.challenge == [ChallengeWords]int{} {
		return fault.New(fault.BadPhrase, "First look which words are asked for.")
	}
	phrase := strings.Fields(o.secrets.phrase)
	for _, position := range o.challenge {
		given := strings.ToLower(strings.TrimSpace(words[position]))
		if subtle.ConstantTimeCompare([]byte(given), []byte(phrase[position-1])) != 1 {
			return fault.New(fault.BadPhrase, fmt.Sprintf("Word %d is another one. Look at your list again.", position))
		}
	}
	return nil
}

// draw picks different positions from 1 to n, every choice as likely as another.
func (s *Service) draw(n int) (positions [ChallengeWords]int, err error) {
	for i := 0; i < ChallengeWords; {
		b, err := randomBytes(s.cfg.Rand, 4)
		if err != nil {
			return positions, err
		}
		v := binary.BigEndian.Uint32(b)
		p := int(v%uint32(n)) + 1 // n is at most 24: the bias is under one in 10^8
		if !slices.Contains(positions[:i], p) {
			positions[i] = p
			i++
		}
	}
	slices.Sort(positions[:])
	return positions, nil
}
