package history

import "time"

// Progress is how far catching up with what waited at mailservers has come.
type Progress struct {
	Chat    string // whose history was asked for; empty: everything that was missed
	Done    int    // envelopes taken in
	Total   int    // about how many there are; 0 while that is not known
	Server  string // what the mailserver that answers is called, such as mail-01.example.org; empty while nobody does
	Running bool
}

// Coverage is a span of time for which a mailserver gave everything that it had of a chat.
type Coverage struct {
	Chat   string
	From   time.Time
	To     time.Time
	Server string // enode URL
}

// Gap is a span of time in which there may be messages that this account does not have.
type Gap struct {
	Chat string
	From time.Time
	To   time.Time
	Text string // one sentence for a person: why it is not filled, or that it is being filled
}

// Server is a mailserver and how it served so far.
type Server struct {
	Enode     string
	Name      string // host name or address
	Connected bool
	Promises  bool          // it acknowledges only what its archive has committed
	Retention time.Duration // how long it keeps envelopes; 0: unknown
	Answered  time.Time     // when it last answered completely; zero: never
	Failures  int           // since then
	Missed    int           // envelopes that others had and it did not
	Trouble   string        // one sentence about its last failure; empty while it works
}
