package models

// Network is a network that the account joined.
type Network struct {
	Name   string // what it is called here; no two have the same
	Link   string // the invite link with its nodes
	Active bool   // its nodes are connected
	Joined int64  // Unix ms
}

func networkColumns(n *Network) []any { return []any{&n.Name, &n.Link, &n.Active, &n.Joined} }

// Networks lists the networks in the order in which they were joined.
func (tx *Tx) Networks() ([]Network, error) {
	return all(tx, networkColumns, "SELECT name, link, active, joined FROM networks ORDER BY joined, id")
}

// PutNetwork stores a network instead of the one that has its name, whose time of joining stays. Where it is the active one,
// no other is from now on.
func (tx *Tx) PutNetwork(n Network) error {
	if n.Active {
		if _, err := tx.do("UPDATE networks SET active = 0"); err != nil {
			return err
		}
	}
	_, err := tx.do("INSERT INTO networks (name, link, active, joined) VALUES (?, ?, ?, ?) "+
		"ON CONFLICT (name) DO UPDATE SET link = excluded.link, active = excluded.active", networkColumns(&n)...)
	return err
}

// RemoveNetwork forgets a network and says whether it was there.
func (tx *Tx) RemoveNetwork(name string) (bool, error) {
	return changed(tx.do("DELETE FROM networks WHERE name = ?", name))
}
