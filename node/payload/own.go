package payload

// What only another device of our own says. See OpenPrivate.

func openPair(opened Opened, at PrivateArrival) (Private, error) {
	pair, err := DecodePair(opened.Payload)
	if err != nil {
		return Private{}, err
	}
	return Private{Opened: opened, Pair: pair.trusting(), Backdated: backdated(pair.Clock, at.Sent)}, pair.Validate(at.Sent)
}

func openSyncContact(opened Opened, at PrivateArrival) (Private, error) {
	contact, err := DecodeSyncContact(opened.Payload)
	if err != nil {
		return Private{}, err
	}
	return Private{Opened: opened, SyncContact: contact.trusting(), Backdated: backdated(contact.Clock, at.Sent)},
		contact.Validate(at.Sent)
}

func openSyncChat(opened Opened, at PrivateArrival) (Private, error) {
	chat, err := DecodeSyncChat(opened.Payload)
	if err != nil {
		return Private{}, err
	}
	return Private{Opened: opened, SyncChat: chat, Backdated: backdated(chat.Clock, at.Sent)}, chat.Validate(at.Sent)
}

func openSyncState(opened Opened, at PrivateArrival) (Private, error) {
	state, err := DecodeSyncState(opened.Payload)
	if err != nil {
		return Private{}, err
	}
	return Private{Opened: opened, SyncState: state.trusting(), Backdated: backdated(state.Clock, at.Sent)},
		state.Validate(at.Sent)
}
