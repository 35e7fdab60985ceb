package secure

import (
	"time"

	"sotto/node/identity"
)

// healPause is how often at most somebody is told to begin anew.
const healPause = 2 * time.Hour

// Advertise makes the message that lets somebody begin anew: encrypted to their identity, empty, with our bundle
// (specification, "device not found"). It has a new prekey, and no session with them is used for sending any more: so both
// ends agree that what was before is over. It says false, and makes nothing, where they were told less than two hours ago.
//
// A new prekey makes others' sessions begin anew, too, and the answer tells that somebody is here. So whom to give one is for
// the caller to say: not every stranger that writes nonsense.
func (d Device) Advertise(s State, to identity.PublicKey, now time.Time) (Sealed, bool, error) {
	last, err := s.Healed(to)
	if err != nil || !last.IsZero() && now.Sub(last) < healPause && !now.Before(last) {
		return Sealed{}, false, err
	}
	if err := s.PutHealed(to, now); err != nil {
		return Sealed{}, false, err
	}
	if err := s.RetireSessions(to, ""); err != nil {
		return Sealed{}, false, err
	}
	own, _, err := s.OwnPrekey()
	if err != nil {
		return Sealed{}, false, err
	}
	if _, err := d.renew(s, own.Version, now); err != nil {
		return Sealed{}, false, err
	}
	sealed, err := d.sealForAny(s, to, nil, now)
	return sealed, err == nil, err
}
