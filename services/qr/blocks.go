package qr

import (
	"errors"

	"github.com/skip2/go-qrcode"

	"sotto/services/fault"
)

// Blocks draws a text as a QR code for a terminal that shows light characters on a dark ground: lines of half blocks, two
// modules in each. It can be read from a screen alone, so that less of it may be unreadable than of Encode's, and it is
// smaller. The error is Encode's.
func Blocks(text string) (string, error) {
	if text == "" {
		return "", fault.New(fault.BadLink, "There is nothing to make a QR code of.")
	}
	if len(text) > MaxText {
		return "", errTooLong
	}
	code, err := qrcode.New(text, qrcode.Low)
	if err != nil {
		return "", fault.Wrap(fault.BadLink, errTooLong.Text, errors.New("QR code: no version fits"))
	}
	return code.ToSmallString(false), nil
}
