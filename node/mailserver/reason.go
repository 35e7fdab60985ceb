package mailserver

import "errors"

// Reason names why a request was not answered. Reasons are counted in [ServerStats].
type Reason string

// Reasons not to answer a request.
const (
	ReasonNotAllowed Reason = "not_allowed" // the peer is not on the list of those who may ask
	ReasonRate       Reason = "rate"        // the peer, or its address, asks too often
	ReasonBusy       Reason = "busy"        // too many requests wait
	ReasonMalformed  Reason = "malformed"   // no envelope, or nothing legal in it
	ReasonPassword   Reason = "password"    // encrypted with another password or for another node
	ReasonUnsigned   Reason = "unsigned"    // nobody signed it
	ReasonStale      Reason = "stale"       // made at another time than now
	ReasonReplay     Reason = "replay"      // it came before
	ReasonInvalid    Reason = "invalid"     // it asks for what no server gives, or cannot be read
	ReasonArchive    Reason = "archive"     // the archive failed
	ReasonGone       Reason = "gone"        // the peer left, or did not read
)

// texts are what a refused client is told. ErrBusy stands for those that begin with one of busyWords.
var texts = map[Reason]string{
	ReasonNotAllowed: "not allowed: this mailserver answers its members only",
	ReasonRate:       "rate limit exceeded",
	ReasonBusy:       "busy: too many requests wait",
	ReasonMalformed:  "request is invalid: it cannot be read",
	ReasonPassword:   "request is invalid: it is encrypted with another password",
	ReasonUnsigned:   "request is invalid: it is not signed",
	ReasonStale:      "request is invalid: it was made at another time; a clock is wrong",
	ReasonArchive:    "busy: the archive cannot be read now",
}

var busyWords = []string{"busy", "rate limit"}

func (r Reason) text() string { return texts[r] }

// failure is why a request is not answered.
type failure struct {
	reason Reason
	err    error // more about it, for the log; may be nil
}

func (f *failure) Error() string { return string(f.reason) }

func (f *failure) Unwrap() error { return f.err }

// text is what the client is told: in the case of an invalid request what is invalid about it.
func (f *failure) text() string {
	if f.reason == ReasonInvalid && errors.Is(f.err, ErrRequest) {
		return f.err.Error()
	}
	return f.reason.text()
}
