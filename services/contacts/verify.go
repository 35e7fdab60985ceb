package contacts

import (
	"context"
	"image"
	"strings"
	"unicode"
	"unicode/utf8"

	"sotto/models"
	"sotto/node/identity"
	"sotto/services/fault"
	"sotto/services/qr"
)

// mostNickname is how many characters a nickname may have.
const mostNickname = 64

// codePicture is the width in pixels of a picture of a code or link.
const codePicture = 512

// Code is what two people compare to know that nobody stands between them: sixty digits in twelve groups, the same on both
// sides.
func (s *Service) Code(_ context.Context, key string) (code string, err error) {
	who, err := parseKey(key)
	if err != nil {
		return "", err
	}
	err = s.open.With(func(a *Account) error {
		if who == a.Pair.Self() {
			return errOwnKey
		}
		code = identity.SafetyCode(a.Pair.Self(), who)
		return nil
	})
	return code, err
}

// CodeQR is the picture of Code.
func (s *Service) CodeQR(ctx context.Context, key string) (image.Image, error) {
	code, err := s.Code(ctx, key)
	if err != nil {
		return nil, err
	}
	return qr.Encode(code, codePicture)
}

// Verify takes note that the code that the other side shows is ours. The codes are no_such_contact, and not_allowed where it
// is another one.
func (s *Service) Verify(ctx context.Context, key, code string) (Contact, error) {
	return s.change(ctx, key, func(a *Account, tx *models.Tx, p *person) error {
		if p.state() != Added {
			return errNoContact
		}
		if !identity.SameSafetyCode(identity.SafetyCode(a.Pair.Self(), p.who), code) {
			return errOtherCode
		}
		p.contact.VerifiedAt = a.Now().UnixMilli()
		return tx.PutContact(&p.contact)
	})
}

// Unverify takes that back.
func (s *Service) Unverify(ctx context.Context, key string) (Contact, error) {
	return s.change(ctx, key, func(_ *Account, tx *models.Tx, p *person) error {
		if p.contact.VerifiedAt == 0 {
			return nil
		}
		p.contact.VerifiedAt = 0
		return tx.PutContact(&p.contact)
	})
}

// SetNickname gives a contact a name that only this account sees; an empty one takes it away. The codes are no_such_contact
// and bad_name.
func (s *Service) SetNickname(ctx context.Context, key, name string) (Contact, error) {
	name = strings.TrimSpace(name)
	if utf8.RuneCountInString(name) > mostNickname || !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
		return Contact{}, fault.New(fault.BadName, "A nickname has at most 64 characters, all of which can be seen.")
	}
	return s.change(ctx, key, func(_ *Account, tx *models.Tx, p *person) error {
		if p.contact.State == 0 {
			return errNoContact
		}
		p.contact.Nickname = name
		return tx.PutContact(&p.contact)
	})
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
