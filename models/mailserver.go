package models

// Mailserver is how a mailserver served this account so far. Which ones there are is not told by these rows.
type Mailserver struct {
	Node     [32]byte // node id
	Answered int64    // Unix ms at which it last answered completely; 0: never
	Failed   int64    // Unix ms at which it last did not serve as it should; 0: never
	Failures int      // since it last answered
	Missed   int      // envelopes that others had and it did not
	Trouble  string   // one sentence about its last failure; empty while it works
}

func mailserverColumns(m *Mailserver) []any {
	return []any{fixed(m.Node[:]), &m.Answered, &m.Failed, &m.Failures, &m.Missed, &m.Trouble}
}

const ofMailserver = "node, answered, failed, failures, missed, trouble"

// Mailservers lists how the servers served that were asked before.
func (tx *Tx) Mailservers() ([]Mailserver, error) {
	return all(tx, mailserverColumns, "SELECT "+ofMailserver+" FROM mailservers ORDER BY node")
}

// Mailserver is how one server served; the zero value with its node where it was never asked.
func (tx *Tx) Mailserver(node [32]byte) (Mailserver, error) {
	m, found, err := one(tx, mailserverColumns, "SELECT "+ofMailserver+" FROM mailservers WHERE node = ?", node[:])
	if !found {
		m.Node = node
	}
	return m, err
}

// PutMailserver stores how a server served, instead of what was known of it.
func (tx *Tx) PutMailserver(m Mailserver) error {
	_, err := tx.do("INSERT OR REPLACE INTO mailservers ("+ofMailserver+") VALUES (?, ?, ?, ?, ?, ?)", mailserverColumns(&m)...)
	return err
}
