package archive

import (
	"database/sql"
	"fmt"

	"gorm.io/gorm"

	"sotto/models"
	"sotto/node/mailserver"
	"sotto/node/whisper"
)

// key is what the indexes know of an envelope.
type key struct {
	sent  uint32
	hash  whisper.Hash
	topic whisper.Topic
	size  int // bytes of RLP
}

const keyColumns = "sent, hash, topic, size"

// after is the place behind an envelope.
func (k key) after() place { return place{sent: k.sent, hash: k.hash[:]} }

// place is between two envelopes of the archive's order: behind sent and hash. An empty hash is before every other.
type place struct {
	sent uint32
	hash []byte
}

// begin is the place from which a query reads on.
func begin(q mailserver.Query) place {
	if q.After == nil || q.After.Sent < q.Lower {
		return place{sent: q.Lower, hash: []byte{}}
	}
	return place{sent: q.After.Sent, hash: q.After.Hash[:]}
}

// readKeys reads the rows of a query for keyColumns, of which there are at most most.
func readKeys(tx *gorm.DB, most int, query string, args ...any) ([]key, error) {
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := make([]key, 0, min(most, 64))
	var hash, topic sql.RawBytes
	for rows.Next() {
		var k key
		if err := rows.Scan(&k.sent, &hash, &topic, &k.size); err != nil {
			return nil, err
		}
		if k.hash, err = hashFrom(hash); err != nil {
			return nil, err
		}
		if k.topic, err = topicFrom(topic); err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	return list, rows.Err()
}

// hashFrom and topicFrom read bytes of the database. Others than Put may have written there.

func hashFrom(b []byte) (h whisper.Hash, err error) {
	if len(b) != len(h) {
		return h, fmt.Errorf("%w: a hash of %d bytes", models.ErrNotDatabase, len(b))
	}
	return whisper.Hash(b), nil
}

func topicFrom(b []byte) (t whisper.Topic, err error) {
	if len(b) != len(t) {
		return t, fmt.Errorf("%w: a topic of %d bytes", models.ErrNotDatabase, len(b))
	}
	return whisper.Topic(b), nil
}
