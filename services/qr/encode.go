package qr

import (
	"errors"
	"image"

	"github.com/skip2/go-qrcode"

	"sotto/services/fault"
)

// MaxText is the most bytes of a text that a QR code holds here: version 40, of which 15 % may be unreadable.
const MaxText = 2331

var errTooLong = fault.New(fault.BadLink, "This is too long for a QR code.")

// Encode draws a text as a QR code, black on white with the quiet zone of four modules that readers need. The picture is
// square and size pixels wide, or, where that is less than a pixel for each module, as wide as it must be (at most 185).
// The error is a fault, fault.BadLink, for a text that is empty or has more than MaxText bytes.
func Encode(text string, size int) (image.Image, error) {
	if text == "" {
		return nil, fault.New(fault.BadLink, "There is nothing to make a QR code of.")
	}
	if len(text) > MaxText {
		return nil, errTooLong
	}
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fault.Wrap(fault.BadLink, errTooLong.Text, errors.New("QR code: no version fits"))
	}
	return code.Image(max(size, 1)), nil
}
