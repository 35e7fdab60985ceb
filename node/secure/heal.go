package secure

import (
	"time"

	"sotto/node/identity"
)

// How often somebody is told to begin anew: with a new prekey once in healPause, and meanwhile with the same advertisement
// again, first after repeatPause and each time after a wait that is repeatGrowth times as long. So it goes out five times at
// most before there is another.
const (
	healPause    = 2 * time.Hour
	repeatPause  = time.Minute
	repeatGrowth = 4
)

// Advertise makes the message that lets somebody begin anew: encrypted to their identity, empty, with our bundle
// (specification, "device not found"). It has a new prekey, and no session with them is used for sending any more: so both
// ends agree that what was before is over. Where they were told less than two hours ago, that message may be lost: it is the
// same one once more then, byte for byte, so that whoever has it takes no notice. It says false, and makes nothing, where it
// went out only just now.
//
// A new prekey makes others' sessions begin anew, too, and the answer tells that somebody is here. So whom to give one is for
// the caller to say: not every stranger that writes nonsense.
func (d Device) Advertise(s State, to identity.PublicKey, now time.Time) (Sealed, bool, error) {
	last, err := s.Healed(to)
	if err != nil {
		return Sealed{}, false, err
	}
	if since := now.Sub(last.At); !last.At.IsZero() && since >= 0 && since < healPause { // by either sign: clocks are set back
		return last.again(s, to, now)
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
	if err != nil {
		return Sealed{}, false, err
	}
	now = now.Truncate(time.Millisecond)
	return sealed, true, s.PutHealed(to, Healing{At: now, Sent: now, Sends: 1, Message: sealed.Message})
}

// again is the advertisement once more, if it is time.
func (h Healing) again(s State, to identity.PublicKey, now time.Time) (Sealed, bool, error) {
	if len(h.Message) == 0 || now.Sub(h.Sent) < h.pause() {
		return Sealed{}, false, nil
	}
	h.Sent, h.Sends = now.Truncate(time.Millisecond), h.Sends+1
	if err := s.PutHealed(to, h); err != nil {
		return Sealed{}, false, err
	}
	return Sealed{Message: h.Message}, true, nil
}

// pause is how long nothing is repeated.
func (h Healing) pause() time.Duration {
	d := repeatPause
	for i := 1; i < h.Sends && d < healPause; i++ {
		d *= repeatGrowth
	}
	return d
}
