package chats

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services/ingest"
)

// readCode is how long somebody's contact code is listened to after their chat was opened without a fresh bundle.
const readCode = 10 * time.Minute

// freshBundle is how old a bundle may be before a look at the contact code is worth while: programs renew them daily.
const freshBundle = 24 * time.Hour

// Labels under which topics are kept that are no public channel's. No channel's name has a colon.
const (
	labelOwn        = "own:"
	labelNegotiated = "negotiated:" // and whose
	labelCode       = "code:"       // and whose
)

// station is a topic that is listened to: for private conversations, or a public channel's, whose label is its name.
type station struct {
	label string
	route ingest.Route
	owner identity.PublicKey
}

// stations are what the database says should be listened to: our contact code, which brings the bundles of our other
// devices, and what we share with everybody who has a private chat with us. Of the partitioned topic see listenOwn.
func (a *account) stations(tx *models.Tx) ([]station, error) {
	list := []station{{labelCode + a.author.String(), ingest.ContactCode, a.author}}
	people, err := partners(tx)
	if err != nil {
		return nil, err
	}
	for _, who := range people {
		list = append(list, station{labelNegotiated + who.String(), ingest.Private, who})
	}
	for who := range a.readings(a.Transport.Now()) {
		list = append(list, station{labelCode + who.String(), ingest.ContactCode, who})
	}
	return list, nil
}

// partners are those with whom there is a private chat, and those with whom there was one and who are not blocked: they go on
// writing where both wrote before, and that is a request then.
func partners(tx *models.Tx) (list []identity.PublicKey, err error) {
	chats, err := tx.Chats()
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, c := range chats {
		if c.Kind == models.PrivateChat {
			keys = append(keys, c.Name)
		}
	}
	before, err := tx.TopicNames(labelNegotiated)
	if err != nil {
		return nil, err
	}
	for _, label := range before {
		keys = append(keys, strings.TrimPrefix(label, labelNegotiated))
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		who, err := identity.ParsePublicKey(key)
		if err != nil {
			return nil, err
		}
		contact, _, err := tx.Contact(who)
		if err != nil {
			return nil, err
		}
		heard := contact.State != models.ContactBlocked
		if contact.State == models.ContactIgnored {
			if heard, err = tx.SharesGroup(who); err != nil {
				return nil, err
			}
		}
		if heard {
			list = append(list, who)
		}
	}
	return list, nil
}

// readings are those whose contact code is read now.
func (a *account) readings(now time.Time) map[identity.PublicKey]time.Time {
	a.codes.Lock()
	defer a.codes.Unlock()
	maps.DeleteFunc(a.reading, func(_ identity.PublicKey, until time.Time) bool { return !now.Before(until) })
	return maps.Clone(a.reading)
}

// read listens to somebody's contact code for a while.
func (a *account) read(who identity.PublicKey) {
	a.codes.Lock()
	defer a.codes.Unlock()
	a.reading[who] = a.Transport.Now().Add(readCode)
}

// hasRead ends that, and says whether it was so.
func (a *account) hasRead(who identity.PublicKey) bool {
	a.codes.Lock()
	defer a.codes.Unlock()
	_, was := a.reading[who]
	delete(a.reading, who)
	return was
}

// retune lets the tuner compare what is listened to with what should be.
func (a *account) retune() {
	select {
	case a.tune <- struct{}{}:
	default:
	}
}

