package models

// FoundPeer is a node that was connected once without anybody having named it. It is tried first after a restart.
type FoundPeer struct {
	Node  [32]byte // node id
	Enode string   // enode URL
	Roles int      // bits of overlay.Roles
	Seen  int64    // Unix ms at which it was connected last
}

func foundPeerColumns(p *FoundPeer) []any {
	return []any{fixed(p.Node[:]), &p.Enode, &p.Roles, &p.Seen}
}

// FoundPeers lists the found peers, those that were seen last first, at most limit.
func (tx *Tx) FoundPeers(limit int) ([]FoundPeer, error) {
	return all(tx, foundPeerColumns, "SELECT node, enode, roles, seen FROM found_peers ORDER BY seen DESC, node LIMIT ?", limit)
}

// PutFoundPeer stores a found peer instead of what was known of it, and forgets all but the newest keep.
func (tx *Tx) PutFoundPeer(p FoundPeer, keep int) error {
	_, err := tx.do("INSERT OR REPLACE INTO found_peers (node, enode, roles, seen) VALUES (?, ?, ?, ?)", foundPeerColumns(&p)...)
	if err != nil {
		return err
	}
	_, err = tx.do("DELETE FROM found_peers WHERE node IN (SELECT node FROM found_peers ORDER BY seen DESC, node LIMIT -1 OFFSET ?)", keep)
	return err
}

// ForgetFoundPeers forgets all of them.
func (tx *Tx) ForgetFoundPeers() error {
	_, err := tx.do("DELETE FROM found_peers")
	return err
}
