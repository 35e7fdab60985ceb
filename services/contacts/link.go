package contacts

import (
	"context"
	"image"
	"io"

	"sotto/models"
	"sotto/node/identity"
	"sotto/services/fault"
	"sotto/services/link"
	"sotto/services/qr"
)

// Link is our own contact link: our key and our bundle, so that a first message to us is forward secret already.
func (s *Service) Link(ctx context.Context) (text string, err error) {
	err = s.open.With(func(a *Account) error {
		return a.Store.Update(ctx, func(tx *models.Tx) error {
			bundle, err := a.Pair.Bundle(tx)
			if err != nil {
				return err
			}
			text = link.Contact(a.Pair.Self(), bundle, "")
			return nil
		})
	})
	return text, err
}

// QR is the picture of Link.
func (s *Service) QR(ctx context.Context) (image.Image, error) {
	text, err := s.Link(ctx)
	if err != nil {
		return nil, err
	}
	return qr.Encode(text, codePicture)
}

// AddPicture is Add of the key or link in a picture of a QR code: PNG, JPEG or GIF. Beside its codes it is bad_link where there
// is none in it.
func (s *Service) AddPicture(ctx context.Context, picture io.Reader) (Contact, error) {
	text, err := qr.Decode(picture)
	if err != nil {
		return Contact{}, err
	}
	return s.Add(ctx, text)
}

// parseContact reads what names a person.
func parseContact(text string) (link.Link, error) {
	l, err := link.Parse(text)
	if err != nil {
		return link.Link{}, err
	}
	if l.Kind != link.KindContact {
		return link.Link{}, fault.New(fault.BadLink, "This link does not name a person.")
	}
	return l, nil
}

// parseKey reads a key in any form, or the one in a contact link.
func parseKey(text string) (identity.PublicKey, error) {
	l, err := parseContact(text)
	return l.Key, err
}
