package models

import (
	"time"

	"sotto/node/identity"
	"sotto/node/secure"
)

var _ secure.State = (*Tx)(nil)

// settingBundle is our signed bundle.
const settingBundle = "own_bundle"

func prekeyColumns(p *secure.OwnPrekey) []any {
	return []any{fixed(p.Key[:]), fixed(p.Private[:]), &p.Version, millis{&p.Created}}
}

// OwnPrekey implements secure.State.
func (tx *Tx) OwnPrekey() (secure.OwnPrekey, bool, error) {
	return one(tx, prekeyColumns, "SELECT key, private, version, created FROM own_prekeys ORDER BY version DESC LIMIT 1")
}

// OwnPrekeyOf implements secure.State.
func (tx *Tx) OwnPrekeyOf(key secure.Point) (secure.OwnPrekey, bool, error) {
	return one(tx, prekeyColumns, "SELECT key, private, version, created FROM own_prekeys WHERE key = ?", key[:])
}

// PutOwnPrekey implements secure.State.
func (tx *Tx) PutOwnPrekey(p secure.OwnPrekey) error {
	_, err := tx.do("INSERT OR REPLACE INTO own_prekeys (key, private, version, created) VALUES (?, ?, ?, ?)", prekeyColumns(&p)...)
	return err
}

// ForgetOwnPrekeys implements secure.State.
func (tx *Tx) ForgetOwnPrekeys(before time.Time) error {
	_, err := tx.do("DELETE FROM own_prekeys WHERE version < (SELECT max(version) FROM own_prekeys WHERE created < ?)", before.UnixMilli())
	return err
}

// OwnBundle implements secure.State.
func (tx *Tx) OwnBundle() ([]byte, error) {
	bundle, _, err := tx.Setting(settingBundle)
	return bundle, err
}

// PutOwnBundle implements secure.State.
func (tx *Tx) PutOwnBundle(bundle []byte) error { return tx.SetSetting(settingBundle, bundle) }

func installationColumns(i *secure.Installation) []any {
	return []any{fixed(i.Identity[:]), &i.ID, fixed(i.Prekey[:]), &i.Version, &i.Protocol, &i.Timestamp, millis{&i.Seen},
		&i.Enabled, &i.Answered}
}

// Installations implements secure.State.
func (tx *Tx) Installations(who identity.PublicKey) ([]secure.Installation, error) {
	return all(tx, installationColumns, "SELECT identity, id, prekey, version, protocol, timestamp, seen, enabled, answered "+
		"FROM installations WHERE identity = ? ORDER BY timestamp DESC, id", who[:])
}

