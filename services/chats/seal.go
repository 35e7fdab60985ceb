package chats

import (
	"sotto/models"
	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services/ingest"
)

// seal encrypts a row for where it goes. To a topic that we share with somebody nothing is sent before we listen to it.
func (a *account) seal(row models.Outgoing) (Sealed, error) {
	if row.Kind == models.PrivateOutgoing {
		return a.sealPrivate(row)
	}
	if row.Kind == models.ContactCodeOutgoing {
		ch, err := a.stationKey(a.ctx, station{labelCode + a.author.String(), ingest.ContactCode, a.author})
		if err != nil {
			return Sealed{}, err
		}
		return a.Transport.Seal(a.ctx, ch, row.Payload, a.Key)
	}
	var chat models.Chat
	err := a.Store.View(a.ctx, func(tx *models.Tx) (err error) {
		chat, _, err = tx.ChatByID(row.Chat)
		return err
	})
	if err != nil {
		return Sealed{}, err
	}
	ch, err := a.channel(a.ctx, chat.Name)
	if err != nil {
		return Sealed{}, err
	}
	return a.Transport.Seal(a.ctx, ch, row.Payload, a.Key)
}

func (a *account) sealPrivate(row models.Outgoing) (Sealed, error) {
	to, err := identity.DecodePublicKey(row.Recipient)
	if err != nil {
		return Sealed{}, err
	}
	shared := station{labelNegotiated + to.String(), ingest.Private, to}
	if err := a.listenTo(a.ctx, shared); err != nil {
		return Sealed{}, err
	}
	if row.Negotiated {
		ch, err := a.stationKey(a.ctx, shared)
		if err != nil {
			return Sealed{}, err
		}
		return a.Transport.Seal(a.ctx, ch, row.Payload, a.Key)
	}
	public, err := to.ECDSA()
	if err != nil {
		return Sealed{}, err
	}
	return a.Transport.SealTo(a.ctx, whisper.TopicOf(secure.PartitionedTopic(to)), public, row.Payload, a.Key)
}