// tuner is the goroutine that keeps the topics as the database wants them. It derives the keys of new ones, 12 ms each.
func (a *account) tuner() {
	for a.ctx.Err() == nil {
		if err := a.tuneIn(a.ctx); err != nil && a.ctx.Err() == nil {
			a.cfg.Log.Warn("not all topics are listened to yet", "err", err)
			pause(a.ctx, retryStore)
			continue
		}
		timer := time.NewTimer(readCode)
		select {
		case <-a.ctx.Done():
		case <-a.tune:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// tuneIn listens to what should be and to nothing else. The keys of new topics are derived before: meanwhile channels can be
// joined and left.
func (a *account) tuneIn(ctx context.Context) error {
	want, err := a.wanted(ctx)
	if err != nil {
		return err
	}
	for _, s := range want {
		if a.hears(s.label) {
			continue
		}
		if _, err := a.stationKey(ctx, s); err != nil {
			return err
		}
	}
	a.membership.Lock()
	defer a.membership.Unlock()
	if want, err = a.wanted(ctx); err != nil {
		return err
	}
	for _, s := range want {
		if err := a.listenTo(ctx, s); err != nil {
			return err
		}
	}
	for _, label := range a.others(want) {
		a.unlisten(label)
	}
	return nil
}

// wanted is all that should be listened to, but what is encrypted to our key; see listenOwn.
func (a *account) wanted(ctx context.Context) (want []station, err error) {
	err = a.Store.View(ctx, func(tx *models.Tx) error {
		if want, err = a.stations(tx); err != nil {
			return err
		}
		list, err := tx.Chats()
		for _, c := range list {
			if c.Kind == models.PublicChat {
				want = append(want, station{label: c.Name, route: ingest.Public})
			}
		}
		return err
	})
	return want, err
}

// others are the labels of topics that are not wanted.
func (a *account) others(want []station) (labels []string) {
	wanted := make(map[string]bool, len(want))
	for _, s := range want {
		wanted[s.label] = true
	}
	a.listening.Lock()
	defer a.listening.Unlock()
	for label := range a.topics {
		if label != labelOwn && !wanted[label] {
			labels = append(labels, label)
		}
	}
	return labels
}

// listenTo subscribes to a station, once.
func (a *account) listenTo(ctx context.Context, s station) error {
	if a.hears(s.label) {
		return nil
	}
	ch, err := a.stationKey(ctx, s)
	if err != nil {
		return err
	}
	return a.subscribe(s.label, func(handle func(Delivery)) (func(), error) { return a.Transport.Subscribe(ch, handle) },
		s.envelope())
}

// envelope is what a station brings, as far as that is known before it comes.
func (s station) envelope() ingest.Envelope {
	if s.route == ingest.Public {
		return ingest.Envelope{Route: s.route, Chat: s.label}
	}
	return ingest.Envelope{Route: s.route, Owner: s.owner}
}

func (a *account) hears(label string) bool {
	a.listening.Lock()
	defer a.listening.Unlock()
	_, already := a.topics[label]
	return already
}

// stationKey is where a station lives. What follows from its secret or its owner's key is derived once and stored.
func (a *account) stationKey(ctx context.Context, s station) (Channel, error) {
	return a.derived(ctx, s.label, func() (string, error) {
		switch s.route {
		case ingest.Public:
			return s.label, nil
		case ingest.ContactCode:
			return secure.ContactCodeTopic(s.owner), nil
		}
		return secure.NegotiatedTopic(a.Key, s.owner)
	})
}

// listenOwn subscribes to what is encrypted to our key, on the partitioned topic.
func (a *account) listenOwn() error {
	topic := whisper.TopicOf(secure.PartitionedTopic(a.author))
	return a.subscribe(labelOwn, func(handle func(Delivery)) (func(), error) {
		return a.Transport.SubscribePrivate(topic, a.Key, handle)
	}, ingest.Envelope{Route: ingest.Private})
}

// listenStored subscribes to the stations whose keys are stored: nothing is derived before the node starts. The tuner does
// the rest.
func (a *account) listenStored(ctx context.Context) error {
	type known struct {
		station
		ch Channel
	}
	var list []known
	err := a.Store.View(ctx, func(tx *models.Tx) error {
		stations, err := a.stations(tx)
		if err != nil {
			return err
		}
		for _, s := range stations {
			stored, found, err := tx.TopicKey(s.label)
			if err != nil {
				return err
			}
			if found {
				list = append(list, known{s, channelOf(stored)})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range list {
		err := a.subscribe(k.label, func(handle func(Delivery)) (func(), error) { return a.Transport.Subscribe(k.ch, handle) },
			ingest.Envelope{Route: k.route, Owner: k.owner})
		if err != nil {
			return err
		}
	}
	return nil
}

// subscribe hands what a topic brings to ingest, as envelopes like the given one. It does so once for each label, and no more
// when the account is being detached: nobody would end it.
func (a *account) subscribe(label string, how func(func(Delivery)) (func(), error), like ingest.Envelope) error {
	a.listening.Lock()
	defer a.listening.Unlock()
	if err := a.ctx.Err(); err != nil {
		return err
	}
	if _, already := a.topics[label]; already {
		return nil
	}
	end, err := how(func(d Delivery) {
		e := like
		e.Hash, e.Payload, e.Signer, e.Sent, e.Peer = d.Hash, d.Payload, d.Signer, d.Sent, d.Peer
		a.ingest.Offer(a.ctx, e)
	})
	if err != nil {
		return fmt.Errorf("listen to a topic: %w", err)
	}
	a.topics[label] = end
	a.cfg.Topics()
	return nil
}
