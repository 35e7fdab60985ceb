package groups

import "sotto/models"

// Share hands to give, wrapped, what another device of ours has to know of groups that takes part from now on: the log of each,
// also of those that we left. Members who have not heard of that may have told it that we are in. What strangers invite us to is
// not told: each device has its own requests.
func (k *Keeper) Share(tx *models.Tx, give func(wrapped []byte)) error {
	chats, err := tx.AllChats()
	if err != nil {
		return err
	}
	for _, chat := range chats {
		if chat.Kind != models.GroupChat || chat.Request {
			continue
		}
		b, err := k.load(tx, chat)
		if err != nil {
			return err
		}
		whole, err := k.whole(b)
		if err != nil {
			return err
		}
		give(whole)
	}
	return nil
}
