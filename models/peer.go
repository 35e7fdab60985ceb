package models

// Peer is a node that the person asked to stay connected to.
type Peer struct {
	Enode string `gorm:"primaryKey"` // enode URL, as it was given
	Added int64  // Unix ms
	Mail  bool   // it was added as a mailserver
}

// Peers lists the remembered peers, the oldest first.
func (tx *Tx) Peers() ([]Peer, error) {
	var list []Peer
	err := tx.db.Order("added, enode").Find(&list).Error
	return list, typed(err)
}

// AddPeer remembers a peer, or what is said of it now, and says whether it is new.
func (tx *Tx) AddPeer(p Peer) (bool, error) {
	isNew, err := tx.putNew(&p)
	if isNew || err != nil {
		return isNew, err
	}
	return false, tx.exec("UPDATE peers SET mail = ? WHERE enode = ?", p.Mail, p.Enode)
}

// RemovePeer forgets a peer and says whether it was known.
func (tx *Tx) RemovePeer(enode string) (bool, error) {
	result := tx.db.Delete(&Peer{Enode: enode})
	return result.RowsAffected > 0, typed(result.Error)
}
