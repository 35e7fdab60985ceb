// Package fault is how services say no: a code that programs compare and one sentence that a person can act on.
//
// The codes are part of the contract of the headless client (docs/sottod.md). A fault never carries a secret: not a
// password, a phrase, a key, or the text of a message.
package fault

import "errors"

// Code names a reason. Codes are stable: scripts compare them.
type Code string

// The codes that services return.
const (
	WrongPassword  Code = "wrong_password"
	BadPhrase      Code = "bad_phrase"
	Locked         Code = "locked"
	AccountExists  Code = "account_exists"
	AccountInUse   Code = "account_in_use"
	NoKeychain     Code = "no_keychain"
	NoSuchAccount  Code = "no_such_account"
	NoSuchChat     Code = "no_such_chat"
	NoSuchMessage  Code = "no_such_message"
	NoSuchContact  Code = "no_such_contact"
	NoSuchNetwork  Code = "no_such_network"
	NoSuchDevice   Code = "no_such_device"
	BadName        Code = "bad_name"
	BadKey         Code = "bad_key"
	BadLink        Code = "bad_link"
	BadEnode       Code = "bad_enode"
	OwnKey         Code = "own_key"
	TextBlank      Code = "text_blank"
	TextTooLong    Code = "text_too_long"
	NotAllowed     Code = "not_allowed"
	StorageProblem Code = "storage"
)

// Error is a refusal. Text is for a person: plain, short, what happened and what to do. Err is the cause, if any; it
// goes to logs, never to the person's first line.
type Error struct {
	Code Code
	Text string
	Err  error
}

// New returns a refusal without a deeper cause.
func New(code Code, text string) *Error { return &Error{Code: code, Text: text} }

// Wrap returns a refusal that keeps its cause.
func Wrap(code Code, text string, err error) *Error { return &Error{Code: code, Text: text, Err: err} }

func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Code) + ": " + e.Text
	}
	return string(e.Code) + ": " + e.Text + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, &Error{Code: c}) compare codes alone.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Text == ""
}

// CodeOf is the code of the first refusal in err's chain, or "" if there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// Sentence is what a person is shown for err: the refusal's own text, or one neutral sentence for anything else.
func Sentence(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Text
	}
	return "Something went wrong. Nothing was lost; try again."
}
