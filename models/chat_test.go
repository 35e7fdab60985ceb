package models

import "testing"

func TestReadPositions(t *testing.T) {
	s := open(t)
	lobby, garden := addChat(t, s, "lobby"), addChat(t, s, "garden")
	untold := func(want string) {
		t.Helper()
		view(t, s, func(tx *Tx) error {
			list, err := tx.UntoldReads()
			got := ""
			for _, c := range list {
				got += c.Name + " "
			}
			same(t, "untold", got, want, err)
			return err
		})
	}
	untold("")
	update(t, s, func(tx *Tx) error {
		if err := tx.SetRead(garden.ID, 7, 7); err != nil {
			return err
		}
		return tx.SetRead(lobby.ID, 1<<63-1, 3)
	})
	untold("lobby ")
	update(t, s, func(tx *Tx) error {
		got, _, err := tx.ChatByID(lobby.ID)
		same(t, "read to", got.ReadTo, uint64(1<<63-1), err)
		got.ReadTold = got.ReadTo
		if err := tx.PutChat(&got); err != nil {
			return err
		}
		list, err := tx.AllChats()
		same(t, "chats", len(list), 2, err)
		return err
	})
	untold("")
}
