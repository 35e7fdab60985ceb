package models

// mostSpans is how many spans are kept of one topic and server. Whoever asks goes on where the last answer ended, so there are
// few; what goes is only asked for again.
const mostSpans = 64

// Coverage says that a server gave everything it had on a topic from Start to before Until, in Unix seconds.
type Coverage struct {
	Topic  [4]byte
	Server [32]byte // node id
	Start  int64
	Until  int64
	At     int64 // Unix ms at which it last answered for a part of it
}

func coverageColumns(c *Coverage) []any {
	return []any{fixed(c.Topic[:]), fixed(c.Server[:]), &c.Start, &c.Until, &c.At}
}

// Cover adds a span to what its server answered for on its topic. Spans that touch become one; the newest 64 stay.
func (tx *Tx) Cover(c Coverage) error {
	if c.Until <= c.Start {
		return nil
	}
	const touching = "FROM coverage WHERE topic = ? AND server = ? AND start <= ? AND until >= ?"
	these := []any{c.Topic[:], c.Server[:], c.Until, c.Start}
	met, err := all(tx, coverageColumns, "SELECT topic, server, start, until, at "+touching, these...)
	if err != nil {
		return err
	}
	for _, old := range met {
		c.Start, c.Until, c.At = min(c.Start, old.Start), max(c.Until, old.Until), max(c.At, old.At)
	}
	if len(met) > 0 {
		if _, err := tx.do("DELETE "+touching, these...); err != nil {
			return err
		}
	}
	if _, err = tx.do("INSERT INTO coverage (topic, server, start, until, at) VALUES (?, ?, ?, ?, ?)", coverageColumns(&c)...); err != nil {
		return err
	}
	_, err = tx.do("DELETE FROM coverage WHERE topic = ? AND server = ? AND start IN "+
		"(SELECT start FROM coverage WHERE topic = ? AND server = ? ORDER BY start DESC LIMIT -1 OFFSET ?)",
		c.Topic[:], c.Server[:], c.Topic[:], c.Server[:], mostSpans)
	return err
}

// Coverage lists what servers answered for, by topic, server and time.
func (tx *Tx) Coverage() ([]Coverage, error) {
	return all(tx, coverageColumns, "SELECT topic, server, start, until, at FROM coverage ORDER BY topic, server, start")
}

// RecallCoverage takes back what was said of times after a given one: spans that reach beyond it end at an earlier one. Times
// are Unix seconds.
func (tx *Tx) RecallCoverage(beyond, to int64) error {
	if _, err := tx.do("DELETE FROM coverage WHERE until > ? AND start >= ?", beyond, to); err != nil {
		return err
	}
	_, err := tx.do("UPDATE coverage SET until = ? WHERE until > ?", to, beyond)
	return err
}

// ForgetCoverage drops the spans that end before a time in Unix seconds.
func (tx *Tx) ForgetCoverage(before int64) error {
	_, err := tx.do("DELETE FROM coverage WHERE until < ?", before)
	return err
}
