package ingest

import (
	"testing"
	"testing/synctest"

	"sotto/models"
	"sotto/node/secure"
)

// A message that is far ahead of its turn is opened when it comes again after those before it; one that can never be opened is
// tried once.
func TestWhatIsAheadOfItsTurnIsTriedAgain(t *testing.T) {
	for reason, taken := range map[secure.Reason]uint64{secure.ReasonGap: 1, secure.ReasonMAC: 0} {
		t.Run(string(reason), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				refuses := true
				r := start(t, keep)
				defer r.stop()
				r.Opened = map[Route]Opener{Private: func(*models.Tx, Envelope) (Effects, error) {
					if refuses {
						return Effects{}, reason
					}
					return Effects{}, nil
				}}
				e := envelope(t, newKey("kay"), "lobby", "hello")
				e.Route = Private
				r.Offer(t.Context(), e)
				settle()
				refuses = false // what was before it came
				r.Offer(t.Context(), e)
				r.Offer(t.Context(), e)
				settle()
				if c := r.Counts(); c.Taken != taken || c.Refused[Reason(reason)] != 1 || c.Refused[Duplicate] != 2-taken {
					t.Errorf("counts %+v", c)
				}
			})
		})
	}
}
