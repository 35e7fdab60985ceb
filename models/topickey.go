package models

// TopicKey is where a channel lives on the wire: what PBKDF2 makes of its name takes 12 ms and is stored once.
type TopicKey struct {
	Name  string `gorm:"primaryKey"`
	Topic []byte // 4 bytes
	Key   []byte // 32 bytes
}

// TopicKey returns the stored topic and key of a name, and whether they are there.
func (tx *Tx) TopicKey(name string) (TopicKey, bool, error) {
	var k TopicKey
	found, err := tx.first(&k, "name = ?", name)
	return k, found, err
}

// TopicNames lists the names with a prefix of ASCII letters and colons of which a topic is stored.
func (tx *Tx) TopicNames(prefix string) ([]string, error) {
	var names []string
	err := tx.db.Model(&TopicKey{}).Where("name GLOB ?", prefix+"*").Order("name").Pluck("name", &names).Error
	return names, typed(err)
}

// PutTopicKey stores the topic and key of a name.
func (tx *Tx) PutTopicKey(k TopicKey) error { return tx.put(&k) }