// PutInstallation implements secure.State.
func (tx *Tx) PutInstallation(i secure.Installation) error {
	_, err := tx.do("INSERT OR REPLACE INTO installations "+
		"(identity, id, prekey, version, protocol, timestamp, seen, enabled, answered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		installationColumns(&i)...)
	return err
}

// ForgetInstallation implements secure.State.
func (tx *Tx) ForgetInstallation(who identity.PublicKey, id string) error {
	return tx.doAll([]string{
		"DELETE FROM sessions WHERE identity = ? AND installation = ?",
		"DELETE FROM installations WHERE identity = ? AND id = ?",
	}, who[:], id)
}

func sessionColumns(s *secure.Session) []any {
	return []any{&s.ID, fixed(s.Identity[:]), &s.Installation, fixed(s.Prekey[:]), fixed(s.Ephemeral[:]),
		&s.Initiated, &s.Answered, &s.Retired, fixed(s.Root[:]), fixed(s.Own[:]), fixed(s.OwnPublic[:]), fixed(s.Remote[:]),
		fixed(s.SendChain[:]), fixed(s.RecvChain[:]), &s.SendN, &s.RecvN, &s.PN}
}

// Sessions implements secure.State.
func (tx *Tx) Sessions(who identity.PublicKey, installation string, prekey secure.Point) ([]secure.Session, error) {
	return all(tx, sessionColumns, "SELECT id, identity, installation, prekey, ephemeral, initiated, answered, retired, "+
		"root, own, own_public, remote, send_chain, recv_chain, send_n, recv_n, pn "+
		"FROM sessions WHERE identity = ? AND installation = ? AND prekey = ? ORDER BY id DESC", who[:], installation, prekey[:])
}

// PutSession implements secure.State. To whom a session belongs, on which prekey, and who began it never change.
func (tx *Tx) PutSession(s *secure.Session) error {
	result, err := tx.do("INSERT INTO sessions (id, identity, installation, prekey, ephemeral, initiated, answered, retired, "+
		"root, own, own_public, remote, send_chain, recv_chain, send_n, recv_n, pn) "+
		"VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "+
		"ON CONFLICT (id) DO UPDATE SET ephemeral = excluded.ephemeral, answered = excluded.answered, retired = excluded.retired, "+
		"root = excluded.root, own = excluded.own, own_public = excluded.own_public, remote = excluded.remote, "+
		"send_chain = excluded.send_chain, recv_chain = excluded.recv_chain, "+
		"send_n = excluded.send_n, recv_n = excluded.recv_n, pn = excluded.pn", sessionColumns(s)...)
	if err != nil || s.ID != 0 {
		return err
	}
	s.ID, err = result.LastInsertId()
	return err
}

// Talking implements secure.State.
func (tx *Tx) Talking(who identity.PublicKey, installation string) (bool, error) {
	_, found, err := one(tx, column[int],
		"SELECT 1 FROM sessions WHERE identity = ? AND installation = ? AND answered = 1 AND retired = 0 LIMIT 1", who[:], installation)
	return found, err
}

// TrimSessions implements secure.State.
func (tx *Tx) TrimSessions(who identity.PublicKey, installation string, keep int) error {
	_, err := tx.do("DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE identity = ? AND installation = ? "+
		"ORDER BY id DESC LIMIT -1 OFFSET ?)", who[:], installation, keep)
	return err
}

// RetireSessions implements secure.State.
func (tx *Tx) RetireSessions(who identity.PublicKey, installation string) error {
	if installation == "" {
		_, err := tx.do("UPDATE sessions SET retired = 1 WHERE identity = ?", who[:])
		return err
	}
	_, err := tx.do("UPDATE sessions SET retired = 1 WHERE identity = ? AND installation = ?", who[:], installation)
	return err
}

func healingColumns(h *secure.Healing) []any {
	return []any{millis{&h.At}, millis{&h.Sent}, &h.Sends, &h.Message}
}

// Healed implements secure.State.
func (tx *Tx) Healed(who identity.PublicKey) (secure.Healing, error) {
	h, _, err := one(tx, healingColumns, "SELECT at, sent, sends, message FROM healed WHERE identity = ?", who[:])
	return h, err
}

// HealedSince counts whom we told to begin anew since a time.
func (tx *Tx) HealedSince(at time.Time) (int, error) {
	n, _, err := one(tx, column[int], "SELECT count(*) FROM healed WHERE at >= ?", at.UnixMilli())
	return n, err
}

// PutHealed implements secure.State.
func (tx *Tx) PutHealed(who identity.PublicKey, h secure.Healing) error {
	_, err := tx.do("INSERT OR REPLACE INTO healed (identity, at, sent, sends, message) VALUES (?, ?, ?, ?, ?)",
		append([]any{who[:]}, healingColumns(&h)...)...)
	return err
}

// TakeSkipped implements secure.State.
func (tx *Tx) TakeSkipped(session int64, ratchet secure.Point, n uint32) ([32]byte, bool, error) {
	return one(tx, func(key *[32]byte) []any { return []any{fixed(key[:])} },
		"DELETE FROM skipped_keys WHERE session = ? AND ratchet = ? AND n = ? RETURNING key", session, ratchet[:], n)
}

// PutSkipped implements secure.State. Where there is a key of that number already, as a peer can make it that goes back to an
// old ratchet key, the new one takes its place.
func (tx *Tx) PutSkipped(session int64, keys []secure.SkippedKey, keep int) error {
	if len(keys) == 0 {
		return nil
	}
	pool, ctx := tx.db.Statement.ConnPool, tx.db.Statement.Context
	put, err := pool.PrepareContext(ctx, "INSERT OR REPLACE INTO skipped_keys (session, ratchet, n, key) VALUES (?, ?, ?, ?)")
	if err != nil {
		return typed(err)
	}
	defer put.Close()
	for _, k := range keys {
		if _, err := put.ExecContext(ctx, session, k.Ratchet[:], k.N, k.Key[:]); err != nil {
			return typed(err)
		}
	}
	_, err = tx.do("DELETE FROM skipped_keys WHERE session = ? AND seq <= "+
		"(SELECT seq FROM skipped_keys WHERE session = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)", session, session, keep)
	return err
}

// TrimSkipped drops the oldest skipped keys of somebody's sessions beyond keep. It costs what there is of them.
func (tx *Tx) TrimSkipped(who identity.PublicKey, keep int) error {
	const theirs = "session IN (SELECT id FROM sessions WHERE identity = ?1)"
	_, err := tx.do("DELETE FROM skipped_keys WHERE "+theirs+" AND seq <= "+
		"(SELECT seq FROM skipped_keys WHERE "+theirs+" ORDER BY seq DESC LIMIT 1 OFFSET ?2)", who[:], keep)
	return err
}

// ForgetInstallationKeys drops all private keys of this installation, its sessions and skipped keys, so that none of them is
// used a second time. What is known of others' devices stays; when others were told to begin anew is forgotten.
func (tx *Tx) ForgetInstallationKeys() error {
	if err := tx.doAll([]string{"DELETE FROM sessions", "DELETE FROM own_prekeys", "DELETE FROM healed"}); err != nil {
		return err
	}
	return tx.PutOwnBundle(nil)
}

// ForgetIdentity drops what the layers below the chats remember of a stranger: devices, sessions, skipped keys, which messages
// came, which are to be acknowledged.
func (tx *Tx) ForgetIdentity(who identity.PublicKey) error {
	return tx.doAll([]string{
		"DELETE FROM sessions WHERE identity = ?",
		"DELETE FROM installations WHERE identity = ?",
		"DELETE FROM healed WHERE identity = ?",
		"DELETE FROM sync_received WHERE sender = ?",
		"DELETE FROM owed_acks WHERE peer = ?",
	}, who[:])
}
